package parquetfile

import (
	"context"
	"sort"

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
// rows of all others, at most most and at least 1.
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
		if other.from >= other.to && !other.reachKnown {
			return 1
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

// cursor is a position in a file among the rows of one key and subkey.
type cursor struct {
	source     *source
	descending bool
	pages      [3][2]int // ranges of pages that may have rows, in order
	part       int       // of pages
	at         int       // next page
	block      *block
	from, to   int    // remaining rows of the block
	keep       []bool // for the rows from base; nil if all match
	base       int
	dates      *page
	seqs       *page
	reach      int64 // no row of the next page comes before this date
	reachKnown bool
	moved      bool // to another page since the last row
}

// open finds the pages that may have rows. It returns false if there are none.
func (c *cursor) open(s *source, descending bool) (bool, error) {
	from, to, err := s.pageRange()
	if err != nil || from >= to {
		return false, err
	}
	*c = cursor{source: s, descending: descending, pages: [3][2]int{{from, to}}}
	dates, err := s.Reader.boundsOf(s.columns[s.plan.date])
	if err != nil {
		return false, err
	}
	if to-from > 2 && dates != nil && (s.plan.from != nil || s.plan.to != nil) {
		c.narrow(dates, from, to)
	}
	c.restart()
	if dates != nil {
		c.setReach(dates)
	}
	return true, nil
}

// narrow excludes pages that only have rows of the key and none within the
// bounds of the date.
func (c *cursor) narrow(b *pageBounds, from, to int) {
	p := c.source.plan
	first, last := from+1, to-1
	if p.to != nil {
		last = first + sort.Search(last-first, func(i int) bool {
			return b.null[first+i] ||
				b.lowInt[first+i] >= *p.to
		})
	}
	if p.from != nil {
		first += sort.Search(last-first, func(i int) bool { return b.null[first+i] || b.highInt[first+i] >= *p.from })
	}
	c.pages = [3][2]int{{from, from + 1}, {first, last}, {to - 1, to}}
}

// setReach finds a date that no row of the key comes before.
func (c *cursor) setReach(b *pageBounds) {
	known := false
	count := 0
	for _, r := range c.pages {
		count += r[1] - r[0]
		if count > 4 {
			return
		}
		for i := r[0]; i < r[1]; i++ {
			if b.null[i] {
				continue
			}
			if c.descending && (!known || b.highInt[i] > c.reach) {
				c.reach = b.highInt[i]
			} else if !c.descending && (!known || b.lowInt[i] < c.reach) {
				c.reach = b.lowInt[i]
			}
			known = true
		}
	}
	c.reachKnown = known
}

func (c *cursor) restart() {
	c.from, c.to, c.part, c.reachKnown = 0, 0, 0, false
	if c.descending {
		c.part = len(c.pages) - 1
		c.at = c.pages[c.part][1] - 1
		return
	}
	c.at = c.pages[0][0]
}

// step returns the next page, -1 at the end.
func (c *cursor) step() int {
	for c.part >= 0 && c.part < len(c.pages) {
		r := c.pages[c.part]
		if c.at >= r[0] && c.at < r[1] {
			at := c.at
			if c.descending {
				c.at--
			} else {
				c.at++
			}
			return at
		}
		if c.descending {
			if c.part--; c.part >= 0 {
				c.at = c.pages[c.part][1] - 1
			}
		} else if c.part++; c.part < len(c.pages) {
			c.at = c.pages[c.part][0]
		}
	}
	return -1
}

// nextPage moves to the next page that has rows. It returns false at the end.
func (c *cursor) nextPage(undated bool) (bool, error) {
	bounds, err := c.source.Reader.boundsOf(c.source.columns[c.source.plan.date])
	if err != nil {
		return false, err
	}
	c.reachKnown = false
	for i := c.step(); i >= 0; i = c.step() {
		if bounds != nil && (undated && !bounds.some[i] || !undated && bounds.null[i]) {
			continue
		}
		c.moved = true
		if err := c.enter(i, undated); err != nil {
			return false, err
		}
		if c.from < c.to {
			return true, nil
		}
	}
	return false, nil
}

// enter finds the rows of a page.
func (c *cursor) enter(i int, undated bool) (err error) {
	s := c.source
	c.block, c.seqs, c.keep = s.block(i), nil, nil
	from, to := 0, c.block.rows
	for _, part := range [2]struct {
		column int
		want   *dataset.Vector
	}{{s.Reader.spec.Key, s.plan.key}, {s.Reader.spec.Subkey, s.plan.subkey}} {
		if part.column < 0 {
			continue
		}
		p, err := s.Reader.page(part.column, i, s.keep)
		if err != nil {
			return err
		}
		from, to = p.equalRange(part.want, from, to)
	}
	c.from, c.to = from, to
	if from == to {
		return nil
	}
	if c.dates, err = c.block.need(s.plan.date); err != nil {
		return err
	}
	c.cutDates(undated)
	return c.filter()
}

// cutDates keeps only rows with a date within the bounds, or only rows without one.
func (c *cursor) cutDates(undated bool) {
	if p := c.dates; p.nulls != nil {
		dated := c.from + sort.Search(c.to-c.from, func(i int) bool { return p.nulls[c.from+i] })
		if undated {
			c.from = dated
			return
		}
		c.to = dated
	} else if undated {
		c.from = c.to
		return
	}
	ints := c.dates.ints
	if from := c.source.plan.from; from != nil {
		c.from += sort.Search(c.to-c.from, func(i int) bool { return ints[c.from+i] >= *from })
	}
	if to := c.source.plan.to; to != nil {
		c.to = c.from + sort.Search(c.to-c.from, func(i int) bool { return ints[c.from+i] >= *to })
	}
}

// filter applies the conditions that the index doesn't decide.
func (c *cursor) filter() error {
	if c.from >= c.to || len(c.source.plan.residual)+len(c.source.plan.where) == 0 &&
		!c.block.anyDeleted(c.from, c.to) {
		return nil
	}
	keep, err := c.block.keep(c.source.plan.residual, c.from, c.to, nil)
	c.keep, c.base = keep, c.from
	c.trim()
	return err
}

// trim skips rows that don't match.
func (c *cursor) trim() {
	if c.keep == nil {
		return
	}
	if c.descending {
		for c.from < c.to && !c.keep[c.to-1-c.base] {
			c.to--
		}
		return
	}
	for c.from < c.to && !c.keep[c.from-c.base] {
		c.from++
	}
}

// pass moves past n rows, and past following rows that don't match.
func (c *cursor) pass(n int) {
	c.moved = false
	if c.descending {
		c.to -= n
	} else {
		c.from += n
	}
	c.trim()
}

// next returns the index of the next row in its page.
func (c *cursor) next() int {
	if c.descending {
		return c.to - 1
	}
	return c.from
}

func (c *cursor) date() int64 { return c.dates.ints[c.next()] }

// earliest returns a date that no further row of the cursor comes before. Its
// reach is known if it has no row yet.
func (c *cursor) earliest() int64 {
	if c.from < c.to {
		return c.date()
	}
	return c.reach
}

// countEarlier returns how many of the next rows have a date strictly before
// limit, of at most most, but at least 1. Rows of files that overlap often
// alternate, so it begins with the nearest.
func (c *cursor) countEarlier(limit int64, most int) int {
	ints := c.dates.ints[c.from:c.to]
	later := func(i int) bool { return ints[i] >= limit }
	if c.descending {
		later = func(i int) bool { return ints[len(ints)-1-i] <= limit }
	}
	low, step := 1, 1
	for low < most && !later(min(low+step, most)-1) {
		low = min(low+step, most)
		step *= 2
	}
	if low == most {
		return most
	}
	return low + sort.Search(min(step, most-low)-1, func(i int) bool { return later(low + i) })
}

func (c *cursor) seq() (int64, error) {
	if c.seqs == nil {
		p, err := c.block.need(c.source.plan.seq)
		if err != nil {
			return 0, err
		}
		c.seqs = p
	}
	return c.seqs.ints[c.next()], nil
}

// equalRange returns the rows [from, to) of a sorted page that have a value.
func (p *page) equalRange(want *dataset.Vector, from, to int) (int, int) {
	if p.constant && p.nulls == nil { // one text throughout
		if compareTo(p, 0, want) != 0 {
			return to, to
		}
		return from, to
	}
	first := from + sort.Search(to-from, func(i int) bool { return compareTo(p, from+i, want) >= 0 })
	if first < to && compareTo(p, to-1, want) == 0 {
		return first, to
	}
	return first, first + sort.Search(to-first, func(i int) bool { return compareTo(p, first+i, want) > 0 })
}
