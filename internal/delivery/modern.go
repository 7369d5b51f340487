package delivery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of the modern form.
const (
	PageRows  = 1000    // rows of a JSON page, unless limit is another number
	PageBytes = 8 << 20 // of a JSON page
	// ScanTime limits a read without a key, and a stream until its first row.
	ScanTime = 10 * time.Second
)

// prepareModern prepares the search of a modern request.
func (a *Answer) prepareModern(ctx context.Context) error {
	p, q := a.plans[0], &a.query
	search := &engine.Search{Selection: p.selection}
	search.Keys, search.Subkeys = a.lists()
	search.Limit, search.Offset, search.Every = q.most, q.offset, 0
	if q.Format == JSON {
		search.Limit = cmp.Or(q.most, PageRows) + 1 // one more row shows that there are more
	}
	if q.ordered != nil && !p.aggregates() {
		places, err := q.ordered.Find(p.dataset.Schema.Columns)
		if err != nil {
			return err
		}
		for i, at := range places {
			term := q.ordered.Terms[i]
			search.By = append(search.By, engine.Sort{
				Column: p.dataset.Schema.Columns[at].Name, Descending: term.Descending, NullsFirst: term.NullsFirst,
			})
		}
	}
	search.Positions = q.Format == JSON && !p.aggregates()
	a.search = search
	if a.poll != nil {
		a.pollSearch()
	}
	if q.continued {
		return a.resume(ctx)
	}
	return nil
}

// lists returns the requested keys and subkeys of the path; nil means any.
func (a *Answer) lists() (keys, subkeys []string) {
	add := func(list []string, text string) []string {
		if text == "" {
			return nil
		}
		for _, part := range parts(text, a.query.separator) {
			list = append(list, *part)
		}
		return list
	}
	return add(nil, a.target.Keys), add(nil, a.target.Subkeys)
}

// errScanTime ends a read that takes too long.
var errScanTime = errors.New("the read takes too long")

// loadModern counts the rows and reads the first ones.
func (a *Answer) loadModern(ctx context.Context) (err error) {
	ctx = a.bounded(ctx)
	p := a.plans[0]
	if a.query.count && !p.aggregates() {
		if a.total, err = p.view.Count(ctx, a.search); err != nil {
			return a.late(ctx, err)
		}
	}
	switch {
	case p.aggregates():
		a.first, err = a.aggregate(ctx)
	case a.query.taken:
		selection := p.selection
		selection.Keys, selection.Subkeys = a.search.Keys, a.search.Subkeys
		a.first, err = p.view.Lookup(ctx, selection)
	default:
		a.found, err = p.view.Find(ctx, a.search)
		a.first = a.found
	}
	if err == nil && a.stream {
		a.head, err = a.first.Next()
		a.begun = true
		a.stopTimer()
	}
	return a.late(ctx, err)
}

// bounded limits the time of a read without a key.
func (a *Answer) bounded(ctx context.Context) context.Context {
	if a.target.Keys != "" || a.plans[0].tag != "" { // the statement of a view has its own limits
		return ctx
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.AfterFunc(ScanTime, func() { cancel(errScanTime) })
	a.stopTimer = func() { timer.Stop() }
	a.cancel = cancel
	return ctx
}

// late returns an error that names the time limit, if that ended the read.
func (a *Answer) late(ctx context.Context, err error) error {
	if err == nil || !errors.Is(context.Cause(ctx), errScanTime) {
		return err
	}
	return problem.New(problem.Invalid, "The read took longer than %d seconds.", int(ScanTime/time.Second)).
		WithReason("time_limit").
		WithHint("Name a key in the path, narrow the conditions, or read the whole dataset as a stream without order.")
}

// aggregates reports whether the outputs are computed from several rows.
func (p *plan) aggregates() bool { return p.outputs != nil }

// pick determines the outputs of a modern request.
func (p *plan) pick(selected *criteria.Selected) error {
	outputs, err := selected.Bind(&p.dataset.Schema)
	if err != nil {
		return err
	}
	if selected.Aggregates {
		p.outputs = outputs
	}
	p.columns = make([]dataset.Column, len(outputs))
	p.sources = make([]string, len(outputs))
	for i := range outputs {
		p.columns[i], p.sources[i] = outputs[i].Made, outputs[i].Column
	}
	return nil
}

// rangeOf returns the Content-Range for a number of rows.
func (a *Answer) rangeOf(rows int64) string {
	first := a.before + int64(a.query.offset)
	if rows == 0 {
		return fmt.Sprintf("rows */%d", a.total)
	}
	return fmt.Sprintf("rows %d-%d/%d", first, first+rows-1, a.total)
}
