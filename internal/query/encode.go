package query

import (
	"bytes"
	"math"
	"strconv"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// encoder writes rows in a format, at the end of b.
type encoder struct {
	request *Request
	columns []dataset.Column
	names   [][]byte // `"name":` of each column
	scratch []byte
	file    *columnar.Encoder // of Arrow and Parquet; else nil
}

func newEncoder(request *Request, columns []dataset.Column) *encoder {
	e := &encoder{request: request, columns: columns}
	for _, c := range columns {
		e.names = append(e.names, rowtext.AppendName(nil, c.Name))
	}
	if request.Format.columnar() {
		e.file = columnar.New(columnar.Format(request.Format), columns)
	}
	return e
}

// line appends a row of a stream.
func (e *encoder) line(b []byte, batch *dataset.Batch, i int) []byte {
	if e.file != nil {
		return e.file.Row(b, batch, i)
	}
	return append(e.row(b, batch, i), '\n')
}

// last appends the end of a stream.
func (e *encoder) last(b []byte) ([]byte, error) {
	if e.file != nil {
		return e.file.Close(b)
	}
	return b, nil
}

func (e *encoder) begin(b []byte) []byte {
	switch e.request.Format {
	case JSON:
		return append(b, '[')
	case Table:
		b = append(b, `{"columns":[`...)
		for i, c := range e.columns {
			if i > 0 {
				b = append(b, ',')
			}
			b = rowtext.AppendString(append(b, `{"name":`...), []byte(c.Name))
			b = append(rowtext.AppendString(append(b, `,"type":`...), []byte(c.TypeName())), '}')
		}
		return append(b, `],"rows":[`...)
	case CSV:
		for i, c := range e.columns {
			b = appendField(b, i, []byte(c.Name))
		}
		return append(b, '\n')
	case NDJSON, Arrow, Parquet:
		return b
	default:
		return b
	}
}

// end ends an answer that isn't a stream.
func (e *encoder) end(b []byte, truncated bool) []byte {
	if e.request.Format != Table {
		return append(b, ']')
	}
	return append(strconv.AppendBool(append(b, `],"truncated":`...), truncated), '}')
}

func (e *encoder) row(b []byte, batch *dataset.Batch, i int) []byte {
	switch e.request.Format {
	case CSV:
		for c := range batch.Vectors {
			b = e.field(b, c, &batch.Vectors[c], i)
		}
		return b
	case Table:
		b = append(b, '[')
		for c := range batch.Vectors {
			if c > 0 {
				b = append(b, ',')
			}
			b = e.value(b, &batch.Vectors[c], i)
		}
		return append(b, ']')
	default:
		b = append(b, '{')
		for c := range batch.Vectors {
			if c > 0 {
				b = append(b, ',')
			}
			b = e.value(append(b, e.names[c]...), &batch.Vectors[c], i)
		}
		return append(b, '}')
	}
}

// value writes a value as JSON.
func (e *encoder) value(b []byte, v *dataset.Vector, i int) []byte {
	if e.request.Quoted && (v.Type == dataset.Integer || v.Type == dataset.Decimal) && !v.Nulls[i] {
		return append(rowtext.AppendText(append(b, '"'), v, i), '"')
	}
	return rowtext.AppendJSON(b, v, i)
}

// field writes a value as CSV: null is an empty field, an empty text is "".
func (e *encoder) field(b []byte, at int, v *dataset.Vector, i int) []byte {
	if v.Nulls[i] {
		return separate(b, at)
	}
	if v.Type == dataset.Number {
		switch x := v.Floats[i]; {
		case math.IsNaN(x):
			return append(separate(b, at), "NaN"...)
		case math.IsInf(x, 0):
			return append(separate(b, at), map[bool]string{true: "Infinity", false: "-Infinity"}[x > 0]...)
		}
	}
	e.scratch = rowtext.AppendText(e.scratch[:0], v, i)
	return appendField(b, at, e.scratch)
}

func separate(b []byte, at int) []byte {
	if at > 0 {
		return append(b, ',')
	}
	return b
}

// appendField appends a text, quoted if necessary.
func appendField(b []byte, at int, text []byte) []byte {
	b = separate(b, at)
	if len(text) > 0 && text[0] != ' ' && text[len(text)-1] != ' ' && !bytes.ContainsAny(text, "\",\r\n") {
		return append(b, text...)
	}
	b = append(b, '"')
	b = append(b, bytes.ReplaceAll(text, []byte(`"`), []byte(`""`))...)
	return append(b, '"')
}
