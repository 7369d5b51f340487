package iam

import (
	"fmt"
	"slices"
	"strings"
)

// Parse reads a policy document of one kind. Where the document is not a
// policy of that kind, the policy is nil and the error is a [*ParseError] with
// every fault found. Parse refuses what has no meaning; what has one but is
// unwise, or what AWS does not store, is for a linter.
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
	way      []step // to what is being read
	texts    slab[Text]
	lists    slab[List]
	gathered []Text // of the list that is being read
}

// step is one part of the way to an element: a member's name, or, where it is
// empty, the index of an array's element.
type step struct {
	name  string
	index int
}

func (r *reader) enter(name string) { r.way = append(r.way, step{name: name}) }

func (r *reader) leave() { r.way = r.way[:len(r.way)-1] }

// path spells out the way.
func (r *reader) path() string {
	var b strings.Builder
	for i, s := range r.way {
		switch {
		case s.name == "":
			fmt.Fprintf(&b, "[%d]", s.index)
		case i == 0:
			b.WriteString(clip(s.name))
		default:
			b.WriteString("." + clip(s.name))
		}
	}
	return b.String()
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
				r.report(CodeInvalidVersion, m.Value.Position, "the version %q is neither %q nor %q", clip(v), Version2012, Version2008)
			}
		case "Id":
			p.ID = r.text(&m.Value)
		case "Statement":
			r.statements(p, &m.Value)
		default:
			r.unknown(m, "a policy has Version, Id and Statement")
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
			r.report(CodeEmptyStatement, n.Position, "the policy has no statement in its Statement list")
		}
		p.Statements = make([]Statement, len(n.Elements))
		for i := range n.Elements {
			r.way = append(r.way, step{index: i})
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
				r.report(CodeInvalidEffect, m.Value.Position, "the effect %q is neither \"Allow\" nor \"Deny\"", clip(e))
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
			r.unknown(m, "a statement has Sid, Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource and Condition")
		}
		r.leave()
	}
	r.elements(n)
}

// elements checks that a statement has what its kind needs, and no more.
func (r *reader) elements(n *Node) {
	if n.Member("Effect") == nil {
		r.report(CodeMissingEffect, n.Position, "the statement has no Effect")
	}
	r.oneOf(n, "Action", "NotAction", CodeMissingAction, true)
	if r.kind == Trust {
		for _, name := range [...]string{"Resource", "NotResource"} {
			if m := n.Member(name); m != nil {
				r.enter(name)
				r.report(CodeTrustHasResource, m.Position, "a trust policy has no %s: its resource is the role it belongs to", name)
				r.leave()
			}
		}
	} else {
		r.oneOf(n, "Resource", "NotResource", CodeMissingResource, true)
	}
	r.oneOf(n, "Principal", "NotPrincipal", CodeMissingPrincipal, r.kind.bearsPrincipal())
}

// oneOf checks an element and its Not-element.
func (r *reader) oneOf(n *Node, name, not, missing string, needed bool) {
	positive, negative := n.Member(name), n.Member(not)
	switch {
	case positive != nil && negative != nil:
		r.report(CodeElementCombination, negative.Position, "the statement has both %s and %s; it can have one", name, not)
	case needed && positive == nil && negative == nil:
		r.report(missing, n.Position, "the statement has neither %s nor %s", name, not)
	}
}

func (r *reader) principal(m *Member) *PrincipalElement {
	if !r.kind.bearsPrincipal() {
		r.report(CodeUnsupportedPrincipal, m.Position, "a policy of kind %s has no %s: it speaks of the identity that it is attached to", r.kind, m.Name)
	}
	p := &PrincipalElement{Position: m.Value.Position}
	if m.Value.Kind == StringNode && m.Value.Text == "*" {
		p.Any = true
		return p
	}
	if m.Value.Kind == StringNode {
		r.report(CodeInvalidPrincipal, m.Value.Position, "the principal %q has no type; write \"*\" or an object such as {\"AWS\": \"111122223333\"}", clip(m.Value.Text))
		return p
	}
	if !r.object(&m.Value) {
		return p
	}
	for i := range m.Value.Members {
		entry := &m.Value.Members[i]
		r.enter(entry.Name)
		switch entry.Name {
		case "AWS", "Service", "Federated", "CanonicalUser":
			values := r.list(&entry.Value, false)
			p.Entries = append(p.Entries, PrincipalEntry{Type: Text{entry.Name, entry.Position}, Values: values})
		default:
			r.report(CodeInvalidPrincipalKey, entry.Position, "the principal type %q is none of AWS, Service, Federated, CanonicalUser", clip(entry.Name))
		}
		r.leave()
	}
	return p
}

func (r *reader) conditions(n *Node) []Condition {
	if !r.object(n) {
		return nil
	}
	conditions := make([]Condition, 0, countMembers(n))
	for i := range n.Members {
		operator := &n.Members[i]
		r.enter(operator.Name)
		if r.object(&operator.Value) {
			conditions = r.keys(conditions, operator)
		}
		r.leave()
	}
	return conditions
}

func (r *reader) keys(conditions []Condition, operator *Member) []Condition {
	for i := range operator.Value.Members {
		key := &operator.Value.Members[i]
		r.enter(key.Name)
		conditions = append(conditions, Condition{
			Operator: Text{operator.Name, operator.Position},
			Key:      Text{key.Name, key.Position},
			Values:   r.list(&key.Value, true),
		})
		r.leave()
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
func (r *reader) list(n *Node, scalars bool) List {
	r.gathered = r.gathered[:0]
	if n.Kind != ArrayNode {
		if r.scalar(n, scalars) {
			r.gathered = append(r.gathered, Text{n.Text, n.Position})
		}
	}
	for i := range n.Elements {
		if e := &n.Elements[i]; r.scalar(e, scalars) {
			r.gathered = append(r.gathered, Text{e.Text, e.Position})
		}
	}
	return List{Position: n.Position, Values: r.texts.copyOf(r.gathered)}
}

// newList reads the list of an element.
func (r *reader) newList(n *Node) *List {
	list := &r.lists.take(1)[0]
	*list = r.list(n, false)
	return list
}

func (r *reader) scalar(n *Node, scalars bool) bool {
	if n.Kind == StringNode || scalars && (n.Kind == NumberNode || n.Kind == BoolNode) {
		return true
	}
	r.mismatch(n, "a string or an array of strings")
	return false
}

func (r *reader) text(n *Node) Text {
	if n.Kind != StringNode {
		r.mismatch(n, "a string")
		return Text{Position: n.Position}
	}
	return Text{n.Text, n.Position}
}

// object checks that n is an object in which no name stands twice.
func (r *reader) object(n *Node) bool {
	if n.Kind != ObjectNode {
		r.mismatch(n, "an object")
		return false
	}
	const few = 16
	if len(n.Members) <= few {
		for i := range n.Members {
			if n.Member(n.Members[i].Name) != &n.Members[i] {
				r.duplicate(&n.Members[i])
			}
		}
		return true
	}
	seen := make(map[string]bool, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		if seen[m.Name] {
			r.duplicate(m)
		}
		seen[m.Name] = true
	}
	return true
}

func (r *reader) duplicate(m *Member) {
	r.report(CodeDuplicateMember, m.Position, "the member %q stands here a second time", clip(m.Name))
}

func (r *reader) unknown(m *Member, has string) {
	r.report(CodeUnknownElement, m.Position, "there is no element %q; %s", clip(m.Name), has)
}

func (r *reader) mismatch(n *Node, want string) {
	r.report(CodeDataType, n.Position, "a value of type %s stands where %s should", n.Kind, want)
}

func (r *reader) report(code string, at Position, format string, args ...any) {
	if len(r.findings) < maxFindings {
		r.findings = append(r.findings, Finding{Code: code, Position: at, Path: r.path(), Message: fmt.Sprintf(format, args...)})
	}
}
