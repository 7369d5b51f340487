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
		return nil, &ParseError{Findings: findings[:min(len(findings), maxFindings)]}
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
	texts    slab[Text]
	lists    slab[List]
	gathered []Text // of the list that is being read
}

// path is the way to an element, spelled out when there is something to
// report.
type path struct {
	above *path
	name  string
	index int // where name is empty: an element of an array
}

func (p *path) String() string {
	switch {
	case p == nil:
		return ""
	case p.name == "":
		return fmt.Sprintf("%s[%d]", p.above, p.index)
	case p.above == nil:
		return clip(p.name)
	default:
		return p.above.String() + "." + clip(p.name)
	}
}

func (r *reader) policy(p *Policy, root *Node) {
	if !r.object(root, nil) {
		return
	}
	for i := range root.Members {
		m := &root.Members[i]
		switch m.Name {
		case "Version":
			p.Version = r.text(&m.Value, &path{name: m.Name})
			if v := p.Version.Value; m.Value.Kind == StringNode && v != Version2008 && v != Version2012 {
				r.report(CodeInvalidVersion, m.Value.Position, &path{name: m.Name}, "the version %q is neither %q nor %q", clip(v), Version2012, Version2008)
			}
		case "Id":
			p.ID = r.text(&m.Value, &path{name: m.Name})
		case "Statement":
			r.statements(p, &m.Value, &path{name: m.Name})
		default:
			r.unknown(m, &path{name: m.Name}, "a policy has Version, Id and Statement")
		}
	}
	if root.Member("Statement") == nil {
		r.report(CodeMissingStatement, root.Position, nil, "the policy has no Statement")
	}
}

func (r *reader) statements(p *Policy, n *Node, at *path) {
	switch n.Kind {
	case ObjectNode:
		p.Statements = make([]Statement, 1)
		r.statement(&p.Statements[0], n, at)
	case ArrayNode:
		if len(n.Elements) == 0 {
			r.report(CodeEmptyStatement, n.Position, at, "the policy has no statement in its Statement list")
		}
		p.Statements = make([]Statement, len(n.Elements))
		for i := range n.Elements {
			r.statement(&p.Statements[i], &n.Elements[i], &path{above: at, index: i})
		}
	default:
		r.mismatch(n, at, "an object or an array of objects")
	}
}

func (r *reader) statement(s *Statement, n *Node, above *path) {
	s.Position = n.Position
	if !r.object(n, above) {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		at := &path{above: above, name: m.Name}
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
			s.Action = r.newList(&m.Value, at)
		case "NotAction":
			s.NotAction = r.newList(&m.Value, at)
		case "Resource":
			s.Resource = r.newList(&m.Value, at)
		case "NotResource":
			s.NotResource = r.newList(&m.Value, at)
		case "Condition":
			s.Conditions = r.conditions(&m.Value, at)
		default:
			r.unknown(m, at, "a statement has Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource and Condition")
		}
	}
	r.elements(n, above)
}

// elements checks that a statement has what its kind needs, and no more.
func (r *reader) elements(n *Node, at *path) {
	if n.Member("Effect") == nil {
		r.report(CodeMissingEffect, n.Position, at, "the statement has no Effect")
	}
	r.oneOf(n, at, "Action", "NotAction", CodeMissingAction, true)
	if r.kind == Trust {
		for _, name := range [...]string{"Resource", "NotResource"} {
			if m := n.Member(name); m != nil {
				r.report(CodeTrustHasResource, m.Position, &path{above: at, name: name}, "a trust policy has no %s: its resource is the role it belongs to", name)
			}
		}
	} else {
		r.oneOf(n, at, "Resource", "NotResource", CodeMissingResource, true)
	}
	r.oneOf(n, at, "Principal", "NotPrincipal", CodeMissingPrincipal, r.kind.bearsPrincipal())
}

// oneOf checks an element and its Not-element.
func (r *reader) oneOf(n *Node, at *path, name, not, missing string, needed bool) {
	positive, negative := n.Member(name), n.Member(not)
	switch {
	case positive != nil && negative != nil:
		r.report(CodeElementCombination, negative.Position, at, "the statement has both %s and %s; it can have one", name, not)
	case needed && positive == nil && negative == nil:
		r.report(missing, n.Position, at, "the statement has neither %s nor %s", name, not)
	}
}

func (r *reader) principal(m *Member, at *path) *PrincipalElement {
	if !r.kind.bearsPrincipal() {
		r.report(CodeUnsupportedPrincipal, m.Position, at, "a policy of kind %s has no %s: it speaks of the identity that it is attached to", r.kind, m.Name)
	}
	p := &PrincipalElement{Position: m.Value.Position}
	if m.Value.Kind == StringNode && m.Value.Text == "*" {
		p.Any = true
		return p
	}
	if m.Value.Kind == StringNode {
		r.report(CodeInvalidPrincipal, m.Value.Position, at, "the principal %q has no type; write \"*\" or an object such as {\"AWS\": \"111122223333\"}", clip(m.Value.Text))
		return p
	}
	if !r.object(&m.Value, at) {
		return p
	}
	for i := range m.Value.Members {
		entry := &m.Value.Members[i]
		at := &path{above: at, name: entry.Name}
		switch entry.Name {
		case "AWS", "Service", "Federated", "CanonicalUser":
			values := r.list(&entry.Value, at, false)
			p.Entries = append(p.Entries, PrincipalEntry{Type: Text{entry.Name, entry.Position}, Values: values})
		default:
			r.report(CodeInvalidPrincipalKey, entry.Position, at, "the principal type %q is none of AWS, Service, Federated, CanonicalUser", clip(entry.Name))
		}
	}
	return p
}

func (r *reader) conditions(n *Node, at *path) []Condition {
	if !r.object(n, at) {
		return nil
	}
	conditions := make([]Condition, 0, countMembers(n))
	for i := range n.Members {
		operator := &n.Members[i]
		at := &path{above: at, name: operator.Name}
		if !r.object(&operator.Value, at) {
			continue
		}
		for j := range operator.Value.Members {
			key := &operator.Value.Members[j]
			values := r.list(&key.Value, &path{above: at, name: key.Name}, true)
			conditions = append(conditions, Condition{
				Operator: Text{operator.Name, operator.Position},
				Key:      Text{key.Name, key.Position},
				Values:   values,
			})
		}
	}
	return conditions
}

// countMembers counts the keys of all operators.
func countMembers(n *Node) int {
	count := 0
	for i := range n.Members {
		count += len(n.Members[i].Value.Members)
	}
	return count
}

// list reads a string or an array of strings; with scalars, numbers and
// booleans as well.
func (r *reader) list(n *Node, at *path, scalars bool) List {
	r.gathered = r.gathered[:0]
	if n.Kind != ArrayNode {
		if r.scalar(n, at, scalars) {
			r.gathered = append(r.gathered, Text{n.Text, n.Position})
		}
	}
	for i := range n.Elements {
		if e := &n.Elements[i]; r.scalar(e, at, scalars) {
			r.gathered = append(r.gathered, Text{e.Text, e.Position})
		}
	}
	return List{Position: n.Position, Values: r.texts.copyOf(r.gathered)}
}

// newList reads the list of an element.
func (r *reader) newList(n *Node, at *path) *List {
	list := [1]List{r.list(n, at, false)}
	return &r.lists.copyOf(list[:])[0]
}

func (r *reader) scalar(n *Node, at *path, scalars bool) bool {
	if n.Kind == StringNode || scalars && (n.Kind == NumberNode || n.Kind == BoolNode) {
		return true
	}
	r.mismatch(n, at, "a string or an array of strings")
	return false
}

func (r *reader) text(n *Node, at *path) Text {
	if n.Kind != StringNode {
		r.mismatch(n, at, "a string")
		return Text{Position: n.Position}
	}
	return Text{n.Text, n.Position}
}

// object checks that n is an object in which no name stands twice.
func (r *reader) object(n *Node, at *path) bool {
	if n.Kind != ObjectNode {
		r.mismatch(n, at, "an object")
		return false
	}
	const few = 16
	if len(n.Members) <= few {
		for i := range n.Members {
			if n.Member(n.Members[i].Name) != &n.Members[i] {
				r.duplicate(&n.Members[i], at)
			}
		}
		return true
	}
	seen := make(map[string]bool, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		if seen[m.Name] {
			r.duplicate(m, at)
		}
		seen[m.Name] = true
	}
	return true
}

func (r *reader) duplicate(m *Member, at *path) {
	r.report(CodeDuplicateMember, m.Position, at, "the member %q stands here a second time", clip(m.Name))
}

func (r *reader) unknown(m *Member, at *path, has string) {
	r.report(CodeUnknownElement, m.Position, at, "there is no element %q; %s", clip(m.Name), has)
}

func (r *reader) mismatch(n *Node, at *path, want string) {
	r.report(CodeDataType, n.Position, at, "a value of type %s stands where %s should", n.Kind, want)
}

func (r *reader) report(code string, at Position, way *path, format string, args ...any) {
	if len(r.findings) < maxFindings {
		r.findings = append(r.findings, Finding{Code: code, Position: at, Path: way.String(), Message: fmt.Sprintf(format, args...)})
	}
}
