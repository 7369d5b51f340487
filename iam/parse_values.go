package iam

import (
	"fmt"
	"strings"
)

// list parses a string or an array of strings, and with scalars also numbers
// and booleans.
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

// newList parses the list of an element.
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

// object checks that n is an object without duplicate names.
func (r *reader) object(n *Node) bool {
	if n.Kind != ObjectNode {
		r.mismatch(n, "an object")
		return false
	}
	const maxNames = 16
	if len(n.Members) <= maxNames {
		for i := range n.Members {
			if n.Member(n.Members[i].Name) != &n.Members[i] {
				r.duplicate(&n.Members[i])
			}
		}
		return true
	}
	describeCurrent := make(map[string]bool, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		if describeCurrent[m.Name] {
			r.duplicate(m)
		}
		describeCurrent[m.Name] = true
	}
	return true
}

func (r *reader) duplicate(m *Member) {
	r.report(CodeDuplicateMember, m.Position, "duplicate member %q", clip(m.Name))
}

func (r *reader) unknown(m *Member, has string) {
	r.report(CodeUnknownElement, m.Position, "unknown element %q; %s", clip(m.Name), has)
}

func (r *reader) mismatch(n *Node, want string) {
	r.report(CodeDataType, n.Position, "expected %s, found a value of type %s", want, n.Kind)
}

func (r *reader) report(code string, at Position, format string, args ...any) {
	if len(r.findings) < maxFindings {
		r.findings = append(r.findings,
			Finding{Code: code, Position: at, Path: r.pathText(), Message: fmt.Sprintf(format, args...)})
	}
}

// step is one part of a path: a member's name, or, if that is empty, the index
// of an array element.
type step struct {
	name  string
	index int
}

func (r *reader) enter(name string) { r.path = append(r.path, step{name: name}) }

func (r *reader) leave() { r.path = r.path[:len(r.path)-1] }

// pathText returns the path as text.
func (r *reader) pathText() string {
	var b strings.Builder
	for i, s := range r.path {
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
