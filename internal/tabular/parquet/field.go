package parquet

import (
	"bytes"
	"fmt"
	"io"
	"unicode/utf8"

	pq "github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// field is a top-level column of a file: one leaf, or a tree of them.
type field struct {
	node    *node
	leaf    *leaf // when the field is one value a row
	stored  *remembering
	cursors []*cursor
	scratch []byte
}

// value is one value of a field, in the form of its natural type.
type value struct {
	null  bool
	int   int64   // integer, boolean, date, date-time
	float float64 // number
	bytes []byte  // string; JSON for object, array and any
	wrong string  // why the value is none of its natural type
}

func newField(c *pq.Column, stored *remembering) *field {
	f := &field{node: newNode(c), stored: stored}
	f.node.leaves(func(n *node) {
		n.cursor = &cursor{index: n.column.Index()}
		f.cursors = append(f.cursors, n.cursor)
	})
	if c.Leaf() && !c.Repeated() {
		f.leaf = f.node.leaf
	}
	return f
}

// natural is the type of the field's values.
func (f *field) natural() dataset.Type {
	switch {
	case f.leaf != nil:
		return f.leaf.typ
	case f.node.column.Repeated() || f.node.kind == listNode:
		return dataset.Array
	}
	return dataset.Object
}

func (f *field) open(chunks []pq.ColumnChunk) {
	for _, c := range f.cursors {
		c.open(chunks[c.index])
	}
}

func (f *field) close() {
	for _, c := range f.cursors {
		c.close()
	}
}

// next reads the next row's value. Its bytes are valid until the next call.
func (f *field) next() (value, error) {
	if f.leaf != nil {
		x, err := f.node.cursor.next()
		if err != nil {
			return value{}, err
		}
		if x.IsNull() {
			return value{null: true}, nil
		}
		return f.leaf.value(x, &f.scratch), nil
	}
	if _, err := f.cursors[0].peek(); err != nil {
		return value{}, err
	}
	out, null, err := f.node.write(f.scratch[:0])
	f.scratch = out
	return value{null: null, bytes: out}, err
}

// append casts a value into a column. It gives the reason when it was not
// taken.
func (f *field) append(column *cell.Column, v *dataset.Vector, x *value) string {
	if x.wrong != "" {
		return "." + column.Name + " " + x.wrong
	}
	natural := f.natural()
	switch {
	case natural == dataset.String && column.Type == dataset.String:
		return appendString(column, v, x.bytes)
	case natural == column.Type, natural == dataset.Integer && column.Type == dataset.Number, column.Type == dataset.Any:
		f.appendNatural(column.Type, v, x)
		return ""
	case natural == dataset.Date && column.Type == dataset.DateTime:
		v.AppendInt(x.int * 86400 * 1_000_000)
		return ""
	}
	return column.Reason(column.AppendText(v, f.text(nil, x)))
}

// appendNatural adds a value to a column that takes all of its type.
func (f *field) appendNatural(to dataset.Type, v *dataset.Vector, x *value) {
	switch to {
	case dataset.Number:
		if f.natural() == dataset.Integer {
			x.float = float64(x.int)
		}
		v.AppendFloat(x.float)
	case dataset.Integer, dataset.Boolean, dataset.Date, dataset.DateTime:
		v.AppendInt(x.int)
	case dataset.Any:
		v.AppendBytes(f.json(nil, x))
	default:
		v.AppendBytes(x.bytes)
	}
}

func appendString(column *cell.Column, v *dataset.Vector, text []byte) string {
	switch {
	case !utf8.Valid(text):
		return fmt.Sprintf(".%s should be UTF-8", column.Name)
	case bytes.IndexByte(text, 0) >= 0:
		return fmt.Sprintf(".%s should NOT have zero bytes", column.Name)
	}
	return column.Reason(column.AppendText(v, text))
}

// cursor walks the values of one leaf in one row group.
type cursor struct {
	index  int
	values pq.ColumnChunkValueReader
	buf    [256]pq.Value
	i, n   int
	err    error
}

func (c *cursor) open(column pq.ColumnChunk) {
	c.values, c.i, c.n, c.err = pq.NewColumnChunkValueReader(column), 0, 0, nil
}

func (c *cursor) close() {
	if c.values != nil {
		_ = c.values.Close()
		c.values = nil
	}
}

// peek looks at the next value. It is valid until the next but one is asked
// for.
func (c *cursor) peek() (*pq.Value, error) {
	for c.i == c.n {
		if c.err != nil {
			return nil, c.err
		}
		c.i = 0
		if c.n, c.err = c.values.ReadValues(c.buf[:]); c.n == 0 && c.err == nil {
			c.err = io.ErrNoProgress
		}
	}
	return &c.buf[c.i], nil
}

func (c *cursor) next() (*pq.Value, error) {
	x, err := c.peek()
	c.i++
	if err != nil {
		c.i--
	}
	return x, err
}
