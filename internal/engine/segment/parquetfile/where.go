package parquetfile

import (
	"bytes"
	"slices"
	"sort"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// where is a condition, bound to the columns of a plan. Use it from one
// goroutine.
type where struct {
	*engine.Condition
	parts []where
	need  int
	match func(p *page, i int) bool // of a value that is not null
	low   [][]byte                  // Values as parts of a tuple, in order
	codes []int8                    // results for a dictionary: 0 for not known yet, 1 and -1
	some  []bool                    // of Or
	mine  []bool
}

// bindWhere binds conditions to the plan's columns.
func (p *plan) bindWhere(conditions []engine.Condition) ([]where, error) {
	list := make([]where, len(conditions))
	for i := range conditions {
		c := &conditions[i]
		w := &list[i]
		w.Condition = c
		var err error
		if c.Op == engine.And || c.Op == engine.Or {
			w.parts, err = p.bindWhere(c.Parts)
		} else if w.need, err = p.need(c.Column); err == nil {
			w.prepare(p.needs[w.need].Type)
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// prepare prepares the comparison of values.
func (w *where) prepare(t dataset.Type) {
	switch w.Op {
	case engine.Anything:
		w.match = func(*page, int) bool { return true }
	case engine.Like:
		w.match = func(p *page, i int) bool { return w.Pattern.Match(p.text(i)) }
	case engine.In:
		w.match = w.matchList(t)
	default:
		w.match = w.matchValue(t)
	}
	for i := range w.Values.Nulls {
		w.low = append(w.low, appendPart(nil, &w.Values, i))
	}
	slices.SortFunc(w.low, bytes.Compare)
}

func (w *where) matchValue(t dataset.Type) func(p *page, i int) bool {
	holds, v := holdsFor(w.Op), &w.Values
	switch {
	case t == dataset.Number && w.Op == engine.Equal: // NaN equals nothing
		return func(p *page, i int) bool { return p.floats[i] == v.Floats[0] }
	case t == dataset.Number:
		x := v.Floats[0]
		return func(p *page, i int) bool {
			y := p.floats[i]
			return y < x && holds[0] || y == x && holds[1] || y > x && holds[2]
		}
	case t == dataset.Decimal:
		x := v.Wide[0]
		return func(p *page, i int) bool { return holds[p.wide[i].Compare(x)+1] }
	case v.Offsets != nil:
		x := v.BytesAt(0)
		if w.Op == engine.Equal {
			return func(p *page, i int) bool { return bytes.Equal(p.text(i), x) }
		}
		return func(p *page, i int) bool { return holds[bytes.Compare(p.text(i), x)+1] }
	default:
		x := v.Ints[0]
		return func(p *page, i int) bool {
			y := p.ints[i]
			return y < x && holds[0] || y == x && holds[1] || y > x && holds[2]
		}
	}
}

// holdsFor reports for each result of a comparison (-1, 0 and 1) whether an
// operator is satisfied.
func holdsFor(op engine.Operator) [3]bool {
	switch op {
	case engine.Less:
		return [3]bool{true, false, false}
	case engine.LessEqual:
		return [3]bool{true, true, false}
	case engine.Greater:
		return [3]bool{false, false, true}
	case engine.GreaterEqual:
		return [3]bool{false, true, true}
	default:
		return [3]bool{false, true, false}
	}
}

func (w *where) matchList(t dataset.Type) func(p *page, i int) bool {
	v := &w.Values
	switch {
	case t == dataset.Number:
		set := setOf(v.Floats)
		return func(p *page, i int) bool { return set[p.floats[i]] }
	case t == dataset.Decimal:
		set := setOf(v.Wide)
		return func(p *page, i int) bool { return set[p.wide[i]] }
	case v.Offsets != nil:
		set := map[string]bool{}
		for i := range v.Nulls {
			set[string(v.BytesAt(i))] = true
		}
		return func(p *page, i int) bool { return set[string(p.text(i))] }
	default:
		set := setOf(v.Ints)
		return func(p *page, i int) bool { return set[p.ints[i]] }
	}
}

func setOf[T comparable](list []T) map[T]bool {
	set := make(map[T]bool, len(list))
	for _, x := range list {
		set[x] = true
	}
	return set
}

// apply clears keep for the rows of a block, starting at from, that don't pass.
func (w *where) apply(b *block, from int, keep []bool) error {
	switch w.Op {
	case engine.And:
		for i := range w.parts {
			if err := w.parts[i].apply(b, from, keep); err != nil {
				return err
			}
		}
		return nil
	case engine.Or:
		return w.applyAny(b, from, keep)
	default:
		p, err := b.need(w.need)
		if err != nil {
			return err
		}
		w.test(p, from, keep)
		return nil
	}
}

func (w *where) applyAny(b *block, from int, keep []bool) error {
	w.some = append(w.some[:0], make([]bool, len(keep))...)
	for i := range w.parts {
		w.mine = w.mine[:0]
		for row, ok := range keep {
			w.mine = append(w.mine, ok && !w.some[row])
		}
		if err := w.parts[i].apply(b, from, w.mine); err != nil {
			return err
		}
		for row, ok := range w.mine {
			w.some[row] = w.some[row] || ok
		}
	}
	copy(keep, w.some)
	return nil
}

// test tests the values of a page.
func (w *where) test(p *page, from int, keep []bool) {
	pass := w.match
	if p.dict != nil {
		pass = w.remember(p)
	}
	for i, ok := range keep {
		switch {
		case !ok:
		case p.null(from + i):
			keep[i] = w.Nulls
		default:
			keep[i] = pass(p, from+i) != w.Negate
		}
	}
}

// remember returns a test that tests each text of a page's dictionary only once.
func (w *where) remember(p *page) func(*page, int) bool {
	w.codes = append(w.codes[:0], make([]int8, p.dict.rows)...)
	return func(p *page, i int) bool {
		code := 0
		if !p.constant {
			code = int(p.codes[i])
		}
		if w.codes[code] == 0 {
			w.codes[code] = -1
			if w.match(p.dict, code) {
				w.codes[code] = 1
			}
		}
		return w.codes[code] > 0
	}
}

// excludes reports whether no row of a page can pass.
func (w *where) excludes(s *source, page int) (bool, error) {
	switch w.Op {
	case engine.And:
		for i := range w.parts {
			if out, err := w.parts[i].excludes(s, page); out || err != nil {
				return out, err
			}
		}
		return false, nil
	case engine.Or:
		for i := range w.parts {
			if out, err := w.parts[i].excludes(s, page); !out || err != nil {
				return false, err
			}
		}
		return true, nil
	case engine.Like:
		return false, nil
	default:
		return w.outside(s, page)
	}
}

// outside reports whether all values of a page are outside the condition.
func (w *where) outside(s *source, i int) (bool, error) {
	if !s.sameType(w.need) || w.Negate {
		return false, nil
	}
	b, err := s.Reader.boundsOf(s.columns[w.need])
	if err != nil || b == nil {
		return false, err
	}
	if b.some[i] && w.Nulls {
		return false, nil
	}
	if b.null[i] {
		return true, nil
	}
	if w.Op == engine.Anything {
		return false, nil
	}
	low, high := b.partsOf(s.plan.needs[w.need].Type, i)
	switch w.Op {
	case engine.Less, engine.LessEqual:
		return bytes.Compare(low, w.low[0]) > 0, nil
	case engine.Greater, engine.GreaterEqual:
		return !b.some[i] && bytes.Compare(high, w.low[0]) < 0, nil
	default:
		at := sort.Search(len(w.low), func(i int) bool { return bytes.Compare(w.low[i], low) >= 0 })
		return at == len(w.low) || bytes.Compare(w.low[at], high) > 0, nil
	}
}

// partsOf returns the bounds of a page as parts of a tuple. The bounds of a
// column that isn't a part of the index are those of dates.
func (b *pageBounds) partsOf(t dataset.Type, i int) (low, high []byte) {
	if b.low != nil {
		return b.low[i], b.high[i]
	}
	unit := int64(1)
	if t == dataset.Date {
		unit = dayMicros
	}
	return appendTime(nil, b.lowInt[i]*unit), appendTime(nil, b.highInt[i]*unit)
}
