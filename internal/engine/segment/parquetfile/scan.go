package parquetfile

import (
	"context"
	"sort"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Scanner walks the index of a file in its order, for a merge with other files
// or with a run. It decodes only the columns of the index. Use it from one
// goroutine.
type Scanner struct {
	ctx     context.Context //nolint:containedctx // for the whole walk, whose many calls are too frequent to pass it
	reader  *Reader
	columns [3]int // places of the parts in the file; -1 for those missing
	have    [3]bool
	want    [3]dataset.Column
	pages   [3]*page
	page    int
	row     int // in the page
	rows    int // of the page
	tuple   []byte
	err     error
}

// Scan starts a walk at the first row whose index is at least from, which has
// the form of [Run.Tuple]; nil starts at the first row. spec is the dataset's;
// tuples have its types.
func (r *Reader) Scan(ctx context.Context, spec Spec, from []byte) (*Scanner, error) {
	s := &Scanner{ctx: ctx, reader: r, page: -1}
	for i, p := range [3]int{spec.Key, spec.Subkey, spec.Date} {
		s.columns[i] = -1
		if p < 0 {
			continue
		}
		s.have[i], s.want[i] = true, spec.Columns[p]
		if at, ok := r.byName[spec.Columns[p].Name]; ok {
			s.columns[i] = at
		}
	}
	if from == nil {
		return s, nil
	}
	// The first page whose last row is at least from.
	n := r.pageCount()
	at := sort.Search(n, func(i int) bool {
		return s.err != nil || s.load(i) && s.compareAt(s.rows-1, from) >= 0
	})
	if s.err != nil {
		return nil, s.err
	}
	if at == n {
		s.page, s.row, s.rows = n, 0, 0
		return s, nil
	}
	if !s.load(at) {
		return nil, s.err
	}
	s.row = sort.Search(s.rows, func(i int) bool { return s.compareAt(i, from) >= 0 }) - 1
	return s, nil
}

// load reads the parts of a page; it returns false on an error.
func (s *Scanner) load(i int) bool {
	s.page, s.row, s.rows = i, -1, int(s.reader.starts[i+1]-s.reader.starts[i])
	for part, column := range s.columns {
		switch {
		case !s.have[part]:
		case column < 0:
			s.pages[part] = nullPage(s.rows)
		default:
			p, err := s.reader.page(column, i, uncached)
			if err != nil {
				s.err = err
				return false
			}
			if have := s.reader.columns[column]; !sameStorage(have, s.want[part]) {
				p = convert(p, have, s.want[part])
			}
			s.pages[part] = p
		}
	}
	return true
}

func (s *Scanner) compareAt(row int, tuple []byte) int {
	s.tuple = s.appendTuple(s.tuple[:0], row)
	return compareTuples(s.tuple, tuple)
}

func (s *Scanner) appendTuple(b []byte, row int) []byte {
	for i, have := range s.have {
		if have {
			b = appendPagePart(b, s.pages[i], &s.want[i], row)
		}
	}
	return b
}

// Next moves to the next row. It returns false at the end and on an error.
func (s *Scanner) Next() bool {
	if s.err != nil {
		return false
	}
	s.row++
	for s.row >= s.rows {
		if s.page+1 >= s.reader.pageCount() {
			s.page = s.reader.pageCount()
			return false
		}
		if s.err = s.ctx.Err(); s.err != nil || !s.load(s.page+1) {
			return false
		}
		s.row = 0
	}
	s.tuple = s.appendTuple(s.tuple[:0], s.row)
	return true
}

// Tuple returns the index of the row, valid until the next call of Next.
func (s *Scanner) Tuple() []byte { return s.tuple }

// Row returns the position of the row in the file.
func (s *Scanner) Row() uint32 { return uint32(s.reader.starts[s.page]) + uint32(s.row) }

// Err returns the error that ended the walk.
func (s *Scanner) Err() error { return s.err }
