package delivery

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// plan is a query for one dataset.
type plan struct {
	dataset   dataset.Dataset
	selection engine.Selection  // of any key
	view      engine.View       // nil until opened
	tag       string            // for a view: identifies the state that its rows depend on
	columns   []dataset.Column  // columns of the answer, in order
	sources   []string          // their source columns; empty for count()
	members   [][]byte          // as in shape; nil: not known
	outputs   []criteria.Output // for a select with aggregates; else nil
	// The positions of the index's parts in the engine's result, or -1. They
	// follow the columns unless they are among them.
	key, subkey, date int
}

// planFor returns the plan of a query for a dataset.
func (q *Query) planFor(d dataset.Dataset) (*plan, error) { return q.planWith(d, &shapes{}) }

// planWith is planFor with cached shapes.
func (q *Query) planWith(d dataset.Dataset, cached *shapes) (*plan, error) {
	p := &plan{dataset: d, key: -1, subkey: -1, date: -1}
	if err := p.choose(q, cached); err != nil {
		return nil, err
	}
	for _, m := range q.equal {
		if err := p.known("subattribute", m.Column); err != nil {
			return nil, err
		}
	}
	dateColumn, err := p.dateColumn(q.dateField)
	if err != nil {
		return nil, err
	}
	where, err := p.bind(q)
	if err != nil {
		return nil, err
	}
	var names []string
	if p.outputs == nil { // else the totals choose the columns
		names = slices.Clip(p.sources)
	}
	if q.System {
		names = p.addIndex(names)
	}
	p.selection = engine.Selection{
		DatasetID: d.ID, Schema: d.Schema, Columns: names, DateColumn: dateColumn, From: q.window.from, To: q.window.to,
		LoadedAfter: q.after, Equal: q.equal, Order: q.order, Limit: q.limit, Offset: q.offset, Every: q.every,
		Where: where,
	}
	return p, nil
}

// choose selects the columns of the answer: those of select or filter, or all.
func (p *plan) choose(q *Query, cached *shapes) error {
	if q.selected != nil && q.selected.Items != nil {
		return p.pick(q.selected)
	}
	if q.filter == nil {
		s := cached.of(&p.dataset)
		p.columns, p.sources, p.members = s.columns, s.sources, s.members
		return nil
	}
	for _, name := range q.filter {
		if err := p.known("filter", name); err != nil {
			return err
		}
		c, _, _ := p.dataset.Schema.Column(name)
		p.columns = append(p.columns, c)
	}
	slices.SortFunc(p.columns, func(a, b dataset.Column) int { return strings.Compare(a.Name, b.Name) })
	p.sources = namesOf(p.columns)
	return nil
}

func (p *plan) known(parameter, name string) error {
	if _, _, ok := p.dataset.Schema.Column(name); ok {
		return nil
	}
	e := problem.New(problem.Invalid, "The %s names %s, which isn't a column of %s.", parameter, excerpt(name),
		p.dataset.Name).WithReason(criteria.UnknownColumn).
		WithPlace(problem.Place{Parameter: parameter, Column: clipped(name)})
	for _, c := range p.dataset.Schema.Columns {
		if strings.EqualFold(c.Name, name) {
			return e.WithHint("Column names are case-sensitive: use %s.", quoted(c.Name))
		}
	}
	return e.WithHint("Read with schema=true for its columns.")
}

// dateColumn returns the column for windows and the order. It returns "" for
// the time of loading, if the index has no date.
func (p *plan) dateColumn(field string) (string, error) {
	if field == "" {
		return p.dataset.Schema.Index.Date, nil
	}
	if err := p.known("dateField", field); err != nil {
		return "", err
	}
	if c, _, _ := p.dataset.Schema.Column(field); c.Type != dataset.Date && c.Type != dataset.DateTime {
		return "", problem.New(problem.Invalid, "The dateField names %s, which is of type %s, not a date.",
			excerpt(field), c.Type).WithReason(invalidValue).
			WithPlace(problem.Place{Parameter: "dateField", Column: field})
	}
	return field, nil
}

// addIndex adds the index's parts to the requested names, and stores their
// positions.
func (p *plan) addIndex(names []string) []string {
	index := p.dataset.Schema.Index
	for _, part := range []struct {
		name string
		at   *int
	}{{index.Key, &p.key}, {index.Subkey, &p.subkey}, {index.Date, &p.date}} {
		if part.name == "" {
			continue
		}
		*part.at = slices.Index(names, part.name)
		if *part.at < 0 {
			*part.at = len(names)
			names = append(names, part.name)
		}
	}
	return names
}
