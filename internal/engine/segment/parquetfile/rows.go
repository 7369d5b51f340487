package parquetfile

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// batchRows bounds the rows of a batch of a result, and batchBytes its texts
// unless one row has more.
const (
	batchRows  = 1024
	batchBytes = 4 << 20
)

// rows is the result of a selection.
type rows struct {
	ctx     context.Context //nolint:containedctx // of the call that reads the rows, as engine.Rows has no other
	plan    *plan
	sources []*source
	next    producer // nil when there is nothing
	batch   dataset.Batch
	updated dataset.Vector
}

// producer fills the next batch of a result, whose vectors are empty. It
// leaves it empty at the end.
type producer interface {
	fill(ctx context.Context, out *rows) error
}

func newRows(ctx context.Context, p *plan) *rows {
	return &rows{ctx: ctx, plan: p}
}

// Columns returns the result's columns.
func (r *rows) Columns() []dataset.Column { return r.plan.needs[:r.plan.outputs] }

// Next returns the next batch, nil at the end.
func (r *rows) Next() (*dataset.Batch, error) {
	if r.next == nil {
		return nil, nil //nolint:nilnil // the end
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if r.batch.Vectors == nil {
		r.batch.Vectors = make([]dataset.Vector, r.plan.outputs)
		for i := range r.batch.Vectors {
			r.batch.Vectors[i] = dataset.NewVector(r.plan.needs[i].Type, 0)
		}
		r.updated = dataset.NewVector(dataset.DateTime, 0)
	}
	for i := range r.batch.Vectors {
		r.batch.Vectors[i].Reset()
	}
	r.updated.Reset()
	if err := r.next.fill(r.ctx, r); err != nil {
		return nil, err
	}
	r.batch.Rows = len(r.updated.Ints)
	if r.batch.Rows == 0 {
		r.next = nil
		return nil, nil //nolint:nilnil // the end
	}
	return &r.batch, nil
}

// Updated returns when row i of the last batch was loaded.
func (r *rows) Updated(i int) time.Time { return time.UnixMicro(r.updated.Ints[i]).UTC() }

// Close gives the result's memory back.
func (r *rows) Close() error {
	r.next = nil
	return nil
}
