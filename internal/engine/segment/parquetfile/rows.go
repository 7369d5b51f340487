package parquetfile

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// batchRows limits the rows in a batch of a result. batchBytes limits its
// texts, unless a single row has more.
const (
	batchRows  = 1024
	batchBytes = 4 << 20
)

// rows is the result of a selection.
type rows struct {
	ctx     context.Context //nolint:containedctx // of the call that reads the rows, because engine.Rows has no context
	plan    *plan
	sources []*source
	next    producer // nil if there are no rows
	batch   dataset.Batch
	updated dataset.Vector // filled on demand
	walk    walk
	memory  memory
	failed  error // error of Updated, returned by the next call of Next
}

// producer fills the next batch of a result, whose vectors are empty. It leaves
// the batch empty at the end. loaded returns the times of loading of the batch's
// rows.
type producer interface {
	fill(ctx context.Context, out *rows) error
	loaded(v *dataset.Vector) error
}

// newRows returns an empty result in recycled memory.
func newRows(ctx context.Context, p *plan) *rows {
	r := spare.Get().(*rows)
	r.ctx, r.plan, r.next, r.failed = ctx, p, nil, nil
	vectors := r.batch.Vectors
	for len(vectors) < p.outputs {
		vectors = append(vectors, dataset.Vector{})
	}
	r.batch.Vectors = vectors[:p.outputs]
	for i := range r.batch.Vectors {
		if v := &r.batch.Vectors[i]; v.Type != p.needs[i].Type || v.Scale != p.needs[i].Scale {
			*v = dataset.NewVectorOf(p.needs[i], 0)
		}
	}
	r.updated.Type = dataset.DateTime
	return r
}

// spare keeps the memory of results.
var spare = sync.Pool{New: func() any { return new(rows) }}

// spareBytes limits the memory that a result may return to the pool.
const spareBytes = 1 << 20

// free returns the memory of a result to the pool.
func (r *rows) free() {
	size := 0
	for i := range r.batch.Vectors {
		v := &r.batch.Vectors[i]
		size += cap(v.Bytes) + 8*cap(v.Ints) + 8*cap(v.Floats) + 16*cap(v.Wide) + 4*cap(v.Offsets)
	}
	if size > spareBytes || len(r.memory.blocks) > 256 {
		return
	}
	r.memory.reset()
	r.ctx, r.plan, r.next = nil, nil, nil
	clear(r.sources)
	r.sources = r.sources[:0]
	spare.Put(r)
}

// Next returns the next batch, nil at the end.
func (r *rows) Next() (*dataset.Batch, error) {
	if r.next == nil {
		return nil, nil //nolint:nilnil // the end
	}
	if err := errors.Join(r.failed, r.ctx.Err()); err != nil {
		return nil, err
	}
	for i := range r.batch.Vectors {
		r.batch.Vectors[i].Reset()
	}
	r.updated.Reset()
	r.batch.Rows = 0
	if err := r.next.fill(r.ctx, r); err != nil {
		return nil, err
	}
	if r.batch.Rows == 0 {
		r.next = nil
		return nil, nil //nolint:nilnil // the end
	}
	return &r.batch, nil
}

// result wraps rows until it is closed, so that closing it twice returns the
// memory only once.
type result struct{ rows *rows }

// Columns returns the result's columns.
func (r *result) Columns() []dataset.Column {
	if r.rows == nil {
		return nil
	}
	return r.rows.plan.needs[:r.rows.plan.outputs]
}

// Next returns the next batch, nil at the end.
func (r *result) Next() (*dataset.Batch, error) {
	if r.rows == nil {
		return nil, nil //nolint:nilnil // closed
	}
	return r.rows.Next()
}

// Updated returns when row i of the last batch was loaded.
func (r *result) Updated(i int) time.Time {
	if r.rows == nil {
		return time.Time{}
	}
	return r.rows.Updated(i)
}

// Close returns the result's memory to the pool.
func (r *result) Close() error {
	if r.rows != nil {
		r.rows.free()
		r.rows = nil
	}
	return nil
}

// Updated returns when row i of the last batch was loaded.
func (r *rows) Updated(i int) time.Time {
	if len(r.updated.Ints) == 0 && r.next != nil {
		if err := r.next.loaded(&r.updated); err != nil {
			r.failed = err
			return time.Time{}
		}
	}
	return time.UnixMicro(r.updated.Ints[i]).UTC()
}

// memory recycles a selection's values for files and pages. A nil memory
// always allocates.
type memory struct {
	sources []*source
	blocks  []*block
	cursors []*cursor
	used    struct{ sources, blocks, cursors int }
}

func (m *memory) source() *source {
	if m == nil {
		return new(source)
	}
	return take(&m.sources, &m.used.sources)
}

func (m *memory) block() *block {
	if m == nil {
		return new(block)
	}
	return take(&m.blocks, &m.used.blocks)
}

func (m *memory) cursor() *cursor { return take(&m.cursors, &m.used.cursors) }

// take returns the next unused value of a list, and appends a new one if
// there is none.
func take[T any](list *[]*T, used *int) *T {
	if *used == len(*list) {
		*list = append(*list, new(T))
	}
	*used++
	return (*list)[*used-1]
}

// recycle recycles the blocks that no cursor uses.
func (m *memory) recycle(cursors []*cursor) {
	kept := 0
	for i, b := range m.blocks[:m.used.blocks] {
		if slices.ContainsFunc(cursors, func(c *cursor) bool { return c.block == b }) {
			m.blocks[kept], m.blocks[i] = b, m.blocks[kept]
			kept++
			continue
		}
		clear(b.pages)
	}
	m.used.blocks = kept
}

// reset clears the pointers in the values.
func (m *memory) reset() {
	for _, b := range m.blocks[:m.used.blocks] {
		clear(b.pages)
		*b = block{pages: b.pages}
	}
	for _, s := range m.sources[:m.used.sources] {
		*s = source{columns: s.columns}
	}
	for _, c := range m.cursors[:m.used.cursors] {
		*c = cursor{}
	}
	m.used = struct{ sources, blocks, cursors int }{}
}
