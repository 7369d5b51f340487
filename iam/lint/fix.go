package lint

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/windlass-io/windlass/iam"
)

// Limits of the work on corrections. Beyond them findings have no correction.
const (
	maxFixes         = 100
	maxFixedDocument = 64 << 10
)

// edit changes a copy of the document's tree and reports whether it changed
// anything.
type edit func(*draft) bool

// draft is a mutable copy of a document's tree. Nodes are found by their
// position in the original.
type draft struct{ root *iam.Node }

// corrected returns the document with an edit applied, or "".
func (c *checker) corrected(fix edit) string {
	if fix == nil || c.root == nil || c.fixes >= maxFixes || len(c.document) > maxFixedDocument {
		return ""
	}
	c.fixes++
	copied := clone(*c.root)
	d := &draft{root: &copied}
	if !fix(d) {
		return ""
	}
	return printTree(d.root)
}

// later returns an edit that is built when it runs, because not every finding
// gets a correction.
func later(make func() edit) edit {
	return func(d *draft) bool {
		e := make()
		return e != nil && e(d)
	}
}

// asWritten leaves the tree as it was parsed, which drops comments.
func asWritten(*draft) bool { return true }

// replace puts a string in place of the value at a position.
func replace(at iam.Position, text string) edit {
	return func(d *draft) bool {
		n := d.value(d.root, at)
		if n == nil {
			return false
		}
		*n = iam.Node{Kind: iam.StringNode, Text: text, Position: at}
		return true
	}
}

// remove deletes the member whose name, or the element or member whose value,
// is at a position. It keeps an array that becomes empty.
func remove(at iam.Position) edit {
	return func(d *draft) bool { return removeIn(d.root, at) }
}

// rename changes the name of the member whose name is at a position.
func rename(at iam.Position, name string) edit {
	return func(d *draft) bool {
		m := d.member(d.root, at)
		if m == nil {
			return false
		}
		m.Name = name
		return true
	}
}

// add inserts a member into the object at a position, before the named members
// or else at the end.
func add(object iam.Position, name string, value iam.Node, before ...string) edit {
	return func(d *draft) bool {
		n := d.value(d.root, object)
		if n == nil || n.Kind != iam.ObjectNode {
			return false
		}
		at := len(n.Members)
		for i := range n.Members {
			for _, other := range before {
				if n.Members[i].Name == other {
					at = min(at, i)
				}
			}
		}
		members := append([]iam.Member{}, n.Members[:at]...)
		members = append(members, iam.Member{Name: name, Value: value})
		n.Members = append(members, n.Members[at:]...)
		return true
	}
}

func text(value string) iam.Node { return iam.Node{Kind: iam.StringNode, Text: value} }

func list(values ...string) iam.Node {
	if len(values) == 1 {
		return text(values[0])
	}
	n := iam.Node{Kind: iam.ArrayNode}
	for _, value := range values {
		n.Elements = append(n.Elements, text(value))
	}
	return n
}

func object(members ...iam.Member) iam.Node {
	return iam.Node{Kind: iam.ObjectNode, Members: members}
}

func clone(n iam.Node) iam.Node {
	if n.Members != nil {
		members := make([]iam.Member, len(n.Members))
		for i, m := range n.Members {
			members[i] = iam.Member{Name: m.Name, Position: m.Position, Value: clone(m.Value)}
		}
		n.Members = members
	}
	if n.Elements != nil {
		elements := make([]iam.Node, len(n.Elements))
		for i, e := range n.Elements {
			elements[i] = clone(e)
		}
		n.Elements = elements
	}
	return n
}

// value returns the value at a position, or nil.
func (d *draft) value(n *iam.Node, at iam.Position) *iam.Node {
	if n.Position == at {
		return n
	}
	for i := range n.Members {
		if found := d.value(&n.Members[i].Value, at); found != nil {
			return found
		}
	}
	for i := range n.Elements {
		if found := d.value(&n.Elements[i], at); found != nil {
			return found
		}
	}
	return nil
}

// member returns the member whose name is at a position, or nil.
func (d *draft) member(n *iam.Node, at iam.Position) *iam.Member {
	for i := range n.Members {
		if n.Members[i].Position == at {
			return &n.Members[i]
		}
		if found := d.member(&n.Members[i].Value, at); found != nil {
			return found
		}
	}
	for i := range n.Elements {
		if found := d.member(&n.Elements[i], at); found != nil {
			return found
		}
	}
	return nil
}

func removeIn(n *iam.Node, at iam.Position) bool {
	for i := range n.Members {
		m := &n.Members[i]
		if m.Position == at || m.Value.Position == at {
			n.Members = append(n.Members[:i], n.Members[i+1:]...)
			return true
		}
		if removeIn(&m.Value, at) {
			return true
		}
	}
	for i := range n.Elements {
		if n.Elements[i].Position == at {
			n.Elements = append(n.Elements[:i], n.Elements[i+1:]...)
			return true
		}
		if removeIn(&n.Elements[i], at) {
			return true
		}
	}
	return false
}

// printTree returns a tree as JSON, indented by two spaces.
func printTree(root *iam.Node) string {
	var out strings.Builder
	printNode(&out, root, "\n")
	out.WriteByte('\n')
	return out.String()
}

func printNode(out *strings.Builder, n *iam.Node, newline string) {
	inner := newline + "  "
	switch n.Kind {
	case iam.ObjectNode:
		out.WriteByte('{')
		for i := range n.Members {
			separate(out, i, inner)
			out.WriteString(quote(n.Members[i].Name) + ": ")
			printNode(out, &n.Members[i].Value, inner)
		}
		closing(out, len(n.Members), newline, '}')
	case iam.ArrayNode:
		out.WriteByte('[')
		for i := range n.Elements {
			separate(out, i, inner)
			printNode(out, &n.Elements[i], inner)
		}
		closing(out, len(n.Elements), newline, ']')
	case iam.StringNode:
		out.WriteString(quote(n.Text))
	default:
		out.WriteString(n.Text)
	}
}

func separate(out *strings.Builder, i int, newline string) {
	if i > 0 {
		out.WriteByte(',')
	}
	out.WriteString(newline)
}

func closing(out *strings.Builder, n int, newline string, bracket byte) {
	if n > 0 {
		out.WriteString(newline)
	}
	out.WriteByte(bracket)
}

func quote(s string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(s); err != nil {
		return `""` // a string always encodes
	}
	return strings.TrimSuffix(out.String(), "\n")
}
