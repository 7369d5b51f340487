package view

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// closure has the datasets and views that a view reads, directly or through
// other views.
type closure struct {
	service *Service
	top     *dataset.Dataset
	changed overrides
	known   overrides // that needn't be read again

	direct []dataset.Dataset // that the statement itself names
	nested []dataset.Dataset // views, each after those that it names
	views  []engine.SQLView  // nested, for the engine
	leaves []dataset.Dataset // datasets with rows
	depth  int               // of the longest path of views
}

// add adds a dataset or view, and all that it reads. path has the names of the
// views that lead to it.
func (c *closure) add(ctx context.Context, d *dataset.Dataset, path []string) error {
	if d.View == nil {
		if !slices.ContainsFunc(c.leaves, func(known dataset.Dataset) bool { return known.ID == d.ID }) {
			c.leaves = append(c.leaves, *d)
		}
		return nil
	}
	switch {
	case d.ID == c.top.ID || slices.Contains(path, d.Name):
		return cycle(path, d.Name)
	case len(path) >= MaxDepth:
		return tooDeep(append(slices.Clone(path), d.Name))
	}
	c.depth = max(c.depth, len(path))
	switch {
	case slices.ContainsFunc(c.nested, func(known dataset.Dataset) bool { return known.ID == d.ID }):
		return nil
	case d.View.Fault != "":
		return broken(d, "%s", d.View.Fault)
	}
	if err := c.addTables(ctx, d, append(slices.Clone(path), d.Name)); err != nil {
		return err
	}
	made := engine.SQLView{Name: d.Name, Text: d.View.SQL, Parameters: map[string]engine.SQLParameter{}}
	for i := range d.View.Parameters {
		p := &d.View.Parameters[i]
		if p.Required {
			return problem.New(problem.Invalid, "The view %s can't be used here: its parameter %s has no default.", d.Name,
				p.Name).
				WithReason(engine.SQLInvalidValue).
				WithHint("Give the parameter a default.")
		}
		v, err := declaredValue(p, p.Default)
		if err != nil {
			return err
		}
		made.Parameters[p.Name] = parameterOf(p, v)
	}
	c.nested, c.views = append(c.nested, *d), append(c.views, made)
	return nil
}

// addTables adds the tables of a view as of its compilation. If a name now
// belongs to another dataset, or to none, the view is broken.
func (c *closure) addTables(ctx context.Context, d *dataset.Dataset, path []string) error {
	for _, t := range d.View.Tables {
		found, err := c.table(ctx, d, t)
		if err != nil {
			return err
		}
		if err := c.add(ctx, &found, path); err != nil {
			return err
		}
	}
	return nil
}

func (c *closure) table(ctx context.Context, d *dataset.Dataset, t dataset.ViewTable) (dataset.Dataset, error) {
	if changed, ok := c.changed[t.ID]; ok {
		return changed, nil
	}
	found, known := c.known[t.ID]
	var err error
	if !known {
		found, err = c.service.config.Store.Readable(ctx, d.Workspace, t.ID)
	}
	if problem.Is(err, problem.NotFound) {
		return found, gone(d, fmt.Sprintf("The table %s was removed.", t.Name))
	}
	if err == nil && !strings.EqualFold(found.Name, t.Name) {
		err = gone(d, fmt.Sprintf("The table %s is now called %s.", t.Name, found.Name))
	}
	return found, err
}

// goneError reports that a table of a view no longer exists.
type goneError struct{ fault string }

// Error returns the fault.
func (e *goneError) Error() string { return e.fault }

func gone(d *dataset.Dataset, fault string) error {
	p := problemOf(broken(d, "%s", fault))
	p.Cause = &goneError{fault}
	return p
}

// broken reports a view whose statement can't run any more.
func broken(d *dataset.Dataset, format string, args ...any) error {
	return problem.New(problem.Conflict, "The view %s is broken. %s", d.Name, fmt.Sprintf(format, args...)).
		WithReason("view_broken").
		WithHint("Change the view's SQL, or restore the tables that it uses. See windlass view get.")
}

// stale reports whether a table of a view has changed since it was compiled.
func stale(d *dataset.Dataset, tables []dataset.Dataset) bool {
	for _, t := range d.View.Tables {
		if slices.ContainsFunc(tables, func(found dataset.Dataset) bool {
			return found.ID == t.ID && found.Version != t.Version
		}) {
			return true
		}
	}
	return false
}

// current returns a view that matches its current tables, and its closure. If the
// tables have changed, it compiles the view again and saves it. If the view can't be
// compiled, the error is a problem with code conflict.
func (s *Service) current(ctx context.Context, d dataset.Dataset) (dataset.Dataset, *closure, error) {
	fresh := freshener{service: s, seen: overrides{}}
	d, direct, err := fresh.view(ctx, d, 1)
	if err != nil {
		return d, nil, err
	}
	c := &closure{service: s, top: &d, direct: direct, known: fresh.seen}
	path := []string{d.Name}
	for i := range c.direct {
		if err := c.add(ctx, &c.direct[i], path); err != nil {
			return d, nil, err
		}
	}
	return d, c, nil
}

// freshener recompiles views whose tables have changed, each once, even if several
// paths lead to it.
type freshener struct {
	service *Service
	seen    overrides // recompiled views, and datasets
}

// view returns a view as its tables are now, and the tables.
func (f *freshener) view(
	ctx context.Context,
	d dataset.Dataset,
	depth int,
) (dataset.Dataset, []dataset.Dataset, error) {
	if depth > MaxDepth {
		return d, nil, broken(&d, "The view depends on too many views.")
	}
	c := &closure{service: f.service, top: &d, known: f.seen}
	for _, t := range d.View.Tables {
		_, known := f.seen[t.ID]
		found, err := c.table(ctx, &d, t)
		if err == nil && !known && found.View != nil {
			found, _, err = f.view(ctx, found, depth+1)
		}
		if err != nil {
			return d, nil, err
		}
		f.seen[t.ID] = found
		c.direct = append(c.direct, found)
	}
	if stale(&d, c.direct) {
		refreshed, err := f.service.refresh(ctx, d, c.direct)
		if err != nil {
			return d, nil, err
		}
		d = refreshed
	}
	if d.View.Fault != "" {
		return d, nil, broken(&d, "%s", d.View.Fault)
	}
	return d, c.direct, nil
}

// isFault reports whether an error is of a statement, and not of its time or memory,
// which may pass.
func isFault(err error) bool {
	reason := problem.From(err).Reason
	return problem.Is(err, problem.Invalid) && reason != engine.SQLTimeLimit && reason != engine.SQLMemoryLimit
}

// refresh compiles a view again, whose tables have changed, and saves it. A fault of
// the statement is saved too, until a table changes again.
func (s *Service) refresh(ctx context.Context, d dataset.Dataset, tables []dataset.Dataset) (dataset.Dataset, error) {
	definition := *d.View
	changed := d
	changed.View = &definition
	if err := s.compile(ctx, &changed); isFault(err) {
		changed, definition = d, *d.View
		definition.Fault = problemOf(err).Message
		definition.Tables = slices.Clone(d.View.Tables)
		for i, t := range tables {
			definition.Tables[i].Version = t.Version
		}
		changed.View = &definition
	} else if err != nil {
		return d, err
	}
	changed.Version++
	changed.UpdatedAt = s.config.Now()
	saved := s.config.Store.SaveView(ctx, changed)
	if problem.Is(saved, problem.Conflict) { // another node was first
		found, missing := s.config.Store.Readable(ctx, d.Workspace, d.ID)
		if missing != nil || found.View == nil {
			return d, broken(&d, "It was removed.")
		}
		changed, saved = found, nil
	}
	return changed, saved
}
