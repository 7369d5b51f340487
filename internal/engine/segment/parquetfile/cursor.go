package parquetfile

import (
	"sort"

	"github.com/windlass-io/windlass/internal/dataset"
)

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
