package parquetfile

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// Plan is a valid selection, for drivers that store rows in another form. The
// result doesn't depend on the form.
type Plan struct{ inner *plan }

// Filter is a comparison of a column of a plan. Nulls only satisfy Different.
type Filter struct {
	Need  int             // the column's place in Needs
	Op    FilterOp        // AtLeast and Below compare with Bound
	Value *dataset.Vector // one value
	Bound int64           // in the unit of the column
}

// FilterOp is a comparison operator.
type FilterOp = operator

// The comparisons.
const (
	Equal     = equal
	Different = different
	AtLeast   = atLeast
	Below     = below
)

// NewPlan checks a selection.
func NewPlan(selection *engine.Selection) (*Plan, error) {
	p, err := newPlan(selection)
	return &Plan{p}, err
}

// CheckReach checks the limit, offset and step of a selection.
func CheckReach(selection *engine.Selection) error { return checkReach(selection) }

// Needs returns the columns that a plan reads: first those of the result.
func (p *Plan) Needs() []dataset.Column { return p.inner.needs }

// Outputs returns the number of needs that the result has.
func (p *Plan) Outputs() int { return p.inner.outputs }

// Need returns the place of a column in Needs, and adds it if it is missing.
func (p *Plan) Need(name string) (int, error) { return p.inner.need(name) }

// System returns the places in Needs of a row's number and its time of
// loading.
func (p *Plan) System() (seq, updated int) { return p.inner.seq, p.inner.updated }

// Date returns the place in Needs of the column that orders the selection.
func (p *Plan) Date() int { return p.inner.date }

// None reports whether no row can match.
func (p *Plan) None() bool { return p.inner.none }

// Parts returns the selected key and subkey; nil means any.
func (p *Plan) Parts() (key, subkey *dataset.Vector) { return p.inner.key, p.inner.subkey }

// Bounds returns the bounds of the date; nil for none.
func (p *Plan) Bounds() (from, to *int64) { return p.inner.from, p.inner.to }

// Filters returns the comparisons, all of which hold for the rows.
func (p *Plan) Filters() []Filter {
	all := make([]Filter, len(p.inner.filters))
	for i, f := range p.inner.filters {
		all[i] = Filter{f.need, f.op, f.value, f.bound}
	}
	return all
}

// Where returns the conditions, all of which hold for the rows in addition to
// Filters.
func (p *Plan) Where() []*engine.Condition {
	all := make([]*engine.Condition, len(p.inner.where))
	for i := range all {
		all[i] = p.inner.where[i].Condition
	}
	return all
}

// AppendPart appends value i of a vector to a tuple, the form in which indexes are
// compared.
func AppendPart(tuple []byte, v *dataset.Vector, i int) []byte { return appendPart(tuple, v, i) }

// Convert converts a vector to the type of another column. A value without an
// equivalent becomes null. It may share memory with v.
func Convert(v *dataset.Vector, have, want dataset.Column) dataset.Vector {
	have.Scale = v.Scale
	if sameStorage(have, want) {
		return *v
	}
	if isText(have.Type) && (want.Type == dataset.String || isText(want.Type)) {
		same := *v
		same.Type = want.Type
		return same
	}
	rows := len(v.Nulls)
	p := &page{rows: rows, nulls: v.Nulls, ints: v.Ints, floats: v.Floats, wide: v.Wide}
	if isText(have.Type) {
		p = &page{rows: rows, nulls: v.Nulls}
	}
	p = convert(p, have, want)
	if len(p.nulls) < rows { // of more rows than a page has
		p.nulls = make([]bool, rows)
		for i := range p.nulls {
			p.nulls[i] = true
		}
	}
	converted := dataset.NewVectorOf(want, rows)
	appendPage(&converted, p, 0, rows)
	return converted
}
