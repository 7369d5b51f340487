package duckdb

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxHeld is how many rows a result may have to be held whole, which frees its
// connection at once; a larger one is streamed.
const maxHeld = 4096

// maxOffset bounds how many rows a selection may pass over.
const maxOffset = 100_000_000

// Lookup reads the rows that a selection names; see engine.Engine.
func (e *Engine) Lookup(ctx context.Context, s engine.Selection) (engine.Rows, error) {
	columns, err := resultColumns(&s)
	if err != nil {
		return nil, err
	}
	if s.Limit < 1 || s.Offset < 0 || s.Every < 0 || needed(&s) > maxOffset || needed(&s) < 1 {
		return nil, problem.New(problem.Invalid, "The limit is at least 1, the offset at least 0, and together they reach at most %d rows.", maxOffset)
	}
	out := &rows{ctx: ctx, columns: columns, offset: s.Offset, left: s.Limit, every: max(s.Every, 1)}
	q := &query{table: e.table(s.DatasetID)}
	sql, err := q.lookup(&s, columns)
	if err != nil {
		return nil, err
	}
	if q.table == nil || q.none {
		return out, nil
	}
	for i := range columns {
		out.batch.Vectors = append(out.batch.Vectors, dataset.NewVectorOf(columns[i], min(s.Limit, 1024)))
	}
	out.updated = dataset.NewVector(dataset.DateTime, min(s.Limit, 1024))
	c, err := e.readers.take(ctx)
	if err != nil {
		return nil, err
	}
	if needed(&s) > maxHeld {
		out.result, err = c.stream(ctx, sql, q.args...)
		out.giveBack = func() { e.readers.put(c) }
		if err != nil {
			out.giveBack()
		}
		return out, err
	}
	defer e.readers.put(c)
	out.result, err = c.query(ctx, sql, q.args...)
	return out, err
}

func resultColumns(s *engine.Selection) ([]dataset.Column, error) {
	if s.Columns == nil {
		return s.Schema.Columns, nil
	}
	columns := make([]dataset.Column, len(s.Columns))
	for i, name := range s.Columns {
		c, _, ok := s.Schema.Column(name)
		if !ok {
			return nil, problem.New(problem.Invalid, "The dataset has no column %q.", name)
		}
		columns[i] = c
	}
	return columns, nil
}

// rows is the result of a lookup. Offset, limit and step are counted here.
type rows struct {
	ctx      context.Context // of the call that reads the result
	columns  []dataset.Column
	result   *result // nil when there is nothing
	giveBack func()  // the connection, when the result is streamed

	offset, left, every int
	position            int64 // rows seen
	batch               dataset.Batch
	updated             dataset.Vector
}

// Columns gives the result's columns.
func (r *rows) Columns() []dataset.Column { return r.columns }

// Next gives the next batch that has rows.
func (r *rows) Next() (*dataset.Batch, error) {
	for r.result != nil && r.left > 0 {
		n, err := r.result.next(r.ctx)
		if err != nil || n == 0 {
			return nil, err
		}
		if err := r.take(n); err != nil {
			return nil, err
		}
		if r.batch.Rows > 0 {
			return &r.batch, nil
		}
	}
	return nil, nil
}

// take copies from a chunk of n rows those that the selection wants.
func (r *rows) take(n int) error {
	for i := range r.batch.Vectors {
		r.batch.Vectors[i].Reset()
	}
	r.updated.Reset()
	r.batch.Rows = 0
	first := r.position
	r.position += int64(n)
	for _, run := range r.wanted(first, n) {
		for i := range r.batch.Vectors {
			if err := r.result.read(i, run[0], run[1], &r.batch.Vectors[i]); err != nil {
				return err
			}
		}
		if err := r.result.read(len(r.batch.Vectors), run[0], run[1], &r.updated); err != nil {
			return err
		}
		r.batch.Rows += run[1] - run[0]
	}
	r.left -= r.batch.Rows
	return nil
}

// wanted gives the runs [from, to) of a chunk whose first row is number first.
func (r *rows) wanted(first int64, n int) [][2]int {
	from := int(max(int64(r.offset)-first, 0))
	if r.every == 1 {
		if to := min(n, from+r.left); from < to {
			return [][2]int{{from, to}}
		}
		return nil
	}
	var runs [][2]int
	for i := from; i < n && len(runs) < r.left; i++ {
		if (first+int64(i)-int64(r.offset))%int64(r.every) == 0 {
			runs = append(runs, [2]int{i, i + 1})
		}
	}
	return runs
}

// Updated tells when row i of the last batch was loaded.
func (r *rows) Updated(i int) time.Time { return time.UnixMicro(r.updated.Ints[i]).UTC() }

// Close gives the result's memory back.
func (r *rows) Close() error {
	if r.result != nil {
		r.result.close()
		r.result = nil
	}
	if r.giveBack != nil {
		r.giveBack()
		r.giveBack = nil
	}
	return nil
}
