// Package explain explains a decision of the policy engine: the reason in one
// sentence; for every statement whether it applied, or the first element that
// didn't match with its expected and actual values; and what to change.
//
// The explanation is a [Trace], which is data. [Trace.Text], [Trace.HTML] and
// its JSON are views of it. The matcher that decides also writes the trace, so
// the two can't disagree.
package explain

import (
	"fmt"

	"github.com/windlass-io/windlass/iam"
)

// Options are optional sources besides the policies.
type Options struct {
	// Carries reports whether requests of an action carry a condition key,
	// according to AWS's Service Authorization Reference. known is false for
	// actions that the reference doesn't list. reference.Carries implements
	// it. Without Carries, a missing key is reported as absent, even if it can
	// never be present.
	Carries func(action, key string) (known, carries bool)

	// Title returns the name of a policy, such as "AmazonS3ReadOnlyAccess", or
	// "" if it has none. It takes the policy's kind and its index among those
	// of its kind. If Title is nil, no policy has a name.
	Title func(kind iam.Kind, index int) string
}

// Trace is the explanation of a decision.
type Trace struct {
	Decision iam.Effect `json:"decision"`
	Reason   string     `json:"reason"` // one sentence
	// what to change so that the request is allowed; empty if it is allowed
	Fix       string   `json:"fix,omitempty"`
	Kind      string   `json:"kind,omitempty"`      // of the policy that decided, or that lacks an Allow
	Policy    *int     `json:"policy,omitempty"`    // its index among those of its kind, from 0
	Statement *int     `json:"statement,omitempty"` // the index of the statement that decided, from 0
	Request   Request  `json:"request"`
	Policies  []Policy `json:"policies"` // all evaluated policies, in the order of [iam.Policies]
}

// Request is the request in a readable form.
type Request struct {
	Principal       string `json:"principal"`
	Action          string `json:"action"`
	Resource        string `json:"resource"`
	ResourceAccount string `json:"resource_account,omitempty"`
	Keys            []Key  `json:"context"`
}

// Key is a condition key of the request.
type Key struct {
	Name   string   `json:"key"`
	Values []string `json:"values"`
}

// Policy is the outcome of one policy.
type Policy struct {
	Kind       string      `json:"kind"`
	Index      int         `json:"index"`           // among those of its kind
	Title      string      `json:"title,omitempty"` // its name, from [Options].Title
	Statements []Statement `json:"statements"`
}

// Statement is the outcome of one statement.
type Statement struct {
	Index    int      `json:"index"`
	Sid      string   `json:"sid,omitempty"`
	Line     int      `json:"line,omitempty"` // of the document, from 1
	Effect   string   `json:"effect"`
	Applies  bool     `json:"applies"`
	Failed   Element  `json:"failed,omitempty"`   // the first element that didn't match
	Cause    Cause    `json:"cause,omitempty"`    // why a condition failed
	Operator string   `json:"operator,omitempty"` // of the condition that failed
	Key      string   `json:"key,omitempty"`      // of the condition that failed
	Wanted   []string `json:"wanted,omitempty"`   // the values of the element that failed
	Actual   []string `json:"actual,omitempty"`   // the request's values; empty when it has none
	Open     bool     `json:"open,omitempty"`     // AWS doesn't document the outcome; the stricter one was taken
	Says     string   `json:"says"`               // the outcome in a sentence
}

// Element is the part of a statement that didn't match.
type Element string

// The elements.
const (
	Action    Element = "action"
	Principal Element = "principal"
	Resource  Element = "resource"
	Condition Element = "condition"
)

// Cause is the reason why a condition failed.
type Cause string

// The causes.
const (
	KeyNeverPresent    Cause = "key-never-present"   // requests of this action never carry the key
	KeyAbsent          Cause = "key-absent"          // this request doesn't carry the key
	KeyPresent         Cause = "key-present"         // Null requires the key to be absent
	ValueDiffers       Cause = "value-differs"       // the values differ
	VariableUnresolved Cause = "variable-unresolved" // a policy variable has no value in this request
	SeveralValues      Cause = "several-values"      // the operator compares a single value
	EmptyValue         Cause = "empty-value"         // the value is empty, which the operator treats as missing
)

// Explain decides a request like [iam.Evaluate] and returns the explanation.
func Explain(policies *iam.Policies, request *iam.Request, options Options) *Trace {
	if policies == nil {
		policies = &iam.Policies{}
	}
	w := recorder{request: request, options: options}
	decision := iam.Observe(policies, request, &w)
	t := &Trace{Decision: decision.Effect, Request: describe(request), Policies: w.policies}
	if decision.Reason != iam.NoPermissionNeeded {
		t.Kind = decision.Kind.String()
	}
	if decision.Policy >= 0 {
		t.Policy = &decision.Policy
	}
	if decision.Statement >= 0 {
		t.Statement = &decision.Statement
	}
	n := narrator{trace: t, decision: decision, request: request, policies: policies}
	t.Reason = n.reason()
	if !decision.Allowed() {
		t.Fix = n.fix()
	}
	return t
}

func (o *Options) title(kind iam.Kind, index int) string {
	if o.Title == nil {
		return ""
	}
	return o.Title(kind, index)
}

// recorder records the outcome of each statement.
type recorder struct {
	request  *iam.Request
	options  Options
	policies []Policy
}

// Statement implements [iam.Observer].
func (w *recorder) Statement(kind iam.Kind, policy int, c *iam.Compiled, statement int, match iam.Match) {
	if statement == 0 {
		w.policies = append(w.policies,
			Policy{Kind: kind.String(), Index: policy, Title: w.options.title(kind, policy)})
	}
	current := &w.policies[len(w.policies)-1]
	source := &c.Policy().Statements[statement]
	s := Statement{
		Index: statement, Sid: source.Sid.Value, Line: source.Position.Line, Effect: source.Effect.Value,
		Applies: match.Applies, Open: match.Doubt,
	}
	w.fill(&s, source, match)
	s.Says = sentence(&s, source)
	current.Statements = append(current.Statements, s)
}

func describe(r *iam.Request) Request {
	d := Request{
		Principal: Name(&r.Principal), Action: r.Action, Resource: r.Resource,
		ResourceAccount: r.ResourceAccount, Keys: []Key{},
	}
	for _, key := range r.Context.Keys() {
		d.Keys = append(d.Keys, Key{Name: key, Values: r.Context.Values(key)})
	}
	return d
}

// Name returns the ARN of a caller if it has one, else a description.
func Name(p *iam.Principal) string {
	switch {
	case p.Type == iam.Anonymous:
		return "an unsigned request"
	case p.Type == iam.Service:
		return "the service " + p.Service
	case p.Type == iam.WebIdentity || p.Type == iam.SAML:
		return "a token from " + p.Provider
	case p.ARN != "":
		return p.ARN
	default:
		return fmt.Sprintf("a %s of account %s", p.Type, p.Account)
	}
}
