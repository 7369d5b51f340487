package iam

import (
	"fmt"
	"strings"
)

// Compiled is a policy ready for evaluation. It is immutable and safe for
// concurrent use.
type Compiled struct {
	policy         *Policy
	statements     []statement
	denies, allows []candidate // by effect, in order
}

// candidate is a statement with a fast filter on actions.
type candidate struct {
	bits uint64 // the bits of the statement's [actionSet]
	*statement
}

// Policy returns the policy that was compiled. Don't change it.
func (c *Compiled) Policy() *Policy { return c.policy }

// Compile compiles a policy for evaluation. If the policy has unknown
// operators or malformed numbers, dates, addresses or variables, Compile
// returns a [*CompileError] with every problem. Don't change the policy
// afterwards.
func Compile(p *Policy) (*Compiled, error) {
	c := compiler{syntax: syntax{wildcards: true, variables: p.Version.Value == Version2012}}
	compiled := &Compiled{policy: p, statements: make([]statement, len(p.Statements))}
	for i := range p.Statements {
		s := &compiled.statements[i]
		s.index, c.index = i, i
		c.statement(s, &p.Statements[i])
	}
	if len(c.findings) > 0 {
		return nil, &CompileError{Findings: c.findings}
	}
	compiled.sort()
	return compiled, nil
}

// sort separates Deny from Allow statements once, instead of in every
// evaluation.
func (c *Compiled) sort() {
	all := make([]candidate, 0, len(c.statements))
	for i := range c.statements {
		if s := &c.statements[i]; s.deny {
			all = append(all, candidate{s.action.bits, s})
		}
	}
	denies := len(all)
	for i := range c.statements {
		if s := &c.statements[i]; !s.deny {
			all = append(all, candidate{s.action.bits, s})
		}
	}
	c.denies, c.allows = all[:denies:denies], all[denies:]
}

type compiler struct {
	syntax   syntax
	index    int // the statement's index
	findings []Finding

	actionNames slab[namedAction]
	arns        slab[arnPattern]
	conditions  slab[condition]
	patterns    slab[pattern]
}

func (c *compiler) statement(out *statement, s *Statement) {
	switch s.Effect.Value {
	case "Allow":
	case "Deny":
		out.deny = true
	default:
		c.report(CodeInvalidEffect, s.Effect.Position, "Effect",
			fmt.Sprintf("unknown effect %q; use \"Allow\" or \"Deny\"", clip(s.Effect.Value)))
	}
	c.actions(out, s)
	c.resources(out, s)
	switch {
	case s.Principal != nil:
		out.principal = new(compilePrincipal(s.Principal, false))
	case s.NotPrincipal != nil:
		out.principal = new(compilePrincipal(s.NotPrincipal, true))
	}
	out.conditions = c.conditions.take(len(s.Conditions))
	for i := range s.Conditions {
		c.condition(&out.conditions[i], &s.Conditions[i])
	}
}

func (c *compiler) actions(out *statement, s *Statement) {
	name, list, negated := "Action", s.Action, false
	if list == nil {
		name, list, negated = "NotAction", s.NotAction, true
	}
	if list == nil {
		c.report(CodeMissingAction, s.Position, "", "the statement has neither Action nor NotAction")
		return
	}
	set := actionSet{negated: negated, exact: c.actionNames.take(len(list.Values))[:0]}
	f, at := set.compile(list)
	c.fault(f, at, name)
	out.action = set
}

func (c *compiler) resources(out *statement, s *Statement) {
	name, list, negated := "Resource", s.Resource, false
	if list == nil {
		name, list, negated = "NotResource", s.NotResource, true
	}
	if list == nil {
		out.anyResource = true // in a trust policy, whose resource is its role
		return
	}
	set := resourceSet{negated: negated, patterns: c.arns.take(len(list.Values))[:0]}
	f, at := set.compile(list, c.syntax)
	c.fault(f, at, name)
	out.resource = set
	out.anyResource = set.isAny()
}

func (c *compiler) condition(out *condition, s *Condition) {
	parsed, ok := ParseOperator(s.Operator.Value)
	if !ok {
		c.report(CodeUnknownOperator, s.Operator.Position, "Condition",
			fmt.Sprintf("unknown condition operator %q", clip(s.Operator.Value)))
		return
	}
	o, _ := findOperator(parsed.Name)
	if o.family == nullFamily && parsed.IfExists {
		c.report(CodeNullWithIfExists, s.Operator.Position, "Condition",
			"Null tests whether a key exists, so it can't have IfExists")
		return
	}
	if !strings.Contains(s.Key.Value, ":") {
		c.report(CodeInvalidKey, s.Key.Position, conditionPath(s),
			fmt.Sprintf("the condition key %q has no prefix such as aws: or s3:", clip(s.Key.Value)))
	}
	*out = condition{
		family:     o.family,
		order:      o.order,
		negated:    o.negated,
		ifExists:   parsed.IfExists,
		quantifier: parsed.quantifier(),
		key:        s.Key.Value,
		hash:       hashKey(s.Key.Value),
	}
	if o.family.isText() {
		out.operands.patterns = c.patterns.take(len(s.Values.Values))[:0]
	}
	for _, v := range s.Values.Values {
		if f := out.operands.add(o.family, v.Value, c.syntax); f != nil {
			c.fault(f, v.Position, conditionPath(s))
		}
	}
	out.plain = o.family != arnFamily
	for i := range out.operands.patterns {
		out.plain = out.plain && !out.operands.patterns[i].hasVariables()
	}
	out.simple = out.plain && o.family != nullFamily && out.quantifier == single
}

func conditionPath(s *Condition) string {
	return "Condition." + clip(s.Operator.Value) + "." + clip(s.Key.Value)
}

func (c *compiler) fault(f *fault, at Position, path string) {
	if f != nil {
		c.report(f.code, at, path, f.message)
	}
}

func (c *compiler) report(code string, at Position, element, message string) {
	path := fmt.Sprintf("Statement[%d]", c.index)
	if element != "" {
		path += "." + element
	}
	if len(c.findings) < maxFindings {
		c.findings = append(c.findings, Finding{Code: code, Position: at, Path: path, Message: message})
	}
}
