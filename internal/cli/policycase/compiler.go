package policycase

import (
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// Bounds of what a [Compiler] remembers; beyond them it forgets all.
const (
	maxRemembered      = 8192
	maxRememberedBytes = 32 << 20
)

// Compiler compiles the policies of cases, the same text once. It is for one
// goroutine.
type Compiler struct {
	remembered [5]map[string]outcome // by kind and text
	bytes      int
	count      int
}

type outcome struct {
	compiled *iam.Compiled
	err      error
}

// Policies compiles what a case needs.
func (c *Compiler) Policies(of *Case) (*iam.Policies, error) {
	p := new(iam.Policies)
	var err error
	if p.Identity, err = c.list(iam.Identity, of.identity); err != nil {
		return nil, err
	}
	if p.Session, err = c.list(iam.Session, of.session); err != nil {
		return nil, err
	}
	if p.Resource, err = c.one(iam.Resource, of.resource); err != nil {
		return nil, fmt.Errorf("resource %w", err)
	}
	if p.Trust, err = c.one(iam.Trust, of.trust); err != nil {
		return nil, fmt.Errorf("trust %w", err)
	}
	if p.Boundary, err = c.one(iam.Boundary, of.boundary); err != nil {
		return nil, fmt.Errorf("boundary %w", err)
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
		if list[i], err = c.one(kind, document); err != nil {
			return nil, fmt.Errorf("%s policy %d: %w", kind, i+1, err)
		}
	}
	return list, nil
}

func (c *Compiler) one(kind iam.Kind, document string) (*iam.Compiled, error) {
	if document == "" {
		return nil, nil
	}
	if known, ok := c.remembered[kind][document]; ok {
		return known.compiled, known.err
	}
	compiled, err := compile(kind, document)
	c.remember(kind, document, outcome{compiled, err})
	return compiled, err
}

func compile(kind iam.Kind, document string) (*iam.Compiled, error) {
	policy, err := iam.Parse(kind, []byte(document))
	if err != nil {
		return nil, err
	}
	return iam.Compile(policy)
}

func (c *Compiler) remember(kind iam.Kind, document string, o outcome) {
	if c.count >= maxRemembered || c.bytes+len(document) > maxRememberedBytes {
		*c = Compiler{}
	}
	if c.remembered[kind] == nil {
		c.remembered[kind] = make(map[string]outcome)
	}
	c.remembered[kind][document] = o
	c.count++
	c.bytes += len(document)
}
