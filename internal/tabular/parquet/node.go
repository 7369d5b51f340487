package parquet

import (
	"encoding/json"
	"errors"
	"io"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// node is a column of a file's tree. It writes its value of the next row as
// JSON, put together from the leaves by their levels.
//
// https://parquet.apache.org/docs/file-format/nestedencoding/
type node struct {
	column   *pq.Column
	kind     nodeKind
	children []*node
	leaf     *leaf
	cursor   *cursor
	name     []byte // as a JSON string, with a colon
	scratch  []byte
}

type nodeKind uint8

const (
	leafNode nodeKind = iota
	groupNode
	listNode // a group with one repeated column, each of which is an element
	mapNode  // a group with one repeated group of key and value
)

func newNode(c *pq.Column) *node {
	name, err := json.Marshal(c.Name())
	if err != nil {
		name = []byte(`""`)
	}
	n := &node{column: c, kind: groupNode, name: append(name, ':')}
	if c.Leaf() {
		n.kind, n.leaf = leafNode, newLeaf(c.Type())
		return n
	}
	for _, child := range c.Columns() {
		n.children = append(n.children, newNode(child))
	}
	var logical format.LogicalTypeValue
	if t := c.Type().LogicalType(); t != nil {
		logical = t.Value
	}
	if len(n.children) == 1 && n.children[0].column.Repeated() {
		switch inner := n.children[0]; logical.(type) {
		case *format.ListType:
			n.kind = listNode
		case *format.MapType:
			if len(inner.children) == 2 {
				n.kind = mapNode
			}
		}
	}
	return n
}

// leaves calls fn for each leaf, in the order of the file.
func (n *node) leaves(fn func(*node)) {
	if n.kind == leafNode {
		fn(n)
	}
	for _, c := range n.children {
		c.leaves(fn)
	}
}

// first is the first leaf, whose levels speak for the whole node.
func (n *node) first() *node {
	for n.kind != leafNode {
		if len(n.children) == 0 {
			return nil
		}
		n = n.children[0]
	}
	return n
}

var errEmptyGroup = errors.New("a group without columns")

// levels are those of the next value of the node. At the end of the column
// they are those of a new row.
func (n *node) levels() (repetition, definition int, err error) {
	first := n.first()
	if first == nil {
		return 0, 0, errEmptyGroup
	}
	x, err := first.cursor.peek()
	if errors.Is(err, io.EOF) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	return x.RepetitionLevel(), x.DefinitionLevel(), nil
}

// pass passes over one value of each leaf.
func (n *node) pass() error {
	var err error
	n.leaves(func(l *node) {
		if _, e := l.cursor.next(); e != nil && err == nil {
			err = e
		}
	})
	return err
}

// write adds the node's next value to dst, and says whether it is null.
func (n *node) write(dst []byte) ([]byte, bool, error) {
	if n.column.Repeated() {
		dst, err := n.repeat(dst, '[', ']', n.element)
		return dst, false, err
	}
	return n.one(dst)
}

// one adds one value of the node, whose repetition is behind it.
func (n *node) one(dst []byte) ([]byte, bool, error) {
	_, definition, err := n.levels()
	if err != nil {
		return dst, false, err
	}
	if n.column.Optional() && definition < n.column.MaxDefinitionLevel() {
		return append(dst, "null"...), true, n.pass()
	}
	dst, err = n.content(dst)
	return dst, false, err
}

// content adds what a node holds when it is there.
func (n *node) content(dst []byte) ([]byte, error) {
	switch n.kind {
	case leafNode:
		x, err := n.cursor.next()
		if err != nil {
			return dst, err
		}
		if x.IsNull() {
			return append(dst, "null"...), nil
		}
		v := n.leaf.value(x, &n.scratch)
		return writeJSON(dst, n.leaf.typ, &v), nil
	case listNode:
		return n.children[0].repeat(dst, '[', ']', n.children[0].element)
	case mapNode:
		if key := n.children[0].children[0]; key.leaf != nil && !key.column.Repeated() {
			return n.children[0].repeat(dst, '{', '}', n.children[0].entry)
		}
		return n.children[0].repeat(dst, '[', ']', n.children[0].content)
	default:
		return n.group(dst)
	}
}

func (n *node) group(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	for i, c := range n.children {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, c.name...)
		var err error
		if dst, _, err = c.write(dst); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// repeat adds every repetition of the node within its parent.
func (n *node) repeat(dst []byte, begin, end byte, each func([]byte) ([]byte, error)) ([]byte, error) {
	dst = append(dst, begin)
	_, definition, err := n.levels()
	if err != nil {
		return dst, err
	}
	if definition < n.column.MaxDefinitionLevel() {
		return append(dst, end), n.pass() // there is none
	}
	for i := 0; ; i++ {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = each(dst); err != nil {
			return dst, err
		}
		repetition, _, err := n.levels()
		if err != nil {
			return dst, err
		}
		if repetition < n.column.MaxRepetitionLevel() {
			return append(dst, end), nil
		}
	}
}

// element adds an element of a list: what is in the repeated group, when that
// is there only to repeat.
func (n *node) element(dst []byte) ([]byte, error) {
	if n.kind == groupNode && len(n.children) == 1 {
		dst, _, err := n.children[0].write(dst)
		return dst, err
	}
	return n.content(dst)
}

// entry adds a member of a map.
func (n *node) entry(dst []byte) ([]byte, error) {
	key := n.children[0]
	x, err := key.cursor.next()
	if err != nil {
		return dst, err
	}
	v := key.leaf.value(x, &key.scratch)
	text := writeText(nil, key.leaf.typ, &v)
	dst = writeJSON(dst, dataset.String, &value{bytes: text})
	dst = append(dst, ':')
	dst, _, err = n.children[1].write(dst)
	return dst, err
}
