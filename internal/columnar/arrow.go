package columnar

import (
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/windlass-io/windlass/internal/dataset"
)

// arrowFile is an Arrow IPC stream.
type arrowFile struct {
	schema *arrow.Schema
	writer *ipc.Writer
}

func newArrow(w io.Writer, columns []dataset.Column) *arrowFile {
	fields := make([]arrow.Field, len(columns))
	for i, c := range columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrowType(c), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	return &arrowFile{schema, ipc.NewWriter(w, ipc.WithSchema(schema), ipc.WithAllocator(memory.DefaultAllocator))}
}

func arrowType(c dataset.Column) arrow.DataType {
	switch c.Type {
	case dataset.Integer:
		return arrow.PrimitiveTypes.Int64
	case dataset.Decimal:
		return &arrow.Decimal128Type{Precision: int32(precisionOf(c)), Scale: int32(c.Scale)} //nolint:gosec // at most 38
	case dataset.Number:
		return arrow.PrimitiveTypes.Float64
	case dataset.Boolean:
		return arrow.FixedWidthTypes.Boolean
	case dataset.Date:
		return arrow.FixedWidthTypes.Date32
	case dataset.DateTime:
		return arrow.FixedWidthTypes.Timestamp_us
	default:
		return arrow.BinaryTypes.String
	}
}

func (f *arrowFile) write(vectors []dataset.Vector, rows int) error {
	columns := make([]arrow.Array, len(vectors))
	for i := range vectors {
		columns[i] = arrowArray(f.schema.Field(i).Type, &vectors[i])
	}
	record := array.NewRecordBatch(f.schema, columns, int64(rows))
	defer record.Release()
	return f.writer.Write(record)
}

func (f *arrowFile) close() error { return f.writer.Close() }

// arrowArray returns the values of a vector.
func arrowArray(kind arrow.DataType, v *dataset.Vector) arrow.Array {
	builder := array.NewBuilder(memory.DefaultAllocator, kind)
	defer builder.Release()
	builder.Reserve(len(v.Nulls))
	for i, null := range v.Nulls {
		if null {
			builder.AppendNull()
			continue
		}
		switch b := builder.(type) {
		case *array.Int64Builder:
			b.Append(v.Ints[i])
		case *array.Decimal128Builder:
			b.Append(decimal128.New(v.Wide[i].Hi, v.Wide[i].Lo))
		case *array.Float64Builder:
			b.Append(v.Floats[i])
		case *array.BooleanBuilder:
			b.Append(v.Ints[i] != 0)
		case *array.Date32Builder:
			b.Append(arrow.Date32(v.Ints[i])) //nolint:gosec // days of years with four digits
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(v.Ints[i]))
		case *array.StringBuilder:
			b.BinaryBuilder.Append(v.BytesAt(i))
		}
	}
	return builder.NewArray()
}
