package parquetfile

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxReach limits how many rows a selection may read or skip.
const maxReach = 100_000_000

// plan is a valid selection that can run on any file. needs has the columns
// that it reads, those of the result first.
type plan struct {
	selection *engine.Selection
	needs     []dataset.Column
	outputs   int // number of needs that the result has
	seq       int // places in needs
	updated   int
	date      int             // the column that orders the rows: a date, or updated
	filters   []filter        // all conditions except where
	where     []where         // conditions of any form, which the index can't decide
	residual  []filter        // conditions that remain when the index decides key, subkey and date
	key       *dataset.Vector // one value each, nil for any
	subkey    *dataset.Vector
	from, to  *int64 // bounds of date, in its unit
	none      bool   // no row can match
}

// systemNeed begins the names of system columns. No dataset's column has such
// a name.
const systemNeed = "\x00"

// newPlan checks a selection.
func newPlan(s *engine.Selection) (*plan, error) {
	p := &plan{selection: s}
	if s.DatasetID == "" {
		return nil, problem.New(problem.Invalid, "The selection has no dataset.")
	}
	if err := p.addOutputs(s); err != nil {
		return nil, err
	}
	n := len(p.needs)
	p.needs = append(p.needs,
		dataset.Column{Name: systemNeed + "seq", Type: dataset.Integer}, dataset.Column{
			Name: systemNeed + "updated",
			Type: dataset.DateTime,
		})
	p.seq, p.updated, p.date = n, n+1, n+1
	if s.DateColumn != "" {
		at, err := p.need(s.DateColumn)
		if err != nil {
			return nil, err
		}
		p.date = at
		if t := p.needs[at].Type; t != dataset.Date && t != dataset.DateTime {
			return nil, problem.New(problem.Invalid, "Column %q isn't a date: its type is %s.", s.DateColumn, t)
		}
	}
	return p, p.addFilters(s)
}

func (p *plan) addOutputs(s *engine.Selection) error {
	if s.Columns == nil {
		p.needs = append(make([]dataset.Column, 0, len(s.Schema.Columns)+4), s.Schema.Columns...)
	} else {
		p.needs = make([]dataset.Column, 0, len(s.Columns)+4)
	}
	for _, name := range s.Columns {
		c, _, ok := s.Schema.Column(name)
		if !ok {
			return unknownColumn(name)
		}
		p.needs = append(p.needs, c)
	}
	p.outputs = len(p.needs)
	return nil
}

func unknownColumn(name string) error {
	return problem.New(problem.Invalid, "The dataset has no column %q.", name)
}

// need returns the index of a column in needs.
func (p *plan) need(name string) (int, error) {
	for i := range p.needs {
		if p.needs[i].Name == name {
			return i, nil
		}
	}
	c, _, ok := p.selection.Schema.Column(name)
	if !ok {
		return 0, unknownColumn(name)
	}
	p.needs = append(p.needs, c)
	return len(p.needs) - 1, nil
}

func (p *plan) addFilters(s *engine.Selection) (err error) {
	if p.key, err = p.addPart("key", s.Schema.Index.Key, s.Key); err != nil {
		return err
	}
	if p.subkey, err = p.addPart("subkey", s.Schema.Index.Subkey, s.Subkey); err != nil {
		return err
	}
	indexed := len(p.filters)
	for i := range s.Equal {
		if _, err := p.match(&s.Equal[i]); err != nil {
			return err
		}
	}
	if s.LoadedAfter != nil {
		after := s.LoadedAfter.UnixMicro() + 1
		p.filters = append(p.filters, filter{need: p.updated, op: atLeast, bound: after})
	}
	if s.Numbers.From > 0 {
		p.filters = append(p.filters, filter{need: p.seq, op: atLeast, bound: s.Numbers.From})
	}
	if s.Numbers.To > 0 {
		p.filters = append(p.filters, filter{need: p.seq, op: below, bound: s.Numbers.To})
	}
	p.residual = p.filters[indexed:len(p.filters):len(p.filters)]
	p.from, p.to = p.bound(s.From, atLeast), p.bound(s.To, below)
	if len(s.Where) > 0 {
		if p.where, err = p.bindWhere(s.Where); err != nil {
			return err
		}
	}
	if err := p.addList(s.Schema.Index.Key, s.Keys); err != nil {
		return err
	}
	return p.addList(s.Schema.Index.Subkey, s.Subkeys)
}

// addList adds the condition that a part of the index is one of several
// values. Values that the part's type doesn't have never match.
func (p *plan) addList(name string, list []string) error {
	if list == nil {
		return nil
	}
	at, err := p.need(name)
	if err != nil {
		return err
	}
	c := engine.Condition{Op: engine.In, Column: name, Values: dataset.NewVectorOf(p.needs[at], len(list))}
	for _, text := range list {
		n := len(c.Values.Nulls)
		if !parse(&c.Values, &p.needs[at], text) {
			c.Values.Truncate(n)
		}
	}
	if len(c.Values.Nulls) == 0 {
		p.none = true
	}
	bound, err := p.bindWhere([]engine.Condition{c})
	p.where = append(p.where, bound...)
	return err
}

// bound adds a bound of the date.
func (p *plan) bound(t *time.Time, op operator) *int64 {
	if t == nil {
		return nil
	}
	at := moment(*t, p.needs[p.date].Type)
	p.filters = append(p.filters, filter{need: p.date, op: op, bound: at})
	return &at
}

// addPart adds the condition that a part of the index has a value.
func (p *plan) addPart(part, name string, want *string) (*dataset.Vector, error) {
	if want == nil {
		return nil, nil //nolint:nilnil // any
	}
	if name == "" {
		return nil, problem.New(problem.Invalid, "The dataset's index has no %s.", part)
	}
	return p.match(&engine.Match{Column: name, Value: *want})
}

// match adds a comparison and returns the value in it.
func (p *plan) match(m *engine.Match) (*dataset.Vector, error) {
	at, err := p.need(m.Column)
	if err != nil {
		return nil, err
	}
	v := dataset.NewVectorOf(p.needs[at], 1)
	switch ok := parse(&v, &p.needs[at], m.Value); {
	case !ok && !m.Not: // the text isn't a value of this type
		p.none = true
	case !ok:
	case m.Not:
		p.filters = append(p.filters, filter{need: at, op: different, value: &v})
	default:
		p.filters = append(p.filters, filter{need: at, op: equal, value: &v})
	}
	return &v, nil
}

// reach returns how many rows the selection reads, counted from the first in order.
func reach(s *engine.Selection) int64 {
	return int64(s.Offset) + (int64(s.Limit)-1)*int64(max(s.Every, 1)) + 1
}

// checkReach checks limit, offset and step.
func checkReach(s *engine.Selection) error {
	if s.Limit < 1 || s.Offset < 0 || s.Every < 0 || reach(s) > maxReach || reach(s) < 1 {
		return problem.New(problem.Invalid, "The limit must be at least 1, the offset at least 0, and their sum at "+
			"most %d rows.", maxReach)
	}
	return nil
}

// sameStorage reports whether two columns store values in the same way.
func sameStorage(a, b dataset.Column) bool { return a.Type == b.Type && a.Scale == b.Scale }

// source is a file of a selection.
type source struct {
	Source
	plan    *plan
	columns []int // places of the plan's needs in the file; -1 for none
	keep    keep
	memory  *memory // of blocks; nil to take new memory
}

// bind finds the columns of a plan in a file.
func (p *plan) bind(s Source, m *memory) *source {
	r, b := s.Reader, m.source()
	columns := b.columns
	if cap(columns) < len(p.needs) {
		columns = make([]int, len(p.needs), len(p.needs)+8)
	}
	*b = source{Source: s, plan: p, columns: columns[:len(p.needs)], keep: cached, memory: m}
	for i := range p.needs {
		switch at, ok := r.byName[p.needs[i].Name]; {
		case i == p.seq:
			b.columns[i] = len(r.spec.Columns) + systemSeq
		case i == p.updated:
			b.columns[i] = len(r.spec.Columns) + systemUpdated
		case ok:
			b.columns[i] = at
		default:
			b.columns[i] = -1
		}
	}
	return b
}

// sameType reports whether a column has the same type in the file as in the
// dataset.
func (s *source) sameType(need int) bool {
	at := s.columns[need]
	return at >= 0 && sameStorage(s.Reader.columns[at], s.plan.needs[need])
}

// Select reads the selected rows from a dataset's files, in the selection's
// order. Close the rows before the readers.
func Select(ctx context.Context, sources []Source, selection engine.Selection) (engine.Rows, error) {
	p, err := newPlan(&selection)
	if err != nil {
		return nil, err
	}
	if err := checkReach(&selection); err != nil {
		return nil, err
	}
	out := newRows(ctx, p)
	if p.none {
		return &result{out}, nil
	}
	for i := range sources {
		out.sources = append(out.sources, p.bind(sources[i], &out.memory))
	}
	w, err := newWalk(out)
	switch {
	case err != nil:
		out.free()
		return nil, err
	case w != nil:
		out.next = w
	default:
		for _, s := range out.sources {
			s.memory = nil // a block isn't used after the next one begins
		}
		out.next = newTop(out)
	}
	return &result{out}, nil
}
