package iam

import (
	"fmt"
	"slices"
)

// Parse reads a policy document of one kind. Where the document is not a
// policy of that kind, the policy is nil and the error is a [*ParseError] with
// every fault found. Parse refuses what has no meaning; what has one but is
// unwise, or what AWS does not store, is for a linter.
func Parse(kind Kind, document []byte) (*Policy, error) {
	root, err := ParseDocument(document)
	if root == nil {
		return nil, err
	}
	policy, findings := FromDocument(kind, root)
	if err != nil {
		findings = append(err.(*ParseError).Findings, findings...) //nolint:errorlint // ParseDocument returns no other, and not wrapped
	}
	if len(findings) > 0 {
		slices.SortStableFunc(findings, func(a, b Finding) int { return a.Position.Offset - b.Position.Offset })
		return nil, &ParseError{Findings: findings}
	}
	return policy, nil
}

// FromDocument reads a policy from a syntax tree as far as it goes, with
// every fault found. It is for tools that look at documents which are not
// valid: a policy that came with findings is not for evaluation.
func FromDocument(kind Kind, root *Node) (*Policy, []Finding) {
	r := reader{kind: kind}
	policy := &Policy{Kind: kind}
	r.policy(policy, root)
	return policy, r.findings
}

// reader turns a syntax tree into a policy and notes what is wrong.
type reader struct {
	kind     Kind
	findings []Finding
}

func (r *reader) policy(p *Policy, root *Node) {
	if !r.object(root, "") {
		return
	}
	for i := range root.Members {
		m := &root.Members[i]
		switch m.Name {
		case "Version":
			p.Version = r.text(&m.Value, "Version")
			if v := p.Version.Value; m.Value.Kind == StringNode && v != Version2008 && v != Version2012 {
				r.report(CodeInvalidVersion, m.Value.Position, "Version", "the version %q is neither %q nor %q", clip(v), Version2012, Version2008)
			}
		case "Id":
			p.ID = r.text(&m.Value, "Id")
		case "Statement":
			r.statements(p, &m.Value)
		default:
			r.unknown(m, m.Name, "a policy has Version, Id and Statement")
		}
	}
	if root.Member("Statement") == nil {
		r.report(CodeMissingStatement, root.Position, "", "the policy has no Statement")
	}
}

func (r *reader) statements(p *Policy, n *Node) {
	switch n.Kind {
	case ObjectNode:
		p.Statements = make([]Statement, 1)
		r.statement(&p.Statements[0], n, "Statement")
	case ArrayNode:
		if len(n.Elements) == 0 {
			r.report(CodeEmptyStatement, n.Position, "Statement", "the policy has no statement in its Statement list")
		}
		p.Statements = make([]Statement, len(n.Elements))
		for i := range n.Elements {
			r.statement(&p.Statements[i], &n.Elements[i], fmt.Sprintf("Statement[%d]", i))
		}
	default:
		r.mismatch(n, "Statement", "an object or an array of objects")
	}
}

func (r *reader) statement(s *Statement, n *Node, path string) {
	s.Position = n.Position
	if !r.object(n, path) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		at := path + "." + m.Name
		switch m.Name {
		case "Sid":
			s.Sid = r.text(&m.Value, at)
		case "Effect":
			s.Effect = r.text(&m.Value, at)
			if e := s.Effect.Value; m.Value.Kind == StringNode && e != "Allow" && e != "Deny" {
				r.report(CodeInvalidEffect, m.Value.Position, at, "the effect %q is neither \"Allow\" nor \"Deny\"", clip(e))
			}
		case "Principal":
			s.Principal = r.principal(m, at)
		case "NotPrincipal":
			s.NotPrincipal = r.principal(m, at)
		case "Action":
			s.Action = r.list(&m.Value, at, false)
		case "NotAction":
			s.NotAction = r.list(&m.Value, at, false)
		case "Resource":
			s.Resource = r.list(&m.Value, at, false)
		case "NotResource":
			s.NotResource = r.list(&m.Value, at, false)
		case "Condition":
			s.Conditions = r.conditions(&m.Value, at)
		default:
			r.unknown(m, at, "a statement has Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource and Condition")
		}
	}
	r.elements(n, path)
}

// elements checks that a statement has what its kind needs, and no more.
func (r *reader) elements(n *Node, path string) {
	if n.Member("Effect") == nil {
		r.report(CodeMissingEffect, n.Position, path, "the statement has no Effect")
	}
	r.oneOf(n, path, "Action", CodeMissingAction, true)
	if r.kind == Trust {
		for _, name := range [...]string{"Resource", "NotResource"} {
			if m := n.Member(name); m != nil {
				r.report(CodeTrustHasResource, m.Position, path+"."+name, "a trust policy has no %s: its resource is the role it belongs to", name)
			}
		}
	} else {
		r.oneOf(n, path, "Resource", CodeMissingResource, true)
	}
	r.oneOf(n, path, "Principal", CodeMissingPrincipal, r.kind.bearsPrincipal())
}

// oneOf checks a pair of elements, name and its Not-element.
func (r *reader) oneOf(n *Node, path, name, missing string, needed bool) {
	positive, negative := n.Member(name), n.Member("Not"+name)
	switch {
	case positive != nil && negative != nil:
		r.report(CodeElementCombination, negative.Position, path, "the statement has both %s and Not%s; it can have one", name, name)
	case needed && positive == nil && negative == nil:
		r.report(missing, n.Position, path, "the statement has neither %s nor Not%s", name, name)
	}
}

func (r *reader) principal(m *Member, path string) *PrincipalElement {
	if !r.kind.bearsPrincipal() {
		r.report(CodeUnsupportedPrincipal, m.Position, path, "a policy of kind %s has no %s: it speaks of the identity that it is attached to", r.kind, m.Name)
	}
	p := &PrincipalElement{Position: m.Value.Position}
	if m.Value.Kind == StringNode && m.Value.Text == "*" {
		p.Any = true
		return p
	}
	if m.Value.Kind == StringNode {
		r.report(CodeInvalidPrincipal, m.Value.Position, path, "the principal %q has no type; write \"*\" or an object such as {\"AWS\": \"111122223333\"}", clip(m.Value.Text))
		return p
	}
	if !r.object(&m.Value, path) {
		return p
	}
	for i := range m.Value.Members {
		entry := &m.Value.Members[i]
		at := path + "." + entry.Name
		switch entry.Name {
		case "AWS", "Service", "Federated", "CanonicalUser":
			values := r.list(&entry.Value, at, false)
			p.Entries = append(p.Entries, PrincipalEntry{Type: Text{entry.Name, entry.Position}, Values: *values})
		default:
			r.report(CodeInvalidPrincipalKey, entry.Position, at, "the principal type %q is none of AWS, Service, Federated, CanonicalUser", clip(entry.Name))
		}
	}
	return p
}

func (r *reader) conditions(n *Node, path string) []Condition {
	if !r.object(n, path) {
		return nil
	}
	var conditions []Condition
	for i := range n.Members {
		operator := &n.Members[i]
		at := path + "." + operator.Name
		if !r.object(&operator.Value, at) {
			continue
		}
		for j := range operator.Value.Members {
			key := &operator.Value.Members[j]
			values := r.list(&key.Value, at+"."+key.Name, true)
			conditions = append(conditions, Condition{
				Operator: Text{operator.Name, operator.Position},
				Key:      Text{key.Name, key.Position},
				Values:   *values,
			})
		}
	}
	return conditions
}

// list reads a string or an array of strings; with scalars, numbers and
// booleans as well.
func (r *reader) list(n *Node, path string, scalars bool) *List {
	list := &List{Position: n.Position}
	if n.Kind != ArrayNode {
		if r.scalar(n, path, scalars) {
			list.Values = []Text{{n.Text, n.Position}}
		}
		return list
	}
	list.Values = make([]Text, 0, len(n.Elements))
	for i := range n.Elements {
		if e := &n.Elements[i]; r.scalar(e, path, scalars) {
			list.Values = append(list.Values, Text{e.Text, e.Position})
		}
	}
	return list
}

func (r *reader) scalar(n *Node, path string, scalars bool) bool {
	if n.Kind == StringNode || scalars && (n.Kind == NumberNode || n.Kind == BoolNode) {
		return true
	}
	r.mismatch(n, path, "a string or an array of strings")
	return false
}

func (r *reader) text(n *Node, path string) Text {
	if n.Kind != StringNode {
		r.mismatch(n, path, "a string")
		return Text{Position: n.Position}
	}
	return Text{n.Text, n.Position}
}

// object checks that n is an object in which no name stands twice.
func (r *reader) object(n *Node, path string) bool {
	if n.Kind != ObjectNode {
		r.mismatch(n, path, "an object")
		return false
	}
	seen := make(map[string]bool, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		if seen[m.Name] {
			r.report(CodeDuplicateMember, m.Position, path, "the member %q stands here a second time", clip(m.Name))
		}
		seen[m.Name] = true
	}
	return true
}

func (r *reader) unknown(m *Member, path, has string) {
	r.report(CodeUnknownElement, m.Position, path, "there is no element %q; %s", clip(m.Name), has)
}

func (r *reader) mismatch(n *Node, path, want string) {
	r.report(CodeDataType, n.Position, path, "a value of type %s stands where %s should", n.Kind, want)
}

func (r *reader) report(code string, at Position, path, format string, args ...any) {
	if len(r.findings) < maxFindings {
		r.findings = append(r.findings, Finding{Code: code, Position: at, Path: clipPath(path), Message: fmt.Sprintf(format, args...)})
	}
}

// clipPath bounds a path built of names from a hostile document.
func clipPath(path string) string {
	if len(path) <= 4*80 {
		return path
	}
	return clip(path[:80]) + clip(path[80:160])
}
