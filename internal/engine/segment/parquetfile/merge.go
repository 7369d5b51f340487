package parquetfile

import (
	"bytes"
	"sort"

	"github.com/windlass-io/windlass/internal/problem"
)

// merge reads rows of files that are in the wanted order, or rows in any order.
type merge struct {
	*found
	walkers []*walker
	begun   bool
}

// fill fills the batch.
func (m *merge) fill(f *found) error {
	if !m.begun {
		m.begun = true
		if err := m.begin(); err != nil {
			return err
		}
	}
	for !f.full() {
		w, second, err := m.least()
		if err != nil || w == nil {
			return err
		}
		if err := m.take(w, second); err != nil {
			return err
		}
	}
	return nil
}

// begin moves each file to its first row after the position.
func (m *merge) begin() error {
	after := m.plan.search.After
	for _, s := range m.sources {
		w := &walker{source: s}
		m.walkers = append(m.walkers, w)
		if after == nil {
			if err := w.next(m.ctx); err != nil {
				return err
			}
			continue
		}
		if err := m.seek(w, after); err != nil {
			return err
		}
	}
	return nil
}

// seek moves a walker to its first row after a position.
func (m *merge) seek(w *walker, after []byte) (err error) {
	if w.page, err = m.firstPage(w.source, after); err != nil {
		return err
	}
	for {
		if err := w.next(m.ctx); err != nil || w.done {
			return err
		}
		if err := m.key(w); err != nil {
			return err
		}
		if bytes.Compare(w.key, after) > 0 {
			return nil
		}
	}
}

// firstPage returns a page such that no row on an earlier page comes after a
// position.
func (m *merge) firstPage(s *source, after []byte) (int, error) {
	suffix := seqBytes
	if m.plan.search.Schema.Index.Unique {
		suffix = 1
	}
	if len(after) < suffix {
		return 0, errPosition
	}
	if len(m.plan.parts) == 0 {
		return m.pageOfSeq(s, after)
	}
	spec, err := SpecOf(&m.plan.search.Schema)
	if err != nil {
		return 0, err
	}
	scan, err := s.Reader.Scan(m.ctx, spec, after[:len(after)-suffix])
	if err != nil {
		return 0, err
	}
	return scan.page, nil
}

// pageOfSeq is firstPage for rows that are in the order of loading.
func (m *merge) pageOfSeq(s *source, after []byte) (int, error) {
	var fault error
	at := sort.Search(s.Reader.pageCount(), func(i int) bool {
		if fault != nil {
			return true
		}
		seqs, err := s.block(i).need(m.plan.seq)
		if err != nil {
			fault = err
			return true
		}
		return bytes.Compare(appendSeq(nil, seqs.ints[seqs.rows-1]), after) > 0
	})
	return at, fault
}

var errPosition = problem.New(problem.Invalid, "The position doesn't belong to this dataset.")

// key finds the position of a walker's row.
func (m *merge) key(w *walker) (err error) {
	if len(w.key) > 0 {
		return nil
	}
	w.key, err = m.plan.appendIndex(w.key, w.block, w.row)
	return err
}

// appendIndex appends the key that orders rows with equal search columns.
func (p *searchPlan) appendIndex(b []byte, block *block, row int) ([]byte, error) {
	for _, need := range p.parts {
		values, err := block.need(need)
		if err != nil {
			return b, err
		}
		b = appendPagePart(b, values, &p.needs[need], row)
	}
	seqs, err := block.need(p.seq)
	if err != nil {
		return b, err
	}
	return appendSeq(b, seqs.ints[row]), nil
}

// least returns the walker whose row comes first, or nil at the end, and the
// one whose row comes next, or nil if it doesn't matter.
func (m *merge) least() (least, second *walker, err error) {
	kept := m.walkers[:0]
	for _, w := range m.walkers {
		if !w.done {
			kept = append(kept, w)
		}
	}
	m.walkers = kept
	if len(kept) < 2 || m.plan.search.Unordered {
		if len(kept) > 0 {
			least = kept[0]
		}
		return least, nil, nil
	}
	for _, w := range kept {
		if err := m.key(w); err != nil {
			return nil, nil, err
		}
		switch {
		case least == nil || bytes.Compare(w.key, least.key) < 0:
			least, second = w, least
		case second == nil || bytes.Compare(w.key, second.key) < 0:
			second = w
		}
	}
	return least, second, nil
}

// take takes adjacent rows of a walker, up to the first row of the second
// walker.
func (m *merge) take(w, second *walker) error {
	run := 1
	if second == nil {
		run = w.run()
	}
	passed := int(min(m.skip, int64(run)))
	m.skip -= int64(passed)
	n := int(min(int64(run-passed), m.left, foundRows))
	if n > 0 {
		if err := m.add(w.block, w.row+passed, w.row+passed+n); err != nil {
			return err
		}
	}
	m.left -= int64(n)
	w.row += max(passed+n, 1) - 1
	return w.next(m.ctx)
}
