package avro

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/twmb/avro/ocf"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/compress"
)

// rows reads the records of a file into columns.
type rows struct {
	file    *File
	stored  *remembering
	sources []int // the field of each column; -1 for none
	record  []any // the values of the fields
	number  int64 // of the record
	bytes   int64 // of all batches so far
	losses  losses
}

func newRows(f *File, columns []cell.Column) *rows {
	r := &rows{file: f, record: make([]any, len(f.fields))}
	for _, c := range columns {
		r.sources = append(r.sources, slices.Index(f.Columns, c.Name))
	}
	return r
}

// next reads the values of the next record, in the order of the fields. A panic of
// the library over damaged data becomes an error.
func (r *rows) next(file *ocf.Reader) (record []any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	var decoded any
	if err := file.Decode(&decoded); err != nil {
		return nil, err
	}
	if !r.file.record {
		r.record[0] = decoded
		return r.record, nil
	}
	members, ok := decoded.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("a record is %T", decoded)
	}
	for i := range r.record {
		r.record[i] = members[r.file.names[i]]
	}
	return r.record, nil
}

// produce reads all records.
func (r *rows) produce(ctx context.Context, out *chunk.Builder, emit chunk.Emit) (*chunk.Builder, error) {
	file, err := r.file.open(r.stored)
	if err != nil {
		return nil, explain(r.stored, err)
	}
	defer file.Close() //nolint:errcheck // nothing is written
	defer func() { r.file.losses = r.losses }()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		record, err := r.next(file)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, explain(r.stored, err)
		}
		r.number++
		r.append(out, record)
		if !out.Full() {
			continue
		}
		if r.bytes += int64(out.Size()); r.file.MaxBytes > 0 && r.bytes > r.file.MaxBytes {
			return nil, problem.New(problem.TooLarge, "The object has more than %d bytes after decompression, "+
				"which is the limit.",
				r.file.MaxBytes).WithHint("Split the object into smaller ones.").WithReason(compress.ExpansionLimit)
		}
		if out = emit(out); out == nil {
			return nil, nil //nolint:nilnil // the reader was closed, which is not an error
		}
	}
}

// append adds a record as a row, or as a rejected row.
func (r *rows) append(out *chunk.Builder, record []any) {
	var first *chunk.Rejection
	for i := range out.Columns {
		why := r.cell(out, i, record)
		if why.Code != "" && first == nil {
			first = &why
		}
	}
	if first == nil {
		out.EndRow(r.number)
		return
	}
	out.Reject(r.number, *first)
}

// cell appends the value of a column. It returns why the column doesn't accept it.
func (r *rows) cell(out *chunk.Builder, i int, record []any) chunk.Rejection {
	column, v := &out.Columns[i], &out.Batch.Vectors[i]
	var x value
	var fault cell.Fault
	source := r.sources[i]
	if source < 0 {
		fault = column.AppendMissing(v)
	} else if x = r.file.fields[source].value(record[source], &r.losses); x.kind == cell.JSONNull && column.Required {
		fault = cell.Missing
	} else if code, why := r.check(column, &x); code != "" && !r.takes(column, source, &x) {
		if column.Strict {
			out.LearnValue(i, r.number, false, false)
		}
		return chunk.Rejection{Column: i, Value: x.text, Code: code, Reason: why}
	} else {
		fault = appendValue(column, v, &x)
	}
	if column.Strict {
		out.LearnValue(i, r.number, fault == cell.OK && (source < 0 || x.kind == cell.JSONNull), fault == cell.OK)
	}
	if fault == cell.OK {
		return chunk.Rejection{}
	}
	return chunk.Rejection{Column: i, Value: x.text, Code: fault.Code(), Reason: column.Reason(fault)}
}

// takes reports whether a guessed column accepts the text of a value that doesn't
// fit the file's own type. It records that there is such a value.
func (r *rows) takes(column *cell.Column, source int, x *value) bool {
	if x.code != dataset.OutOfRange || len(x.text) == 0 || !column.Strict {
		return false
	}
	r.file.beyond[source].Store(true)
	return column.Type == dataset.String && column.Format == ""
}

// check returns why a value is rejected by any column.
func (r *rows) check(column *cell.Column, x *value) (dataset.RejectCode, string) {
	switch {
	case x.code != "":
		return x.code, "." + column.Name + " " + x.why
	case len(x.text) > r.file.limit:
		return dataset.RecordTooLong, "." + column.Name + " " + chunk.TooLarge(r.file.limit)
	case x.kind != cell.JSONString:
	case !utf8.Valid(x.text):
		return dataset.BadEncoding, "." + column.Name + " should be UTF-8"
	}
	return "", ""
}

// appendValue casts a value into a column. A string column accepts every value as
// text.
func appendValue(column *cell.Column, v *dataset.Vector, x *value) cell.Fault {
	raw := x.text
	switch {
	case x.kind == cell.JSONNull:
		return column.AppendNull(v)
	case column.Type == dataset.String:
		return column.AppendJSON(v, cell.JSONString, nil, x.text)
	case column.Type == dataset.Any:
		raw = x.appendJSON(nil)
	}
	return column.AppendJSON(v, x.kind, raw, x.text)
}
