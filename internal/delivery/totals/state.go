package totals

import (
	"bytes"
	"math"
	"math/bits"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/problem"
)

// state has the totals of one output for each group.
type state interface {
	grow()
	// add adds the values of a column; of has the group of each row. It returns the
	// growth of the state in bytes.
	add(of []int32, v *dataset.Vector) (grown int, err error)
	// value appends the total of a group.
	value(to *dataset.Vector, group int) error
}

func newState(o *criteria.Output) state {
	switch t := o.From.Type; {
	case o.Function == criteria.Count:
		return &counts{}
	case o.Function == criteria.Min || o.Function == criteria.Max:
		return &extremes{less: o.Function == criteria.Min, best: dataset.NewVectorOf(o.From, 0)}
	case t == dataset.Number:
		return &doubles{average: o.Function == criteria.Avg}
	default:
		return &integers{average: o.Function == criteria.Avg, scale: o.From.Scale, name: o.Name}
	}
}

// counts counts rows, or values that are not null.
type counts struct{ n []int64 }

func (c *counts) grow() { c.n = append(c.n, 0) }

func (c *counts) add(of []int32, v *dataset.Vector) (int, error) {
	for row, group := range of {
		if v == nil || !v.Nulls[row] {
			c.n[group]++
		}
	}
	return 0, nil
}

func (c *counts) value(to *dataset.Vector, group int) error {
	to.AppendInt(c.n[group])
	return nil
}

// integers adds integers and decimals exactly.
type integers struct {
	average bool
	scale   int
	name    string
	sums    []dataset.Int128
	n       []int64
}

func (s *integers) grow() { s.sums, s.n = append(s.sums, dataset.Int128{}), append(s.n, 0) }

func (s *integers) add(of []int32, v *dataset.Vector) (int, error) {
	for row, group := range of {
		if v.Nulls[row] {
			continue
		}
		var x dataset.Int128
		if v.Type == dataset.Decimal {
			x = v.Wide[row]
		} else {
			x = dataset.NewInt128(v.Ints[row])
		}
		s.n[group]++
		if s.sums[group] = plus(s.sums[group], x); !dataset.DecimalFits(s.sums[group], dataset.MaxPrecision) {
			return 0, problem.New(problem.Invalid, "The total %s has more than %d digits.", s.name, dataset.MaxPrecision).
				WithReason(criteria.InvalidValue).WithHint("Narrow the conditions.")
		}
	}
	return 0, nil
}

// plus adds two numbers of at most 38 digits.
func plus(x, y dataset.Int128) dataset.Int128 {
	lo, carry := bits.Add64(x.Lo, y.Lo, 0)
	return dataset.Int128{Hi: x.Hi + y.Hi + int64(carry), Lo: lo} //nolint:gosec // a carry is 0 or 1
}

func (s *integers) value(to *dataset.Vector, group int) error {
	switch {
	case s.n[group] == 0:
		to.AppendNull()
	case s.average:
		to.AppendFloat(dataset.DecimalFloat(s.sums[group], s.scale) / float64(s.n[group]))
	default:
		to.AppendWide(s.sums[group])
	}
	return nil
}

// doubles adds doubles and tracks the rounding errors separately (Neumaier's
// algorithm).
type doubles struct {
	average bool
	sums    []float64
	errors  []float64
	n       []int64
}

func (s *doubles) grow() {
	s.sums, s.errors, s.n = append(s.sums, 0), append(s.errors, 0), append(s.n, 0)
}

func (s *doubles) add(of []int32, v *dataset.Vector) (int, error) {
	for row, group := range of {
		if v.Nulls[row] {
			continue
		}
		x, sum := v.Floats[row], s.sums[group]
		next := sum + x
		if math.Abs(sum) >= math.Abs(x) {
			s.errors[group] += sum - next + x
		} else {
			s.errors[group] += x - next + sum
		}
		s.sums[group] = next
		s.n[group]++
	}
	return 0, nil
}

func (s *doubles) value(to *dataset.Vector, group int) error {
	if s.n[group] == 0 {
		to.AppendNull()
		return nil
	}
	sum := s.sums[group]
	if corrected := sum + s.errors[group]; !math.IsNaN(corrected) { // otherwise an infinity is among the values
		sum = corrected
	}
	if s.average {
		sum /= float64(s.n[group])
	}
	to.AppendFloat(sum)
	return nil
}

// extremes keeps the smallest or the largest value.
type extremes struct {
	less  bool
	best  dataset.Vector // one value per group; for texts only the nulls
	texts [][]byte
}

func (s *extremes) grow() {
	s.best.AppendNull()
	s.texts = append(s.texts, nil)
}

func (s *extremes) add(of []int32, v *dataset.Vector) (grown int, err error) {
	for row, group := range of {
		if v.Nulls[row] || !s.best.Nulls[group] && s.keeps(int(group), v, row) {
			continue
		}
		s.best.Nulls[group] = false
		switch {
		case v.Offsets != nil:
			grown += len(v.BytesAt(row)) - len(s.texts[group])
			s.texts[group] = append(s.texts[group][:0], v.BytesAt(row)...)
		case v.Type == dataset.Number:
			s.best.Floats[group] = v.Floats[row]
		case v.Type == dataset.Decimal:
			s.best.Wide[group] = v.Wide[row]
		default:
			s.best.Ints[group] = v.Ints[row]
		}
	}
	return grown, nil
}

// keeps reports whether the best value of a group is better than another.
func (s *extremes) keeps(group int, v *dataset.Vector, row int) bool {
	var c int
	switch {
	case v.Offsets != nil:
		c = bytes.Compare(v.BytesAt(row), s.texts[group])
	case v.Type == dataset.Number:
		c = compareDoubles(v.Floats[row], s.best.Floats[group])
	case v.Type == dataset.Decimal:
		c = v.Wide[row].Compare(s.best.Wide[group])
	case v.Ints[row] < s.best.Ints[group]:
		c = -1
	default:
		c = 1
	}
	return s.less == (c >= 0)
}

// compareDoubles compares two doubles; NaN is the greatest.
func compareDoubles(x, y float64) int {
	switch {
	case math.IsNaN(x) || x > y:
		return 1
	case x < y || math.IsNaN(y):
		return -1
	default:
		return 0
	}
}

func (s *extremes) value(to *dataset.Vector, group int) error {
	if to.Offsets != nil && !s.best.Nulls[group] {
		to.AppendBytes(s.texts[group])
	} else {
		appendFrom(to, &s.best, group)
	}
	return nil
}
