package iam

import (
	"errors"
	"slices"
)

// Parse parses a policy document of one kind. If the document isn't a valid
// policy of that kind, Parse returns a [*ParseError] with every problem. Parse
// only rejects documents without a meaning; the linter reports unwise policies
// and those that AWS doesn't store.
func Parse(kind Kind, document []byte) (*Policy, error) {
	if len(document) <= MaxDocumentBytes {
		if policy, ok := parseQuick(kind, document); ok {
			return policy, nil
		}
	}
	return parseThoroughly(kind, document)
}

func parseThoroughly(kind Kind, document []byte) (*Policy, error) {
	root, err := ParseDocument(document)
	if root == nil {
		return nil, err
	}
	policy, findings := FromDocument(kind, root)
	var syntax *ParseError
	if errors.As(err, &syntax) {
		findings = append(slices.Clone(syntax.Findings), findings...)
	}
	if len(findings) > 0 {
		slices.SortStableFunc(findings, func(a, b Finding) int { return a.Position.Offset - b.Position.Offset })
		return nil, &ParseError{Findings: findings[:min(len(findings), maxFindings)]}
	}
	return policy, nil
}

// FromDocument returns the policy in a syntax tree as far as it is valid, and
// every finding. It is for tools that read invalid documents: don't evaluate a
// policy that has findings.
func FromDocument(kind Kind, root *Node) (*Policy, []Finding) {
	r := reader{kind: kind}
	policy := &Policy{Kind: kind}
	r.policy(policy, root)
	return policy, r.findings
}

// reader converts a syntax tree into a policy and collects findings.
type reader struct {
	kind     Kind
	findings []Finding
	path     []step // of the current value
	texts    slab[Text]
	lists    slab[List]
	gathered []Text // values of the current list
}

func (r *reader) policy(p *Policy, root *Node) {
	if !r.object(root) {
		return
	}
	for i := range root.Members {
		m := &root.Members[i]
		r.enter(m.Name)
		switch m.Name {
		case "Version":
			p.Version = r.text(&m.Value)
			if v := p.Version.Value; m.Value.Kind == StringNode && v != Version2008 && v != Version2012 {
				r.report(CodeInvalidVersion, m.Value.Position, "unknown version %q; use %q or %q", clip(v), Version2012,
					Version2008)
			}
		case "Id":
			p.ID = r.text(&m.Value)
		case "Statement":
			r.statements(p, &m.Value)
		default:
			r.unknown(m, "a policy can have Version, Id and Statement")
		}
		r.leave()
	}
	if root.Member("Statement") == nil {
		r.report(CodeMissingStatement, root.Position, "the policy has no Statement")
	}
}

func (r *reader) statements(p *Policy, n *Node) {
	switch n.Kind {
	case ObjectNode:
		p.Statements = make([]Statement, 1)
		r.statement(&p.Statements[0], n)
	case ArrayNode:
		if len(n.Elements) == 0 {
			r.report(CodeEmptyStatement, n.Position, "the Statement list is empty")
		}
		p.Statements = make([]Statement, len(n.Elements))
		for i := range n.Elements {
			r.path = append(r.path, step{index: i})
			r.statement(&p.Statements[i], &n.Elements[i])
			r.leave()
		}
	default:
		r.mismatch(n, "an object or an array of objects")
	}
}

func (r *reader) statement(s *Statement, n *Node) {
	s.Position = n.Position
	if !r.object(n) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		r.enter(m.Name)
		switch m.Name {
		case "Sid":
			s.Sid = r.text(&m.Value)
		case "Effect":
			s.Effect = r.text(&m.Value)
			if e := s.Effect.Value; m.Value.Kind == StringNode && e != "Allow" && e != "Deny" {
				r.report(CodeInvalidEffect, m.Value.Position, "unknown effect %q; use \"Allow\" or \"Deny\"", clip(e))
			}
		case "Principal":
			s.Principal = r.principal(m)
		case "NotPrincipal":
			s.NotPrincipal = r.principal(m)
		case "Action":
			s.Action = r.newList(&m.Value)
		case "NotAction":
			s.NotAction = r.newList(&m.Value)
		case "Resource":
			s.Resource = r.newList(&m.Value)
		case "NotResource":
			s.NotResource = r.newList(&m.Value)
		case "Condition":
			s.Conditions = r.conditions(&m.Value)
		default:
			r.unknown(
				m,
				"a statement can have Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, "+
					"NotResource and Condition",
			)
		}
		r.leave()
	}
	r.elements(n)
}

// elements checks that a statement has the required elements of its kind.
func (r *reader) elements(n *Node) {
	if n.Member("Effect") == nil {
		r.report(CodeMissingEffect, n.Position, "the statement has no Effect")
	}
	r.oneOf(n, "Action", "NotAction", CodeMissingAction, true)
	if r.kind == Trust {
		for _, name := range [...]string{"Resource", "NotResource"} {
			if m := n.Member(name); m != nil {
				r.enter(name)
				r.report(CodeTrustHasResource, m.Position,
					"a trust policy can't have %s, because its resource is always its role", name)
				r.leave()
			}
		}
	} else {
		r.oneOf(n, "Resource", "NotResource", CodeMissingResource, true)
	}
	r.oneOf(n, "Principal", "NotPrincipal", CodeMissingPrincipal, r.kind.hasPrincipal())
}

// oneOf checks that a statement has an element or its Not-element, but not
// both.
func (r *reader) oneOf(n *Node, name, not, missing string, needed bool) {
	positive, negative := n.Member(name), n.Member(not)
	switch {
	case positive != nil && negative != nil:
		r.report(CodeElementCombination, negative.Position, "the statement has both %s and %s; use only one", name, not)
	case needed && positive == nil && negative == nil:
		r.report(missing, n.Position, "the statement has neither %s nor %s", name, not)
	}
}
