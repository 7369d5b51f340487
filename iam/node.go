package iam

import "fmt"

// NodeKind is the JSON type of a [Node].
type NodeKind uint8

// The JSON types.
const (
	NullNode NodeKind = iota
	BoolNode
	NumberNode
	StringNode
	ArrayNode
	ObjectNode
)

// String returns the JSON type's name, such as "string".
func (k NodeKind) String() string {
	switch k {
	case NullNode:
		return "null"
	case BoolNode:
		return "boolean"
	case NumberNode:
		return "number"
	case StringNode:
		return "string"
	case ArrayNode:
		return "array"
	case ObjectNode:
		return "object"
	default:
		return fmt.Sprintf("NodeKind(%d)", uint8(k))
	}
}

// Node is one value of a document's syntax tree, as returned by
// [ParseDocument]. The tree keeps all members in order, even duplicates, so
// that a linter can point to them.
type Node struct {
	Kind     NodeKind
	Position Position // of the first byte
	End      int      // offset after the last byte
	Text     string   // a decoded string; a number, "true", "false" or "null" as written; empty for arrays and objects
	Members  []Member // an object's, in document order
	Elements []Node   // an array's, in document order
}

// Member is one name and value of an object.
type Member struct {
	Name     string
	Position Position // of the name's opening quote
	Value    Node
}

// Member returns the first member with this name, or nil. Names are
// case-sensitive, as in AWS.
func (n *Node) Member(name string) *Member {
	for i := range n.Members {
		if n.Members[i].Name == name {
			return &n.Members[i]
		}
	}
	return nil
}
