package duckdb

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"unicode/utf8"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// appender adds batches to a temporary table, chunk by chunk, by copying
// whole columns.
type appender struct {
	connection *connection
	handle     bindings.Appender
	types      []bindings.LogicalType
	chunk      bindings.DataChunk
	capacity   int
}

// newAppender makes an appender to a temporary table whose columns have these
// types.
func newAppender(c *connection, table string, types []dataset.Type) (*appender, error) {
	a := &appender{connection: c, capacity: int(bindings.VectorSize())} //nolint:gosec // 2048
	if bindings.AppenderCreateExt(c.handle, "temp", "main", table, &a.handle) == bindings.StateError {
		message := bindings.AppenderError(a.handle)
		a.close()
		return nil, fmt.Errorf("duckdb: appending to %s: %s", table, message)
	}
	for _, t := range types {
		a.types = append(a.types, bindings.CreateLogicalType(storageOf(t).kind))
	}
	a.chunk = bindings.CreateDataChunk(a.types)
	return a, nil
}

// append adds the rows of the vectors. With a sequence, one more column numbers
// the rows from *sequence on, and the next number is left in it.
func (a *appender) append(ctx context.Context, vectors []dataset.Vector, rows int, sequence *int64) error {
	for from := 0; from < rows; from += a.capacity {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := a.appendChunk(ctx, vectors, from, min(from+a.capacity, rows), sequence); err != nil {
			return err
		}
	}
	return nil
}

func (a *appender) appendChunk(ctx context.Context, vectors []dataset.Vector, from, to int, sequence *int64) error {
	var pin runtime.Pinner
	defer pin.Unpin()
	bindings.DataChunkReset(a.chunk)
	for i := range vectors {
		writeVector(bindings.DataChunkGetVector(a.chunk, bindings.IdxT(i)), &vectors[i], from, to, &pin)
	}
	if sequence != nil {
		numbers := array[int64](bindings.DataChunkGetVector(a.chunk, bindings.IdxT(len(vectors))), to-from)
		for i := range numbers {
			numbers[i] = *sequence
			*sequence++
		}
	}
	bindings.DataChunkSetSize(a.chunk, bindings.IdxT(to-from)) //nolint:gosec // at most the capacity
	var state bindings.State
	if err := a.connection.interruptible(ctx, func() {
		state = bindings.AppendDataChunk(a.handle,
			a.chunk)
	}); err != nil {
		return err
	}
	return a.check(ctx, state)
}

// flush makes what was appended visible to the connection.
func (a *appender) flush(ctx context.Context) error {
	var state bindings.State
	if err := a.connection.interruptible(ctx, func() { state = bindings.AppenderFlush(a.handle) }); err != nil {
		return err
	}
	return a.check(ctx, state)
}

func (a *appender) check(ctx context.Context, state bindings.State) error {
	if state == bindings.StateError {
		return failure(ctx, bindings.AppenderError(a.handle))
	}
	return nil
}

// close drops what was not flushed.
func (a *appender) close() {
	if a.handle.Ptr != nil {
		bindings.AppenderClear(a.handle)
		bindings.AppenderDestroy(&a.handle)
	}
	bindings.DestroyDataChunk(&a.chunk)
	for i := range a.types {
		bindings.DestroyLogicalType(&a.types[i])
	}
	a.types = nil
}

// checkBatch says whether a batch is what the schema says: DuckDB trusts what
// it is handed.
func checkBatch(batch *dataset.Batch, columns []dataset.Column) error {
	if len(batch.Vectors) != len(columns) {
		return fmt.Errorf("a batch of %d columns for a schema of %d", len(batch.Vectors), len(columns))
	}
	for i := range columns {
		if err := checkVector(&batch.Vectors[i], batch.Rows, columns[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkVector(v *dataset.Vector, rows int, column dataset.Column) error {
	malformed := func() error {
		return fmt.Errorf("the vector of column %q does not have %d values", column.Name,
			rows)
	}
	if v.Type != column.Type {
		return fmt.Errorf("a vector of type %q for column %q of type %q", v.Type, column.Name, column.Type)
	}
	if len(v.Nulls) != rows {
		return malformed()
	}
	switch v.Type {
	case dataset.Integer, dataset.Boolean, dataset.DateTime, dataset.Date:
		if len(v.Ints) != rows {
			return malformed()
		}
		if v.Type == dataset.Date {
			return checkDays(v.Ints, column)
		}
	case dataset.Number:
		if len(v.Floats) != rows {
			return malformed()
		}
	case dataset.Decimal:
		if len(v.Wide) != rows || v.Scale != column.Scale {
			return malformed()
		}
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
		if len(v.Offsets) != rows+1 {
			return malformed()
		}
		return checkText(v, column)
	default:
		return fmt.Errorf("a column of type %q", v.Type)
	}
	return nil
}

func checkDays(days []int64, column dataset.Column) error {
	for _, d := range days {
		if d <= math.MinInt32 || d >= math.MaxInt32 { // the outermost are DuckDB's infinities
			return problem.New(problem.Invalid, "A date in column %q is out of range.", column.Name)
		}
	}
	return nil
}

// checkText looks at the bytes once as a whole, which is fast, and then only
// at whether each value begins a character.
func checkText(v *dataset.Vector, column dataset.Column) error {
	last := int32(0)
	for _, at := range v.Offsets {
		if at < last || int(at) > len(v.Bytes) {
			return fmt.Errorf("the offsets of column %q go astray", column.Name)
		}
		last = at
	}
	used := v.Bytes[v.Offsets[0]:last]
	broken := !utf8.Valid(used)
	for _, at := range v.Offsets {
		broken = broken || at < last && !utf8.RuneStart(v.Bytes[at])
	}
	if broken {
		return problem.New(problem.Invalid, "A value of column %q is not UTF-8.", column.Name)
	}
	return nil
}
