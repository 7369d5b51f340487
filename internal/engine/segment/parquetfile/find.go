package parquetfile

import "sort"

// pageOf returns the page of a row.
func (r *Reader) pageOf(row int64) int {
	return sort.Search(len(r.starts), func(i int) bool { return r.starts[i] > row }) - 1
}

// pageRange returns the pages [from, to) that may have rows with the
// selection's key and subkey.
func (s *source) pageRange() (from, to int, err error) {
	from, to = 0, s.Reader.pageCount()
	spec := &s.Reader.spec
	if s.plan.key == nil || spec.Key < 0 || s.plan.selection.Schema.Index.Key != spec.Columns[spec.Key].Name {
		return from, to, nil
	}
	if s.plan.key.Type != spec.Columns[spec.Key].Type || s.plan.key.Scale != spec.Columns[spec.Key].Scale {
		return from, to, nil
	}
	bounds, err := s.Reader.boundsOf(spec.Key)
	if err != nil || bounds == nil {
		return from, to, err
	}
	from, to = bounds.pagesWith(appendPart(nil, s.plan.key, 0), from, to)
	return from, to, nil
}
