package iam

import "strings"

// quick parses valid policies directly, without a syntax tree, which saves
// half of the allocations. It stops at any problem, and Parse then parses the
// document again and reports it.
type quick struct {
	scanner
	kind Kind

	// Lists are collected on a stack and copied when their length is known.
	gathered     []Text
	names        []string // names in the current objects
	conditions   []Condition
	texts        slab[Text]
	lists        slab[List]
	conditionsOf slab[Condition]
}

// maxNames limits an object's members, because each name is compared with all
// others to find duplicates.
const maxNames = 16

func parseQuick(kind Kind, document []byte) (*Policy, bool) {
	q := quick{kind: kind, scanner: scanner{text: string(document), line: 1}}
	policy := &Policy{Kind: kind}
	ok := q.policy(policy)
	q.space()
	return policy, ok && q.at == len(q.text) && len(q.findings) == 0
}

// open consumes an opening brace or bracket.
func (q *quick) open(c byte) bool {
	q.space()
	return q.take(c)
}

// hasNext reports whether another member or element follows. It consumes the
// comma or the closing bracket and stops the scanner at anything else.
func (q *quick) hasNext(closing byte, first bool) bool {
	q.space()
	switch {
	case q.take(closing):
		return false
	case first:
		return true
	case !q.take(','):
		return q.fail(CodeSyntax, "")
	}
	q.space()
	if q.at < len(q.text) && q.text[q.at] == closing {
		return q.fail(CodeSyntax, "")
	}
	return true
}

// name reads a member's name and the colon. The name must not occur in
// names[base:].
func (q *quick) name(base int) (Text, bool) {
	name, ok := q.string()
	if !ok || len(q.names)-base == maxNames {
		return Text{}, false
	}
	for _, other := range q.names[base:] {
		if other == name.Value {
			return Text{}, false
		}
	}
	q.names = append(q.names, name.Value)
	q.space()
	return name, q.take(':')
}

func (q *quick) string() (Text, bool) {
	q.space()
	at := q.position()
	if q.at == len(q.text) || q.text[q.at] != '"' {
		return Text{}, false
	}
	value, ok := q.str()
	return Text{value, at}, ok
}

func (q *quick) policy(p *Policy) bool {
	if !q.open('{') {
		return false
	}
	for first := true; q.hasNext('}', first); first = false {
		name, ok := q.name(0)
		if !ok {
			return false
		}
		switch name.Value {
		case "Version":
			p.Version, ok = q.string()
			ok = ok && (p.Version.Value == Version2012 || p.Version.Value == Version2008)
		case "Id":
			p.ID, ok = q.string()
		case "Statement":
			ok = q.statements(p)
		default:
			return false
		}
		if !ok {
			return false
		}
	}
	return len(p.Statements) > 0
}

func (q *quick) statements(p *Policy) bool {
	q.space()
	if !q.take('[') {
		p.Statements = make([]Statement, 1)
		return q.statement(&p.Statements[0])
	}
	p.Statements = make([]Statement, 0, strings.Count(q.text[q.at:], `"Effect"`))
	for first := true; q.hasNext(']', first); first = false {
		p.Statements = append(p.Statements, Statement{})
		if !q.statement(&p.Statements[len(p.Statements)-1]) {
			return false
		}
	}
	return true
}

func (q *quick) statement(s *Statement) bool {
	q.space()
	s.Position = q.position()
	if !q.take('{') {
		return false
	}
	base := len(q.names)
	for first := true; q.hasNext('}', first); first = false {
		name, ok := q.name(base)
		if !ok || !q.element(s, name.Value) {
			return false
		}
	}
	q.names = q.names[:base]
	return q.complete(s)
}

// complete reports whether a statement has the required elements of its kind.
func (q *quick) complete(s *Statement) bool {
	hasResource := s.Resource != nil || s.NotResource != nil
	hasPrincipal := s.Principal != nil || s.NotPrincipal != nil
	switch {
	case s.Effect.Value != "Allow" && s.Effect.Value != "Deny":
		return false
	case (s.Action == nil) == (s.NotAction == nil),
		s.Resource != nil && s.NotResource != nil,
		s.Principal != nil && s.NotPrincipal != nil:
		return false
	default:
		return hasResource != (q.kind == Trust) && hasPrincipal == q.kind.hasPrincipal()
	}
}

// element reads the value of a statement's member.
func (q *quick) element(s *Statement, name string) (ok bool) {
	switch name {
	case "Sid":
		s.Sid, ok = q.string()
	case "Effect":
		s.Effect, ok = q.string()
	case "Principal":
		s.Principal, ok = q.principal()
	case "NotPrincipal":
		s.NotPrincipal, ok = q.principal()
	case "Action":
		s.Action, ok = q.newList()
	case "NotAction":
		s.NotAction, ok = q.newList()
	case "Resource":
		s.Resource, ok = q.newList()
	case "NotResource":
		s.NotResource, ok = q.newList()
	case "Condition":
		ok = q.condition(s)
	}
	return ok
}

func (q *quick) newList() (*List, bool) {
	list := &q.lists.take(1)[0]
	var ok bool
	*list, ok = q.list(false)
	return list, ok
}

// list parses a string or an array of strings, and with scalars also numbers
// and booleans.
func (q *quick) list(scalars bool) (List, bool) {
	q.space()
	list := List{Position: q.position()}
	q.gathered = q.gathered[:0]
	ok := true
	if q.take('[') {
		for first := true; ok && q.hasNext(']', first); first = false {
			ok = q.value(scalars)
		}
	} else {
		ok = q.value(scalars)
	}
	list.Values = q.texts.copyOf(q.gathered)
	return list, ok
}

// value parses one value of a list.
func (q *quick) value(scalars bool) bool {
	text, ok := q.string()
	if !ok && scalars && q.at < len(q.text) && q.text[q.at] != '{' && q.text[q.at] != '[' {
		var n Node
		ok = q.scanner.value(&n) && (n.Kind == NumberNode || n.Kind == BoolNode)
		text = Text{n.Text, n.Position}
	}
	q.gathered = append(q.gathered, text)
	return ok
}

func (q *quick) principal() (*PrincipalElement, bool) {
	q.space()
	p := &PrincipalElement{Position: q.position()}
	if !q.take('{') {
		text, ok := q.string()
		p.Any = true
		return p, ok && text.Value == "*"
	}
	base := len(q.names)
	for first := true; q.hasNext('}', first); first = false {
		kind, ok := q.name(base)
		if !ok {
			return nil, false
		}
		switch kind.Value {
		case "AWS", "Service", "Federated", "CanonicalUser":
			var values List
			if values, ok = q.list(false); !ok {
				return nil, false
			}
			p.Entries = append(p.Entries, PrincipalEntry{Type: kind, Values: values})
		default:
			return nil, false
		}
	}
	q.names = q.names[:base]
	return p, true
}

func (q *quick) condition(s *Statement) bool {
	if !q.open('{') {
		return false
	}
	q.conditions = q.conditions[:0]
	base := len(q.names)
	for first := true; q.hasNext('}', first); first = false {
		operator, ok := q.name(base)
		if !ok || !q.keys(operator) {
			return false
		}
	}
	q.names = q.names[:base]
	s.Conditions = q.conditionsOf.copyOf(q.conditions)
	return true
}

func (q *quick) keys(operator Text) bool {
	if !q.open('{') {
		return false
	}
	base := len(q.names)
	for first := true; q.hasNext('}', first); first = false {
		key, ok := q.name(base)
		if !ok {
			return false
		}
		values, ok := q.list(true)
		if !ok {
			return false
		}
		q.conditions = append(q.conditions, Condition{Operator: operator, Key: key, Values: values})
	}
	q.names = q.names[:base]
	return true
}
