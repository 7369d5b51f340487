package parquetfile

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// walk reads rows in the order of the index: those of one key and subkey, by
// date. It has a cursor in each file and merges them, backwards from the last
// row if the order is descending. It stops when it has enough rows.
type walk struct {
	plan       *plan
	descending bool
	undated    bool // reading the rows without a date, which come last
	cursors    []*cursor
	live       []*cursor // cursors with rows left in this phase
	skip       int       // rows to skip before the next wanted one
	left       int       // rows still wanted
	runs       []run     // of the batch
}

// run is a range of rows of a block that are adjacent in the result. In a
// descending result the last one comes first.
type run struct {
	b        *block
	from, to int
}

// newWalk returns a walk, or nil if a file doesn't have the rows in order.
func newWalk(out *rows) (*walk, error) {
	s := out.plan.selection
	w := &out.walk
	*w = walk{
		plan: out.plan, descending: s.Order != engine.Ascending, skip: s.Offset, left: s.Limit,
		cursors: w.cursors[:0], live: w.live[:0], runs: w.runs[:0],
	}
	for _, source := range out.sources {
		if ok, err := source.ordered(); err != nil || !ok {
			return nil, err
		}
	}
	for _, source := range out.sources {
		c := out.memory.cursor()
		if ok, err := c.open(source, w.descending); err != nil {
			return nil, err
		} else if ok {
			w.cursors = append(w.cursors, c)
		}
	}
	w.live = append(w.live, w.cursors...)
	return w, nil
}

// ordered reports whether the selected rows are in the selection's order.
func (s *source) ordered() (bool, error) {
	spec, index := &s.Reader.spec, &s.plan.selection.Schema.Index
	if !s.fixes(spec.Key, index.Key, s.plan.key) || !s.fixes(spec.Subkey, index.Subkey, s.plan.subkey) {
		return false, nil
	}
	if spec.Date >= 0 {
		return s.columns[s.plan.date] == spec.Date && s.sameType(s.plan.date), nil
	}
	if index.Date != "" || s.plan.date != s.plan.updated {
		return false, nil
	}
	// Without a date the rows are in the order of their numbers. That is the
	// order of loading if one load loaded all of them.
	b, err := s.Reader.boundsOf(s.columns[s.plan.updated])
	if err != nil || b == nil {
		return false, err
	}
	for i := range b.lowInt {
		if b.lowInt[i] != b.lowInt[0] || b.highInt[i] != b.lowInt[0] {
			return false, nil
		}
	}
	return true, nil
}

// fixes reports whether a part of the file's index is the dataset's and the
// selection has one value for it, or neither index has the part.
func (s *source) fixes(part int, name string, value *dataset.Vector) bool {
	if part < 0 {
		return name == ""
	}
	c := &s.Reader.spec.Columns[part]
	return c.Name == name && value != nil && value.Type == c.Type && value.Scale == c.Scale
}

func (w *walk) fill(ctx context.Context, out *rows) error {
	w.runs = w.runs[:0]
	out.memory.recycle(w.live)
	for n := 0; n < batchRows && w.left > 0; {
		c, err := w.best()
		if err != nil {
			return err
		}
		if c == nil {
			if w.undated || w.plan.from != nil || w.plan.to != nil {
				break
			}
			w.undated = true
			w.restart()
			continue
		}
		if c.moved && ctx.Err() != nil {
			return ctx.Err()
		}
		n += w.take(c, batchRows-n)
	}
	return w.deliver(out)
}

// restart moves all cursors back to their first page, for the rows without a date.
func (w *walk) restart() {
	w.live = append(w.live[:0], w.cursors...)
	for _, c := range w.cursors {
		c.restart()
	}
}

// best returns the cursor whose next row comes first, positioned on that row.
// It drops cursors at their end and doesn't open pages of others that can't
// come first.
func (w *walk) best() (*cursor, error) {
	var best *cursor
	for {
		var open *cursor // the one whose page may have the earliest row
		best = nil
		for i := 0; i < len(w.live); i++ {
			c := w.live[i]
			if c.from < c.to {
				if best == nil {
					best = c
				} else if before, err := w.before(c, best); err != nil {
					return nil, err
				} else if before {
					best = c
				}
			} else if open == nil || w.reachesFirst(c, open) {
				open = c
			}
		}
		if open == nil || best != nil && !w.undated && len(w.live) > 1 && open.reachKnown && w.earlier(best.date(),
			open.reach) {
			return best, nil
		}
		ok, err := open.nextPage(w.undated)
		if err != nil {
			return nil, err
		}
		if !ok {
			w.drop(open)
		}
	}
}

// reachesFirst reports whether the next page of a may have an earlier row than that
// of b. A page whose dates aren't known may have the earliest of all.
func (w *walk) reachesFirst(a, b *cursor) bool {
	if !a.reachKnown || !b.reachKnown {
		return b.reachKnown
	}
	return w.earlier(a.reach, b.reach)
}

// earlier reports whether date a comes strictly before b in the result.
func (w *walk) earlier(a, b int64) bool {
	if w.descending {
		return a > b
	}
	return a < b
}

func (w *walk) drop(c *cursor) {
	for i := range w.live {
		if w.live[i] == c {
			w.live = append(w.live[:i], w.live[i+1:]...)
			return
		}
	}
}

// before reports whether the next row of a comes before that of b.
func (w *walk) before(a, b *cursor) (bool, error) {
	if x, y := a.date(), b.date(); x != y && !w.undated {
		return w.earlier(x, y), nil
	}
	x, err := a.seq()
	if err != nil {
		return false, err
	}
	y, err := b.seq()
	if err != nil {
		return false, err
	}
	return w.earlier(x, y), nil
}

// take takes rows of the best cursor, or skips them: those that certainly come
// before the rows of all other cursors. It returns the number of rows added to
// the runs.
func (w *walk) take(c *cursor, most int) int {
	every := max(w.plan.selection.Every, 1)
	n := 1
	if c.keep == nil && every == 1 {
		n = w.ahead(c, max(w.skip, min(most, w.left)))
	}
	if w.skip > 0 {
		n = min(n, w.skip)
		w.skip -= n
		c.pass(n)
		return 0
	}
	n = min(n, most, w.left)
	w.add(c, n)
	w.left -= n
	w.skip = every - 1
	return n
}

// ahead returns how many of the next rows of the best cursor come before the
// rows of all others, at most most and at least 1. After best, every other
// cursor has a row or a known reach.
func (w *walk) ahead(c *cursor, most int) int {
	most = min(most, c.to-c.from)
	if len(w.live) == 1 {
		return most
	}
	if w.undated {
		return 1
	}
	limit, limited := int64(0), false
	for _, other := range w.live {
		if other == c {
			continue
		}
		if date := other.earliest(); !limited || w.earlier(date, limit) {
			limit, limited = date, true
		}
	}
	return c.countEarlier(limit, most)
}

// add adds the next n adjacent rows of a cursor to the runs and moves it past them.
func (w *walk) add(c *cursor, n int) {
	from := c.from
	if c.descending {
		from = c.to - n
	}
	to := from + n
	c.pass(n)
	if last := len(w.runs) - 1; last >= 0 && w.runs[last].b == c.block {
		switch r := &w.runs[last]; {
		case c.descending && r.from == to:
			r.from = from
			return
		case !c.descending && r.to == from:
			r.to = to
			return
		}
	}
	w.runs = append(w.runs, run{c.block, from, to})
}

// deliver copies the runs to the batch, column by column.
func (w *walk) deliver(out *rows) error {
	for _, r := range w.runs {
		out.batch.Rows += r.to - r.from
	}
	for i := range out.batch.Vectors {
		if err := w.copy(&out.batch.Vectors[i], i); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) copy(v *dataset.Vector, need int) error {
	n := 0
	for _, r := range w.runs {
		n += r.to - r.from
	}
	v.Nulls = grow(v.Nulls, n)
	switch {
	case v.Offsets != nil:
	case v.Type == dataset.Number:
		v.Floats = grow(v.Floats, n)
	case v.Type == dataset.Decimal:
		v.Wide = grow(v.Wide, n)
	default:
		v.Ints = grow(v.Ints, n)
	}
	at := 0
	for _, r := range w.runs {
		p, err := r.b.need(need)
		if err != nil {
			return err
		}
		if p.nulls != nil {
			copyRun(v.Nulls[at:], p.nulls, r, w.descending)
		}
		switch {
		case v.Offsets != nil:
			w.copyTexts(v, p, r)
		case p.floats != nil:
			copyRun(v.Floats[at:], p.floats, r, w.descending)
		case p.wide != nil:
			copyRun(v.Wide[at:], p.wide, r, w.descending)
		case p.ints != nil:
			copyRun(v.Ints[at:], p.ints, r, w.descending)
		}
		at += r.to - r.from
	}
	return nil
}

// grow returns a list of n zeros. It reuses the memory of list if it is large
// enough.
func grow[T any](list []T, n int) []T {
	if cap(list) < n {
		return make([]T, n, max(n, 16))
	}
	list = list[:n]
	clear(list)
	return list
}

// copyRun copies the values of a run.
func copyRun[T any](dst, src []T, r run, reverse bool) {
	src = src[r.from:r.to]
	if !reverse || len(src) == 1 {
		copy(dst, src)
		return
	}
	dst = dst[:len(src)]
	for i, x := range src {
		dst[len(dst)-1-i] = x
	}
}

func (w *walk) copyTexts(v *dataset.Vector, p *page, r run) {
	for i := r.from; i < r.to; i++ {
		row := i
		if w.descending {
			row = r.to - 1 - (i - r.from)
		}
		if !p.null(row) {
			v.Bytes = append(v.Bytes, p.text(row)...)
		}
		v.Offsets = append(v.Offsets, int32(len(v.Bytes)))
	}
}

// loaded sets the times of loading of the batch's rows.
func (w *walk) loaded(v *dataset.Vector) error { return w.copy(v, w.plan.updated) }
