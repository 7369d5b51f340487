package parquetfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Sort sorts the rows by key, subkey and date; rows with the same index keep
// their order. Call it again after an Append.
func (r *Run) Sort() {
	r.order = make([]uint32, len(r.seqs))
	for i := range r.order {
		r.order[i] = uint32(i)
	}
	s := sorter{items: make([]item, len(r.order)), spare: make([]item, len(r.order))}
	for _, p := range r.spec.parts() {
		s.columns = append(s.columns, &r.columns[p])
	}
	s.sort(r.order, 0, 0)
}

// sorter sorts rows column by column: all rows by the first column, then each
// group of equal values by the next. It sorts a column by eight bytes of its
// values at a time. The items have these bytes, so comparisons don't access
// the column.
type sorter struct {
	columns []*dataset.Vector
	items   []item
	spare   []item
}

// item is eight bytes of a row's value, in the order of the values.
type item struct {
	prefix uint64
	row    uint32
	null   bool // comes last
	more   bool // the value continues after these bytes
}

// sort sorts rows that are equal in the columns before column, and in its
// first skip bytes. Rows with equal values keep their order.
func (s *sorter) sort(rows []uint32, column, skip int) {
	if len(rows) < 2 || column == len(s.columns) {
		return
	}
	items := s.items[:len(rows)]
	sorted := s.fill(items, rows, column, skip)
	if !sorted {
		s.sortItems(items)
		for i := range items {
			rows[i] = items[i].row
		}
	}
	s.sortGroups(rows, items, column, skip)
}

// sortGroups sorts rows with equal items by the bytes or columns that follow.
// It collects the groups before it sorts one, because sorting reuses the
// items.
func (s *sorter) sortGroups(rows []uint32, items []item, column, skip int) {
	var groups []equalRows
	for from := 0; from < len(items); {
		to := from + 1
		more := items[from].more
		for to < len(items) && items[to].prefix == items[from].prefix && items[to].null == items[from].null {
			more = more || items[to].more
			to++
		}
		if to-from > 1 && (more || column+1 < len(s.columns)) {
			groups = append(groups, equalRows{uint32(from), uint32(to), more})
		}
		from = to
	}
	for _, g := range groups {
		if g.more {
			s.sortLong(rows[g.from:g.to], column, skip)
		} else {
			s.sort(rows[g.from:g.to], column+1, 0)
		}
	}
}

// equalRows is a group of rows with equal items.
type equalRows struct {
	from, to uint32
	more     bool
}

// sortLong sorts rows whose texts agree in eight more bytes. Some texts continue;
// those that end come first.
func (s *sorter) sortLong(rows []uint32, column, skip int) {
	v := s.columns[column]
	if v.Type == dataset.Decimal {
		s.sort(rows, column, skip+8)
		return
	}
	if first := v.BytesAt(int(rows[0])); !slices.ContainsFunc(rows,
		func(r uint32) bool { return !bytes.Equal(v.BytesAt(int(r)), first) }) {
		s.sort(rows, column+1, 0)
		return
	}
	ends := make([]uint32, 0, len(rows))
	long := make([]uint32, 0, len(rows))
	for _, r := range rows {
		if int(v.Offsets[r+1]-v.Offsets[r]) <= skip+8 {
			ends = append(ends, r)
		} else {
			long = append(long, r)
		}
	}
	copy(rows, ends)
	copy(rows[len(ends):], long)
	s.sortEnds(rows[:len(ends)], column)
	s.sort(rows[len(ends):], column, skip+8)
}

// sortEnds sorts texts that are equal except for trailing NULs by length.
func (s *sorter) sortEnds(rows []uint32, column int) {
	v := s.columns[column]
	size := func(r uint32) int { return int(v.Offsets[r+1] - v.Offsets[r]) }
	slices.SortStableFunc(rows, func(a, b uint32) int { return size(a) - size(b) })
	for from := 0; from < len(rows); {
		to := from + 1
		for to < len(rows) && size(rows[to]) == size(rows[from]) {
			to++
		}
		s.sort(rows[from:to], column+1, 0)
		from = to
	}
}

// fill sets the items of rows and reports whether they are already sorted.
func (s *sorter) fill(items []item, rows []uint32, column, skip int) bool {
	v := s.columns[column]
	sorted := true
	for i, r := range rows {
		it := item{row: r}
		switch {
		case v.Nulls[r]:
			it.null, it.prefix = true, math.MaxUint64
		case v.Offsets != nil:
			text := v.Bytes[v.Offsets[r]:v.Offsets[r+1]][skip:]
			it.prefix, it.more = prefixOf(text), len(text) > 8 || endsInDoubt(text)
		case v.Type == dataset.Decimal && skip == 0:
			it.prefix, it.more = uint64(v.Wide[r].Hi)^1<<63, true
		case v.Type == dataset.Decimal:
			it.prefix = v.Wide[r].Lo
		case v.Type == dataset.Number:
			it.prefix = floatBits(v.Floats[r])
		default:
			it.prefix = uint64(v.Ints[r]) ^ 1<<63
		}
		if i > 0 && it.before(&items[i-1]) {
			sorted = false
		}
		items[i] = it
	}
	return sorted
}

func (a *item) before(b *item) bool {
	return a.prefix < b.prefix || a.prefix == b.prefix && !a.null && b.null
}

// prefixOf returns the first eight bytes of a text, with zeros at the end.
func prefixOf(text []byte) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	var b [8]byte
	copy(b[:], text)
	return binary.BigEndian.Uint64(b[:])
}

// endsInDoubt reports whether another text can have the same eight bytes as
// this short one: short texts are padded with zeros, which can't be
// distinguished from a trailing NUL.
func endsInDoubt(text []byte) bool { return len(text) > 0 && text[len(text)-1] == 0 }

// floatBits returns a double as an integer of the same order.
func floatBits(x float64) uint64 {
	if x == 0 {
		x = 0 // -0 equals 0
	}
	bits := math.Float64bits(x)
	if bits>>63 != 0 {
		return ^bits
	}
	return bits | 1<<63
}

// sortItems sorts items by prefix, nulls last. Equal ones keep their order.
func (s *sorter) sortItems(items []item) {
	if len(items) < 64 {
		slices.SortFunc(items, compareItems)
		return
	}
	s.radix(items)
	// Only items with the greatest prefix can be nulls.
	last := len(items)
	for last > 0 && items[last-1].prefix == math.MaxUint64 {
		last--
	}
	slices.SortFunc(items[last:], compareItems)
}

func compareItems(a, b item) int {
	switch {
	case a.prefix < b.prefix:
		return -1
	case a.prefix > b.prefix:
		return 1
	case a.null != b.null:
		return compareBools(a.null, b.null)
	default:
		return int(a.row) - int(b.row) // keep their order
	}
}

// radix sorts items by the bytes of their prefixes that differ, the last byte
// first, so that equal ones keep their order.
func (s *sorter) radix(items []item) {
	var differ uint64
	for i := range items {
		differ |= items[i].prefix ^ items[0].prefix
	}
	from, to := items, s.spare[:len(items)]
	for shift := 0; shift < 64; shift += 8 {
		if differ>>shift&0xFF == 0 {
			continue
		}
		var count [256]uint32
		for i := range from {
			count[byte(from[i].prefix>>shift)]++
		}
		sum := uint32(0)
		for i, n := range count {
			count[i] = sum
			sum += n
		}
		for i := range from {
			b := byte(from[i].prefix >> shift)
			to[count[b]] = from[i]
			count[b]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
}
