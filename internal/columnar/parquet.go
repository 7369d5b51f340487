package columnar

import (
	"io"
	"reflect"

	"github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/dataset"
)

// parquetFile is a Parquet file. Each group of rows is a row group.
type parquetFile struct {
	writer *parquet.GenericWriter[any]
	values []parquet.Value
}

func newParquet(w io.Writer, columns []dataset.Column) *parquetFile {
	root := ordered{Group: parquet.Group{}}
	for _, c := range columns {
		node := parquet.Optional(parquetNode(c))
		root.Group[c.Name] = node
		root.fields = append(root.fields, field{node, c.Name})
	}
	return &parquetFile{writer: parquet.NewGenericWriter[any](w, parquet.NewSchema("rows", root),
		parquet.CreatedBy("windlass", "", ""), parquet.Compression(&parquet.Snappy))}
}

func parquetNode(c dataset.Column) parquet.Node {
	switch c.Type {
	case dataset.Integer:
		return parquet.Int(64)
	case dataset.Decimal:
		return parquet.Decimal(c.Scale, precisionOf(c), parquet.FixedLenByteArrayType(16))
	case dataset.Number:
		return parquet.Leaf(parquet.DoubleType)
	case dataset.Boolean:
		return parquet.Leaf(parquet.BooleanType)
	case dataset.Date:
		return parquet.Date()
	case dataset.DateTime:
		return parquet.Timestamp(parquet.Microsecond)
	case dataset.Object, dataset.Array, dataset.Any:
		return parquet.JSON()
	default:
		return parquet.String()
	}
}

// ordered is a group whose fields keep their order. parquet.Group sorts fields
// by name.
type ordered struct {
	parquet.Group
	fields []parquet.Field
}

// Fields returns the fields.
func (o ordered) Fields() []parquet.Field { return o.fields }

type field struct {
	parquet.Node
	name string
}

// Name returns the name of the column.
func (f field) Name() string { return f.name }

// Value returns base. It is only used for rows that are Go values.
func (f field) Value(base reflect.Value) reflect.Value { return base }

func (f *parquetFile) write(vectors []dataset.Vector, rows int) error {
	for i := range rows {
		f.values = f.values[:0]
		for c := range vectors {
			f.values = append(f.values, parquetValue(&vectors[c], i, c))
		}
		if _, err := f.writer.WriteRows([]parquet.Row{f.values}); err != nil {
			return err
		}
	}
	return f.writer.Flush()
}

func (f *parquetFile) close() error { return f.writer.Close() }

func parquetValue(v *dataset.Vector, i, column int) parquet.Value {
	if v.Nulls[i] {
		return parquet.NullValue().Level(0, 0, column)
	}
	var value parquet.Value
	switch v.Type {
	case dataset.Integer, dataset.DateTime:
		value = parquet.Int64Value(v.Ints[i])
	case dataset.Date:
		value = parquet.Int32Value(int32(v.Ints[i])) //nolint:gosec // days of years with four digits
	case dataset.Boolean:
		value = parquet.BooleanValue(v.Ints[i] != 0)
	case dataset.Number:
		value = parquet.DoubleValue(v.Floats[i])
	case dataset.Decimal:
		digits := v.Wide[i].Bytes()
		value = parquet.FixedLenByteArrayValue(digits[:])
	default:
		value = parquet.ByteArrayValue(v.BytesAt(i))
	}
	return value.Level(0, 1, column)
}
