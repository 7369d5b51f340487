package parquet

import (
	"context"
	"errors"
	"io"

	pq "github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
)

// rows reads the rows of a file into columns.
type rows struct {
	file    *File
	sources []*field // for each column, or nil
	line    int64    // of the last row
	bytes   int64    // of all batches so far
	bad     map[int]fault
	unpacker
}

// fault is the reason why a row is rejected.
type fault struct {
	refusal
	column int
	value  []byte
}

// produce reads all row groups in order.
func (r *rows) produce(ctx context.Context, out *chunk.Builder, emit chunk.Emit) (last *chunk.Builder, err error) {
	stored := r.file.fields[0].stored
	defer guard(stored, &err)
	defer r.unpacker.close()
	defer r.close()
	r.bad = map[int]fault{}
	for i, group := range r.file.file.RowGroups() {
		r.open(ctx, group, i)
		size := r.batchRows(i)
		for left := group.NumRows(); left > 0; {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			n := int(min(left, int64(size)))
			if err := r.batch(ctx, out, n); err != nil {
				if ctx.Err() != nil {
					return nil, ctx.Err()
				}
				return nil, explain(stored, err)
			}
			left -= int64(n)
			if r.bytes += int64(out.Size()); r.file.MaxBytes > 0 && r.bytes > r.file.MaxBytes {
				return nil, problem.New(problem.TooLarge,
					"The object has more than %d bytes after decompression, which is the limit.", r.file.MaxBytes).
					WithHint("Split the object into smaller ones.")
			}
			if out = emit(out); out == nil {
				return nil, nil //nolint:nilnil // the reader was closed, which is not an error
			}
		}
	}
	return out, nil
}

// batchRows returns the number of rows per batch that limits its size,
// according to the size that the group declares.
func (r *rows) batchRows(group int) int {
	meta := r.file.file.Metadata().RowGroups[group]
	row := meta.TotalByteSize / max(1, meta.NumRows)
	return int(min(chunk.MaxRows, max(16, chunk.MaxBatchBytes/max(1, row))))
}

func (r *rows) open(ctx context.Context, group pq.RowGroup, number int) {
	r.close()
	chunks := group.ColumnChunks()
	meta := r.file.file.Metadata().RowGroups[number].Columns
	for _, f := range r.sources {
		if f != nil {
			f.open(ctx, chunks, meta, &r.unpacker)
		}
	}
}

func (r *rows) close() {
	for _, f := range r.sources {
		if f != nil {
			f.close()
		}
	}
}

// batch appends n rows, column by column, then removes those with a fault.
func (r *rows) batch(ctx context.Context, out *chunk.Builder, n int) error {
	clear(r.bad)
	for i := range out.Columns {
		if err := ctx.Err(); err != nil {
			return err
		}
		for row := range n {
			why, err := r.value(out, i)
			if err != nil {
				return err
			}
			if out.Columns[i].Strict {
				v := &out.Batch.Vectors[i]
				null := why.reason == "" && v.Nulls[len(v.Nulls)-1]
				out.LearnValue(i, r.line+int64(row)+1, null, why.reason == "")
			}
			if why.reason == "" {
				continue
			}
			out.Batch.Vectors[i].AppendNull() // so that the columns keep the same length
			if _, already := r.bad[row]; !already {
				r.bad[row] = why
			}
		}
	}
	for row := range n {
		r.line++
		out.EndRow(r.line)
		if why, is := r.bad[row]; is {
			out.Note(r.line, chunk.Rejection{
				Column: why.column, Value: why.value, Code: why.code, Reason: why.reason,
			})
		}
	}
	if len(r.bad) > 0 {
		out.Keep(func(row int) bool {
			_, is := r.bad[row]
			return !is
		})
	}
	return nil
}

// value appends the next value of a column.
func (r *rows) value(out *chunk.Builder, i int) (fault, error) {
	column, v := &out.Columns[i], &out.Batch.Vectors[i]
	f := r.sources[i]
	if f == nil {
		return r.fault(column, i, column.AppendMissing(v), nil), nil
	}
	x, err := f.next()
	switch {
	case errors.Is(err, io.EOF):
		return fault{}, errors.New("a column has fewer values than the file has rows")
	case err != nil:
		return fault{}, err
	case x.null && column.Required:
		return r.fault(column, i, cell.Missing, nil), nil
	case x.null:
		return r.fault(column, i, column.AppendNull(v), nil), nil
	case len(x.bytes) > r.file.maxRecord:
		reason := "." + column.Name + " " + chunk.TooLarge(r.file.maxRecord)
		return fault{refusal{dataset.RecordTooLong, reason}, i, cut(x.bytes)}, nil
	}
	if why := f.append(column, v, &x); why.reason != "" {
		return fault{why, i, cut(writeText(nil, &f.natural, &x))}, nil
	}
	return fault{}, nil
}

func (r *rows) fault(column *cell.Column, i int, f cell.Fault, value []byte) fault {
	if f == cell.OK {
		return fault{}
	}
	return fault{refuse(column, f), i, cut(value)}
}

// cut returns a copy of a value, shortened for display.
func cut(value []byte) []byte { return []byte(chunk.Cut(value)) }
