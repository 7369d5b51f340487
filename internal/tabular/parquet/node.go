package parquet

import (
	"errors"
	"io"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// node is a column of a file's tree. It writes its value in the next row as
// JSON, assembled from the leaves by their levels.
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
	maxBytes int // of a row's value, and of a variant
}

type nodeKind uint8

const (
	leafNode nodeKind = iota
	groupNode
	listNode // a group with one repeated column, each of which is an element
	mapNode  // a group with one repeated group of key and value
	variantNode
)

// elements returns the elements of a schema in the order of its columns.
type elements []format.SchemaElement

func (e *elements) next() *format.SchemaElement {
	if len(*e) == 0 {
		return &format.SchemaElement{}
	}
	first := &(*e)[0]
	*e = (*e)[1:]
	return first
}

func newNode(c *pq.Column, schema *elements, maxBytes int) (*node, error) {
	n := &node{column: c, kind: groupNode, name: append(appendQuoted(nil, []byte(c.Name())), ':'), maxBytes: maxBytes}
	element := schema.next()
	if c.Leaf() {
		var err error
		n.kind = leafNode
		n.leaf, err = newLeaf(c.Type(), element)
		return n, err
	}
	for _, child := range c.Columns() {
		made, err := newNode(child, schema, maxBytes)
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, made)
	}
	var logical format.LogicalTypeValue
	if t := c.Type().LogicalType(); t != nil {
		logical = t.Value
	}
	switch logical.(type) {
	case *format.ListType:
		if n.repeatsOne() {
			n.kind = listNode
		}
	case *format.MapType:
		if n.repeatsOne() && len(n.children[0].children) == 2 {
			n.kind = mapNode
		}
	case *format.VariantType:
		if n.isVariant() {
			n.kind = variantNode
		}
	}
	return n, nil
}

// repeatsOne reports whether the node only has one repeated child.
func (n *node) repeatsOne() bool { return len(n.children) == 1 && n.children[0].column.Repeated() }

// isVariant reports whether the node has the two columns of a variant that is
// not shredded.
func (n *node) isVariant() bool {
	return len(n.children) == 2 && n.children[0].kind == leafNode && n.children[1].kind == leafNode &&
		n.children[0].column.Name() == "metadata" && n.children[1].column.Name() == "value" &&
		!n.children[0].column.Repeated() && !n.children[1].column.Repeated()
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

// first returns the first leaf, whose levels equal those of the node.
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

// levels returns the levels of the node's next value. At the end of the column
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

// skip skips one value of each leaf.
func (n *node) skip() error {
	var err error
	n.leaves(func(l *node) {
		if _, e := l.cursor.next(); e != nil && err == nil {
			err = e
		}
	})
	return err
}

// write appends the node's next value and reports whether it is null.
func (n *node) write(dst []byte) ([]byte, bool, error) {
	if n.column.Repeated() {
		dst, err := n.repeat(dst, '[', ']', n.element)
		return dst, false, err
	}
	return n.single(dst)
}

// single appends a value of a node that is not repeated.
func (n *node) single(dst []byte) ([]byte, bool, error) {
	_, definition, err := n.levels()
	if err != nil {
		return dst, false, err
	}
	if n.column.Optional() && definition < n.column.MaxDefinitionLevel() {
		return append(dst, "null"...), true, n.skip()
	}
	dst, err = n.content(dst)
	return dst, false, err
}

// content appends the value of a node that is not null.
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
		return writeJSON(dst, &n.leaf.column, &v), nil
	case listNode:
		return n.children[0].repeat(dst, '[', ']', n.children[0].element)
	case mapNode:
		if key := n.children[0].children[0]; key.isText() {
			return n.children[0].repeat(dst, '{', '}', n.children[0].entry)
		}
		return n.children[0].repeat(dst, '[', ']', n.children[0].pair)
	case variantNode:
		return n.variant(dst)
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

// repeat appends every repetition of the node within its parent.
func (n *node) repeat(dst []byte, begin, end byte, each func([]byte) ([]byte, error)) ([]byte, error) {
	dst = append(dst, begin)
	_, definition, err := n.levels()
	if err != nil {
		return dst, err
	}
	if definition < n.column.MaxDefinitionLevel() {
		return append(dst, end), n.skip() // no value
	}
	for i := 0; ; i++ {
		if len(dst) > n.maxBytes { // the row is rejected, so only read to its end
			dst = dst[:n.maxBytes+1]
		}
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

// element appends an element of a list. A repeated group with one column is
// treated as that column.
func (n *node) element(dst []byte) ([]byte, error) {
	if n.kind == groupNode && len(n.children) == 1 {
		dst, _, err := n.children[0].write(dst)
		return dst, err
	}
	return n.content(dst)
}

// isText reports whether the node is a leaf whose values can name members.
func (n *node) isText() bool {
	return n.leaf != nil && n.leaf.column.Type == dataset.String && !n.column.Repeated()
}

// entry appends a member of a map.
func (n *node) entry(dst []byte) ([]byte, error) {
	key := n.children[0]
	x, err := key.cursor.next()
	if err != nil {
		return dst, err
	}
	var v value
	if !x.IsNull() {
		v = key.leaf.value(x, &key.scratch)
	}
	dst = append(appendQuoted(dst, v.bytes), ':')
	dst, _, err = n.children[1].write(dst)
	return dst, err
}

// pair appends a member of a map whose keys are not strings.
func (n *node) pair(dst []byte) ([]byte, error) {
	dst, _, err := n.children[0].write(append(dst, `{"key":`...))
	if err != nil {
		return dst, err
	}
	dst, _, err = n.children[1].write(append(dst, `,"value":`...))
	return append(dst, '}'), err
}

// variant appends a variant as JSON.
func (n *node) variant(dst []byte) ([]byte, error) {
	metadata, err := n.children[0].cursor.next()
	if err != nil {
		return dst, err
	}
	content, err := n.children[1].cursor.next()
	if err != nil {
		return dst, err
	}
	if metadata.IsNull() || content.IsNull() {
		return append(dst, "null"...), nil
	}
	return decodeVariant(dst, metadata.ByteArray(), content.ByteArray(), n.maxBytes)
}
