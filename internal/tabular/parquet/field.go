package parquet

import (
	"context"
	"fmt"
	"io"
	"unicode/utf8"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// field is a top-level column of a file: one leaf, or a tree of them.
type field struct {
	node    *node
	leaf    *leaf          // if the field has one value in each row
	natural dataset.Column // the type of its values, without a name
	stored  *remembering
	cursors []*cursor
	scratch []byte
}

// value is one value of a field, in the form of its natural type.
type value struct {
	null  bool
	int   int64          // integer, boolean, date, date-time
	wide  dataset.Int128 // decimal
	float float64        // number
	bytes []byte         // string; JSON for object, array and any
	// wrong explains why the value is not of its natural type. Numbers and dates
	// then have their text in bytes.
	wrong string
}

// newField returns the field of a top-level column, whose schema elements come
// next.
func newField(c *pq.Column, schema *elements, stored *remembering, maxBytes int) (*field, error) {
	root, err := newNode(c, schema, maxBytes)
	if err != nil {
		return nil, err
	}
	f := &field{node: root, stored: stored}
	f.node.leaves(func(n *node) {
		n.cursor = &cursor{index: n.column.Index()}
		f.cursors = append(f.cursors, n.cursor)
	})
	if c.Leaf() && !c.Repeated() {
		f.leaf = f.node.leaf
	}
	f.natural = f.naturalColumn()
	return f, nil
}

// naturalColumn returns the type of the field's values.
func (f *field) naturalColumn() dataset.Column {
	switch {
	case f.leaf != nil:
		return f.leaf.column
	case f.node.column.Repeated() || f.node.kind == listNode:
		return dataset.Column{Type: dataset.Array}
	case f.node.kind == mapNode && !f.node.children[0].children[0].isText():
		return dataset.Column{Type: dataset.Array}
	case f.node.kind == variantNode:
		return dataset.Column{Type: dataset.Any}
	}
	return dataset.Column{Type: dataset.Object}
}

// forgetLosses resets the counters of values that couldn't be stored exactly.
func (f *field) forgetLosses() {
	f.node.leaves(func(n *node) {
		n.leaf.losses.notFinite.Store(0)
		n.leaf.losses.cut.Store(0)
	})
}

// losses returns how many values became null because they are not finite, and
// how many timestamps were cut to microseconds.
func (f *field) losses() (notFinite, cut int64) {
	f.node.leaves(func(n *node) {
		notFinite += n.leaf.losses.notFinite.Load()
		cut += n.leaf.losses.cut.Load()
	})
	return notFinite, cut
}

// open starts reading a row group. meta describes the group's column chunks.
func (f *field) open(ctx context.Context, chunks []pq.ColumnChunk, meta []format.ColumnChunk, u *unpacker) {
	f.node.leaves(func(n *node) {
		i := n.cursor.index
		n.cursor.open(ctx, guardChunk(chunks[i], n.column, &meta[i].MetaData, f.stored, u))
	})
}

func (f *field) close() {
	for _, c := range f.cursors {
		c.close()
	}
}

// next reads the value of the next row. Its bytes are valid until the next call.
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

// refusal is the reason why a column doesn't accept a value; the zero value
// means that it does.
type refusal struct {
	code   dataset.RejectCode
	reason string
}

func refuse(column *cell.Column, f cell.Fault) refusal { return refusal{f.Code(), column.Reason(f)} }

// append casts a value into a column. It returns the reason if the column
// doesn't accept it.
func (f *field) append(column *cell.Column, v *dataset.Vector, x *value) refusal {
	natural := f.natural.Type
	isNumber := natural == dataset.Integer || natural == dataset.Decimal
	isDate := natural == dataset.Date || natural == dataset.DateTime
	if isDate && x.wrong != "" && column.Strict && column.Type == dataset.String {
		return appendString(column, v, x.bytes)
	}
	if x.wrong != "" && (!isNumber || natural == column.Type && natural == dataset.Integer) {
		return refusal{dataset.OutOfRange, "." + column.Name + " " + x.wrong}
	}
	switch {
	case x.wrong != "" && column.Type != dataset.Any:
	case natural == dataset.String && column.Type == dataset.String:
		return appendString(column, v, x.bytes)
	case column.Type == dataset.Any:
		v.AppendBytes(writeJSON(nil, &f.natural, x))
		return refusal{}
	case column.Type == dataset.Decimal && (natural == dataset.Decimal || natural == dataset.Integer):
		return f.appendDecimal(column, v, x)
	case natural == column.Type:
		f.appendNatural(v, x)
		return refusal{}
	case natural == dataset.Integer && column.Type == dataset.Number:
		v.AppendFloat(float64(x.int))
		return refusal{}
	case natural == dataset.Decimal && column.Type == dataset.Number:
		v.AppendFloat(dataset.DecimalFloat(x.wide, f.natural.Scale))
		return refusal{}
	case natural == dataset.Decimal && column.Type == dataset.Integer:
		return f.appendWhole(column, v, x)
	case natural == dataset.Date && column.Type == dataset.DateTime:
		v.AppendInt(x.int * microsOfDay)
		return refusal{}
	}
	return refuse(column, column.AppendText(v, writeText(nil, &f.natural, x)))
}

// appendNatural appends a value to a column of the same type.
func (f *field) appendNatural(v *dataset.Vector, x *value) {
	switch f.natural.Type {
	case dataset.Number:
		v.AppendFloat(x.float)
	case dataset.Integer, dataset.Boolean, dataset.Date, dataset.DateTime:
		v.AppendInt(x.int)
	default:
		v.AppendBytes(x.bytes)
	}
}

// appendDecimal appends an integer or a decimal to a column of decimals.
func (f *field) appendDecimal(column *cell.Column, v *dataset.Vector, x *value) refusal {
	wide := x.wide
	if f.natural.Type == dataset.Integer {
		wide = dataset.NewInt128(x.int)
	}
	scaled, ok := dataset.Rescale(wide, f.natural.Scale, column.Scale)
	if !ok || !dataset.DecimalFits(scaled, column.Precision) {
		return refuse(column, cell.TooLarge)
	}
	v.AppendWide(scaled)
	return refusal{}
}

// appendWhole appends a decimal to a column of integers.
func (f *field) appendWhole(column *cell.Column, v *dataset.Vector, x *value) refusal {
	whole, ok := dataset.Rescale(x.wide, f.natural.Scale, 0)
	if !ok {
		return refuse(column, cell.WrongType)
	}
	n, ok := whole.Int64()
	if !ok {
		return refuse(column, cell.TooLarge)
	}
	v.AppendInt(n)
	return refusal{}
}

func appendString(column *cell.Column, v *dataset.Vector, text []byte) refusal {
	if !utf8.Valid(text) {
		return refusal{dataset.BadEncoding, fmt.Sprintf(".%s should be UTF-8", column.Name)}
	}
	return refuse(column, column.AppendText(v, text))
}

// cursor walks the values of one leaf in one row group.
type cursor struct {
	index  int
	values pq.ColumnChunkValueReader
	buf    [256]pq.Value
	i, n   int
	err    error
	ended  func() error // the error of the context
}

func (c *cursor) open(ctx context.Context, column pq.ColumnChunk) {
	c.values, c.i, c.n, c.err, c.ended = pq.NewColumnChunkValueReader(column), 0, 0, nil, ctx.Err
}

func (c *cursor) close() {
	if c.values != nil {
		_ = c.values.Close()
		c.values = nil
	}
}

// peek returns the next value without moving on. It is valid until the value
// after it is read.
func (c *cursor) peek() (*pq.Value, error) {
	for c.i == c.n {
		if c.err != nil {
			return nil, c.err
		}
		if err := c.ended(); err != nil { // one row can have very many values
			return nil, err
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
