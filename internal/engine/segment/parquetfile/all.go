package parquetfile

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// The limits of a batch of [All].
const (
	allRows  = 8192
	allBytes = 4 << 20
)

// All reads all rows of files in the order of the index, up to limit. It holds
// one page of each column and file at a time, and bypasses the cache. If
// sorted is false, the files aren't sorted by the index of the schema, and
// rows come in no particular order.
func All(ctx context.Context, sources []Source, schema dataset.Schema, columns []string, sorted bool,
	limit int,
) (engine.Rows, error) {
	if !sorted {
		schema.Index = dataset.Index{}
	}
	spec, err := SpecOf(&schema)
	if err != nil {
		return nil, err
	}
	a := &all{ctx: ctx, left: limit}
	if a.merger, err = newMerger(ctx, spec, sources); err != nil {
		return nil, err
	}
	a.updated = len(spec.Columns) + systemUpdated
	a.merger.wanted, a.merger.bytes = []int{a.updated}, allBytes
	for _, name := range columns {
		c, at, ok := schema.Column(name)
		if !ok {
			return nil, unknownColumn(name)
		}
		a.columns, a.places = append(a.columns, c), append(a.places, at)
		a.merger.wanted = append(a.merger.wanted, at)
	}
	a.batch.Vectors = make([]dataset.Vector, len(columns))
	return a, nil
}

// all is the result of [All].
type all struct {
	ctx     context.Context //nolint:containedctx // for the whole read, as in rows
	merger  *merger
	columns []dataset.Column
	places  []int // of the columns among the merger's
	updated int
	left    int
	batch   dataset.Batch
}

// Columns returns the result's columns.
func (a *all) Columns() []dataset.Column { return a.columns }

// Next returns the next batch, nil at the end.
func (a *all) Next() (*dataset.Batch, error) {
	if a.merger == nil || a.left == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	a.merger.rows = min(allRows, a.left)
	if err := a.merger.fill(a.ctx); err != nil {
		return nil, err
	}
	if a.batch.Rows = len(a.merger.order); a.batch.Rows == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	a.left -= a.batch.Rows
	for i, at := range a.places {
		a.batch.Vectors[i] = a.merger.vectors[at]
	}
	return &a.batch, nil
}

// Updated returns when row i of the last batch was loaded.
func (a *all) Updated(i int) time.Time {
	return time.UnixMicro(a.merger.vectors[a.updated].Ints[i]).UTC()
}

// Close releases the read's resources.
func (a *all) Close() error {
	a.merger = nil
	return nil
}
