package duckdb

import (
	"context"
	"errors"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// result is the answer to one statement.
type result struct {
	handle     bindings.Result
	chunk      bindings.DataChunk
	connection *connection                // of a streamed result
	statement  bindings.PreparedStatement // of a streamed result
}

func (r *result) close() {
	bindings.DestroyDataChunk(&r.chunk)
	bindings.DestroyResult(&r.handle)
	bindings.DestroyPrepare(&r.statement)
}

func (r *result) changed() int64 {
	return int64(bindings.RowsChanged(&r.handle)) //nolint:gosec // a number of rows
}

// next fetches the next chunk and says how many rows it has: 0 at the end.
func (r *result) next(ctx context.Context) (int, error) {
	bindings.DestroyDataChunk(&r.chunk)
	fetch := func() { r.chunk = bindings.FetchChunk(r.handle) }
	if r.connection == nil {
		fetch() // it is held already, and its connection may serve another
	} else if err := r.connection.interruptible(ctx, fetch); err != nil {
		return 0, err
	}
	if r.chunk.Ptr == nil {
		if message := bindings.ResultError(&r.handle); message != "" {
			return 0, failure(ctx, message)
		}
		return 0, nil
	}
	return int(bindings.DataChunkGetSize(r.chunk)), nil //nolint:gosec // at most 2048
}

// read copies the rows [from, to) of column i of the chunk to the end of v.
func (r *result) read(i, from, to int, v *dataset.Vector) error {
	return readVector(bindings.DataChunkGetVector(r.chunk, bindings.IdxT(i)), from, to, v) //nolint:gosec // a column's number
}

// all reads a whole result, whose columns have these types, into one batch.
// It is for the engine's own small tables.
func (r *result) all(ctx context.Context, types ...dataset.Type) (*dataset.Batch, error) {
	defer r.close()
	batch := &dataset.Batch{Vectors: make([]dataset.Vector, len(types))}
	for i, t := range types {
		batch.Vectors[i] = dataset.NewVector(t, 0)
	}
	for {
		n, err := r.next(ctx)
		if err != nil || n == 0 {
			return batch, err
		}
		for i := range types {
			if err := r.read(i, 0, n, &batch.Vectors[i]); err != nil {
				return nil, err
			}
		}
		batch.Rows += n
	}
}

// int64 reads the one number that a statement answers.
func (c *connection) int64(ctx context.Context, sql string) (int64, error) {
	r, err := c.query(ctx, sql)
	if err != nil {
		return 0, err
	}
	batch, err := r.all(ctx, dataset.Integer)
	if err != nil {
		return 0, err
	}
	if batch.Rows != 1 {
		return 0, errors.New("duckdb: not one row")
	}
	return batch.Vectors[0].Ints[0], nil
}
