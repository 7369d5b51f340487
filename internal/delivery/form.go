package delivery

import (
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// The reasons for refusals, in addition to those of package criteria.
const (
	unknownParameter  = "unknown_parameter"
	repeatedParameter = "repeated_parameter"
	invalidValue      = criteria.InvalidValue
	conflicting       = "conflicting_parameters"
	oneDataset        = "one_dataset"
)

// Requests come in two forms. The platform's clients use the platform's form, for
// the newest row of a key or the rows of a window. A request has the modern form
// if it has a condition on a column, a parameter in modernOnly, or a format that
// only the modern form has. It returns the rows in the order of the index, page by
// page or as a stream.

// modernOnly has the parameters that only the modern form has.
var modernOnly = []string{"and", "or", "not.and", "not.or", "select", "order", "count", "cursor", "numbers"}

// takes has the parameters that select how many rows to take, and from where.
var takes = []string{"last", "first", "next", "interval", "sort"}

// condition is an unknown parameter. It is a condition on a column, if the
// dataset has the column.
type condition struct {
	name   string
	values []string
}

// modern parses the parameters of the modern form.
func (p *parser) modern(q *Query) {
	q.conditions = p.conditions
	q.modern = len(p.conditions) > 0
	for _, name := range modernOnly {
		q.modern = q.modern || p.has(name)
	}
	q.pollName = p.pollName()
	q.count = p.oneOf("count", "", "exact") == "exact"
	q.cursor, q.continued = p.text("cursor"), p.has("cursor")
	if text, ok := p.values.of("select"); ok {
		var err error
		if q.selected, err = criteria.ParseSelect(text); err != nil {
			p.fail(err)
		}
	}
	if text, ok := p.values.of("order"); ok {
		var err error
		if q.ordered, err = criteria.ParseOrder(text); err != nil {
			p.fail(err)
		}
	}
	for _, name := range takes {
		q.taken = q.taken || p.has(name)
	}
	p.conflicts(q)
}

func (p *parser) has(name string) bool {
	_, ok := p.values.of(name)
	return ok || len(p.logic[name]) > 0
}

// conflicts rejects parameters that exclude each other.
func (p *parser) conflicts(q *Query) {
	aggregates := ""
	if q.selected != nil && q.selected.Aggregates {
		aggregates = "an aggregate"
	}
	named := func(name string) string {
		if p.has(name) {
			return name
		}
		return ""
	}
	exclude := func(name string, others ...string) {
		for _, other := range others {
			if p.has(name) && other != "" {
				p.fail(problem.New(problem.Invalid, "The parameter %s can't be combined with %s.", spelled(name),
					spelled(other)).
					WithReason(conflicting).WithPlace(problem.Place{Parameter: spelled(name)}).
					WithHint("Remove one of them."))
			}
		}
	}
	for _, take := range takes {
		exclude(take, named("order"), named("cursor"), aggregates)
	}
	exclude("filter", named("select"))
	exclude("queryid", named("order"), named("cursor"), aggregates)
	exclude("cursor", named("offset"), aggregates)
	if q.Format.modernOnly() {
		exclude("callback", "format="+string(q.Format))
	}
	if aggregates != "" {
		exclude("schema", aggregates)
		exclude("includesystemrecordproperties", aggregates)
	}
}

// bind resolves the conditions of a request with the columns of a dataset.
func (p *plan) bind(q *Query) ([]engine.Condition, error) {
	c := criteria.Conditions{Schema: &p.dataset.Schema}
	for _, asked := range q.conditions {
		for _, value := range asked.values {
			if err := p.bindOne(&c, asked.name, value); err != nil {
				return nil, err
			}
		}
	}
	return c.List, nil
}

func (p *plan) bindOne(c *criteria.Conditions, name, value string) error {
	if criteria.IsLogic(name) {
		return c.Logic(name, value)
	}
	column := name
	if len(name) > 1 && name[0] == '"' && name[len(name)-1] == '"' {
		column = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(name[1 : len(name)-1])
	}
	_, _, known := p.dataset.Schema.Column(column)
	switch {
	case known:
		return c.Filter(column, value)
	case column != name || criteria.LooksLikeCondition(value):
		return criteria.Unknown(&p.dataset.Schema, column)
	default:
		return noParameter(name)
	}
}

// ConditionName returns the parameter that has a condition on a column: its name, in
// quotes if it is also the name of another parameter.
func ConditionName(column string) string {
	if IsParameter(column) || isViewParameter(column) || strings.HasPrefix(column, `"`) {
		return QuotedColumn(column)
	}
	return column
}

// QuotedColumn returns a column's name in double quotes, in which any name can be written.
func QuotedColumn(column string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(column) + `"`
}

// noParameter returns the error for an unknown parameter.
func noParameter(name string) error {
	e := problem.New(problem.Invalid, "There is no parameter %s.", excerpt(name)).WithReason(unknownParameter).
		WithPlace(problem.Place{Parameter: clipped(name)})
	if near := criteria.Nearest(name, known); near != "" {
		return e.WithHint("Did you mean %s? Write a condition on a column as column=eq.value.", near)
	}
	return e.WithHint("There are %s. Write a condition on a column as column=eq.value.", strings.Join(known, ", "))
}

// clipped shortens a name for an error message.
func clipped(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most])
	}
	return name
}

// canonical returns the parameters in canonical form, except those in without.
// Equal requests have equal texts.
func (q *Query) canonical(without ...string) string {
	var b strings.Builder
	for _, pair := range q.given {
		if !slices.Contains(without, pair[0]) {
			b.WriteString(pair[0] + "\x00" + pair[1] + "\x01")
		}
	}
	return b.String()
}
