package parquetfile

import (
	"bytes"

	"github.com/windlass-io/windlass/internal/dataset"
)

// operator compares a column with a value.
type operator int

const (
	equal operator = iota
	different
	atLeast // of dates: value >= bound
	below   // of dates: value < bound
)

// filter is a condition on a column. Nulls only satisfy different.
type filter struct {
	need  int // the column's place in the plan
	op    operator
	value *dataset.Vector // one value, for equal and different
	bound int64           // for atLeast and below
}

// apply clears keep for the rows [from, to) of a page that do not match.
// keep[0] belongs to row from.
func (f *filter) apply(p *page, from, to int, keep []bool) {
	for i := from; i < to; i++ {
		if keep[i-from] && !f.matches(p, i) {
			keep[i-from] = false
		}
	}
}

func (f *filter) matches(p *page, i int) bool {
	if p.null(i) {
		return f.op == different
	}
	switch f.op {
	case atLeast:
		return p.ints[i] >= f.bound
	case below:
		return p.ints[i] < f.bound
	case equal:
		return compareTo(p, i, f.value) == 0
	default:
		return compareTo(p, i, f.value) != 0
	}
}

// compareTo compares a value of a page with a non-null value. Null is
// greater.
func compareTo(p *page, i int, want *dataset.Vector) int {
	switch {
	case p.null(i):
		return 1
	case want.Type == dataset.Number:
		return compareOrdered(p.floats[i], want.Floats[0])
	case want.Type == dataset.Decimal:
		return p.wide[i].Compare(want.Wide[0])
	case want.Offsets != nil:
		return bytes.Compare(p.text(i), want.BytesAt(0))
	default:
		return compareOrdered(p.ints[i], want.Ints[0])
	}
}
