package policycase

import (
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// Limits of a [Compiler]'s cache. Beyond them it starts with an empty cache.
const (
	maxCached      = 8192
	maxCachedBytes = 32 << 20
)

// Compiler compiles the policies of cases and caches them by their text. It is for one
// goroutine.
type Compiler struct {
	cached map[document]outcome
	bytes  int
}

type document struct {
	kind iam.Kind
	text string
}

type outcome struct {
	compiled *iam.Compiled
	err      error
}

// Policies returns the compiled policies of a case.
func (c *Compiler) Policies(of *Case) (*iam.Policies, error) {
	p := new(iam.Policies)
	var err error
	if p.Identity, err = c.list(iam.Identity, of.identity); err != nil {
		return nil, err
	}
	if p.Session, err = c.list(iam.Session, of.session); err != nil {
		return nil, err
	}
	if p.Resource, err = c.policy(iam.Resource, of.resource); err != nil {
		return nil, fmt.Errorf("resource %w", err)
	}
	if p.Trust, err = c.policy(iam.Trust, of.trust); err != nil {
		return nil, fmt.Errorf("trust %w", err)
	}
	if p.Boundary, err = c.policy(iam.Boundary, of.boundary); err != nil {
		return nil, fmt.Errorf("boundary %w", err)
	}
	for _, level := range of.scp {
		compiled, err := c.list(iam.ServiceControl, level)
		if err != nil {
			return nil, err
		}
		p.ServiceControl = append(p.ServiceControl, compiled)
	}
	if p.ResourceControl, err = c.list(iam.ResourceControl, of.rcp); err != nil {
		return nil, err
	}
	if p.Endpoint, err = c.policy(iam.Endpoint, of.endpoint); err != nil {
		return nil, fmt.Errorf("endpoint %w", err)
	}
	return p, nil
}

func (c *Compiler) list(kind iam.Kind, documents []string) ([]*iam.Compiled, error) {
	if len(documents) == 0 {
		return nil, nil
	}
	list := make([]*iam.Compiled, len(documents))
	for i, document := range documents {
		var err error
		if list[i], err = c.policy(kind, document); err != nil {
			return nil, fmt.Errorf("%s policy %d: %w", kind, i+1, err)
		}
	}
	return list, nil
}

func (c *Compiler) policy(kind iam.Kind, text string) (*iam.Compiled, error) {
	if text == "" {
		return nil, nil
	}
	d := document{kind, text}
	if known, ok := c.cached[d]; ok {
		return known.compiled, known.err
	}
	compiled, err := compile(d)
	c.store(d, outcome{compiled, err})
	return compiled, err
}

func compile(d document) (*iam.Compiled, error) {
	policy, err := iam.Parse(d.kind, []byte(d.text))
	if err != nil {
		return nil, err
	}
	return iam.Compile(policy)
}

func (c *Compiler) store(d document, o outcome) {
	if len(c.cached) >= maxCached || c.bytes+len(d.text) > maxCachedBytes {
		*c = Compiler{}
	}
	if c.cached == nil {
		c.cached = make(map[document]outcome)
	}
	c.cached[d] = o
	c.bytes += len(d.text)
}
