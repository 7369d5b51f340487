package parquetfile

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// The limits of a batch of [Find].
const (
	foundRows  = 8192
	foundBytes = 4 << 20
)

// searchPlan is a valid search that can run on any file.
type searchPlan struct {
	*plan
	search *engine.Search
	parts  []int // of the index, in needs
	order  []ordering
	extra  []int // additional needs of a result, for Position and Updated
}

// ordering is a column that a search orders by.
type ordering struct {
	need int
	engine.Sort
}

// newSearchPlan checks a search.
func newSearchPlan(search *engine.Search) (*searchPlan, error) {
	base, err := newPlan(&search.Selection)
	if err != nil {
		return nil, err
	}
	p := &searchPlan{plan: base, search: search}
	index := search.Schema.Index
	for _, name := range []string{index.Key, index.Subkey, index.Date} {
		if name == "" {
			continue
		}
		at, err := p.need(name)
		if err != nil {
			return nil, err
		}
		p.parts = append(p.parts, at)
	}
	for _, s := range search.By {
		at, err := p.need(s.Column)
		if err != nil {
			return nil, err
		}
		p.order = append(p.order, ordering{at, s})
	}
	p.extra = []int{p.updated}
	if search.Positions {
		p.extra = append(p.extra, p.seq)
		p.extra = append(p.extra, p.parts...)
		for i := range p.order {
			p.extra = append(p.extra, p.order[i].need)
		}
	}
	return p, nil
}

// Find reads the rows of a search. If sorted is false, the files aren't sorted by
// the index of the schema. It holds one page of each column and file at a time
// and, if it has to sort, locations of rows.
func Find(ctx context.Context, sources []Source, search *engine.Search, sorted bool) (engine.Found, error) {
	p, err := newSearchPlan(search)
	if err != nil {
		return nil, err
	}
	f := &found{ctx: ctx, plan: p, skip: int64(search.Offset), left: math.MaxInt64}
	if search.Limit > 0 {
		f.left = int64(search.Limit)
	}
	f.reset()
	if p.none {
		return f, nil
	}
	for i := range sources {
		f.sources = append(f.sources, p.bind(sources[i], nil))
		if f.sources[i].Reader.pageCount() > scanPages {
			f.sources[i].keep = uncached
		}
	}
	if len(p.order) == 0 && (sorted || search.Unordered) {
		f.next = &merge{found: f}
	} else {
		f.next = &ordered{found: f}
	}
	return f, nil
}

// Count counts the rows of a search.
func Count(ctx context.Context, sources []Source, search *engine.Search) (n int64, err error) {
	p, err := newSearchPlan(search)
	if err != nil || p.none {
		return 0, err
	}
	for i := range sources {
		s := p.bind(sources[i], nil)
		if len(p.filters)+len(p.where) == 0 {
			n += s.Reader.rows
			if s.Deleted != nil {
				n -= int64(s.Deleted.GetCardinality())
			}
			continue
		}
		if s.Reader.pageCount() > scanPages {
			s.keep = uncached
		}
		w := walker{source: s}
		for {
			more, err := w.nextPage(ctx)
			if err != nil {
				return 0, err
			}
			if !more {
				break
			}
			for _, ok := range w.keep {
				if ok {
					n++
				}
			}
		}
	}
	return n, nil
}

// found is the result of a search.
type found struct {
	ctx     context.Context //nolint:containedctx // for the whole read, because engine.Rows has no context
	plan    *searchPlan
	sources []*source
	next    interface{ fill(f *found) error }
	skip    int64 // rows to skip before the next wanted one
	left    int64 // rows still wanted
	batch   dataset.Batch
	extra   []dataset.Vector // for each row of the batch, the plan's extra needs
	size    int
}

// reset empties the batch.
func (f *found) reset() {
	if f.batch.Vectors == nil {
		f.batch.Vectors = make([]dataset.Vector, f.plan.outputs)
		for i := range f.batch.Vectors {
			f.batch.Vectors[i] = dataset.NewVectorOf(f.plan.needs[i], 0)
		}
		for _, need := range f.plan.extra {
			f.extra = append(f.extra, dataset.NewVectorOf(f.plan.needs[need], 0))
		}
	}
	for i := range f.batch.Vectors {
		f.batch.Vectors[i].Reset()
	}
	for i := range f.extra {
		f.extra[i].Reset()
	}
	f.batch.Rows, f.size = 0, 0
}

// full reports whether the batch is full.
func (f *found) full() bool { return f.left == 0 || f.batch.Rows >= foundRows || f.size >= foundBytes }

// add adds rows of a block to the batch.
func (f *found) add(b *block, from, to int) error {
	for i := range f.batch.Vectors {
		v := &f.batch.Vectors[i]
		p, err := b.need(i)
		if err != nil {
			return err
		}
		before := len(v.Bytes)
		appendPage(v, p, from, to)
		f.size += len(v.Bytes) - before
	}
	for i, need := range f.plan.extra {
		p, err := b.need(need)
		if err != nil {
			return err
		}
		appendPage(&f.extra[i], p, from, to)
	}
	f.batch.Rows += to - from
	return nil
}

// Columns returns the result's columns.
func (f *found) Columns() []dataset.Column { return f.plan.needs[:f.plan.outputs] }

// Next returns the next batch, nil at the end.
func (f *found) Next() (*dataset.Batch, error) {
	if f.next == nil || f.left == 0 {
		return nil, nil //nolint:nilnil // the end
	}
	f.reset()
	if err := errors.Join(f.ctx.Err(), f.next.fill(f)); err != nil {
		return nil, err
	}
	if f.batch.Rows == 0 {
		f.next = nil
		return nil, nil //nolint:nilnil // the end
	}
	return &f.batch, nil
}

// Updated returns when row i of the last batch was loaded.
func (f *found) Updated(i int) time.Time { return time.UnixMicro(f.extra[0].Ints[i]).UTC() }

// Position returns the position of row i of the last batch in the order.
func (f *found) Position(i int) ([]byte, error) {
	if !f.plan.search.Positions {
		return nil, errors.New("positions were not asked for")
	}
	var b []byte
	for n := range f.plan.order {
		b = f.plan.order[n].appendVector(b, &f.extra[2+len(f.plan.parts)+n], i)
	}
	for n := range f.plan.parts {
		b = appendPart(b, &f.extra[2+n], i)
	}
	if f.plan.search.Schema.Index.Unique {
		return append(b, 0xFF), nil // after every row with this index
	}
	return appendSeq(b, f.extra[1].Ints[i]), nil
}

// Close releases the read's resources.
func (f *found) Close() error {
	f.next, f.sources = nil, nil
	return nil
}

// seqBytes is the number of bytes that appendSeq appends.
const seqBytes = 9

// appendSeq appends the number of a row, in a form below 0xFF.
func appendSeq(b []byte, seq int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0x01), uint64(seq)^1<<63)
}

// walker walks the rows of a file that match the filters.
type walker struct {
	source *source
	page   int // the next
	block  *block
	keep   []bool
	row    int
	key    []byte // of the row; empty: not known
	done   bool
}

// nextPage moves to the next page that has rows, before its first row.
func (w *walker) nextPage(ctx context.Context) (bool, error) {
	for ; w.page < w.source.Reader.pageCount(); w.page++ {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		if out, err := w.source.excludes(w.page); err != nil {
			return false, err
		} else if out {
			continue
		}
		w.block, w.row = w.source.block(w.page), -1
		keep, err := w.block.keep(w.source.plan.filters, 0, w.block.rows, w.keep)
		if err != nil {
			return false, err
		}
		if w.keep = keep; anyKept(keep) {
			w.page++
			return true, nil
		}
	}
	w.done = true
	return false, nil
}

func anyKept(keep []bool) bool { return slices.Contains(keep, true) }

// excludes reports whether no row of a page can pass the conditions.
func (s *source) excludes(page int) (bool, error) {
	for i := range s.plan.where {
		if out, err := s.plan.where[i].excludes(s, page); out || err != nil {
			return out, err
		}
	}
	if out, err := s.excludesNumbers(page); out || err != nil {
		return out, err
	}
	if s.plan.from == nil && s.plan.to == nil || !s.sameType(s.plan.date) {
		return false, nil
	}
	b, err := s.Reader.boundsOf(s.columns[s.plan.date])
	if err != nil || b == nil || b.lowInt == nil {
		return false, err
	}
	return b.null[page] || s.plan.from != nil && b.highInt[page] < *s.plan.from ||
		s.plan.to != nil && b.lowInt[page] >= *s.plan.to, nil
}

// excludesNumbers reports whether no row of a page has one of the wanted numbers.
func (s *source) excludesNumbers(page int) (bool, error) {
	numbers := s.plan.selection.Numbers
	if numbers == (engine.Span{}) {
		return false, nil
	}
	b, err := s.Reader.boundsOf(s.columns[s.plan.seq])
	if err != nil || b == nil || b.lowInt == nil {
		return false, err
	}
	return b.highInt[page] < numbers.From || numbers.To > 0 && b.lowInt[page] >= numbers.To, nil
}

// next moves to the next row.
func (w *walker) next(ctx context.Context) error {
	w.key = w.key[:0]
	for {
		if w.block != nil {
			for w.row++; w.row < len(w.keep); w.row++ {
				if w.keep[w.row] {
					return nil
				}
			}
		}
		if more, err := w.nextPage(ctx); err != nil || !more {
			return err
		}
	}
}

// run returns the number of adjacent rows from the current one on.
func (w *walker) run() int {
	n := 1
	for w.row+n < len(w.keep) && w.keep[w.row+n] {
		n++
	}
	return n
}
