package delivery

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/delivery/totals"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// aggregate reads the rows of a request and returns its totals.
func (a *Answer) aggregate(ctx context.Context) (engine.Rows, error) {
	p, q := a.plans[0], &a.query
	var terms []criteria.Term
	var places []int
	if q.ordered != nil {
		var err error
		if places, err = q.ordered.Find(p.columns); err != nil {
			return nil, hintOutputs(err, p.columns)
		}
		terms = q.ordered.Terms
	}
	table, err := a.fill(ctx)
	if err != nil {
		return nil, err
	}
	limit := q.most
	if q.Format == JSON {
		limit = cmp.Or(limit, PageRows)
	}
	result, err := table.Result(terms, places, q.offset, limit)
	if err != nil {
		return nil, err
	}
	a.total = int64(result.Total)
	a.truncated = q.most == 0 && q.Format == JSON && result.Total > q.offset+limit
	return result, nil
}

// fill adds all rows of a request to its totals.
func (a *Answer) fill(ctx context.Context) (*totals.Table, error) {
	p := a.plans[0]
	columns := []string{}
	for _, name := range p.sources {
		if name != "" && !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	table := totals.New(p.outputs, columns)
	search := *a.search
	search.Columns, search.Unordered, search.Limit, search.Offset = columns, true, 0, 0
	if table.CountsRows() {
		n, err := p.view.Count(ctx, &search)
		table.AddRows(n)
		return table, err
	}
	rows, err := p.view.Find(ctx, &search)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for {
		batch, err := rows.Next()
		if err != nil || batch == nil {
			return table, err
		}
		if err := table.Add(batch); err != nil {
			return nil, err
		}
	}
}

// hintOutputs adds the next step to the error of an order by something that isn't an
// output of select.
func hintOutputs(err error, outputs []dataset.Column) error {
	e := (*problem.Error)(nil)
	if !errors.As(err, &e) {
		return err
	}
	names := make([]string, len(outputs))
	for i := range outputs {
		names[i] = outputs[i].Name
	}
	return e.WithHint("Totals are ordered by outputs of select: %s.", clip.To(strings.Join(names, ", "), 200))
}
