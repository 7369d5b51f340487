package view

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/nearest"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// daily has the functions whose results change once a day, at midnight UTC.
var daily = []string{"current_date", "today"}

// compile sets the columns of a view and the tables that its statement names. If
// the statement has a fault, the error is a problem with code invalid and the
// position.
func (s *Service) compile(ctx context.Context, made *dataset.Dataset) error {
	described, tables, err := s.describe(ctx, made, nil)
	if err != nil {
		return err
	}
	view := made.View
	view.Tables, view.Ordered, view.Daily, view.Fault = nil, described.Ordered, false, ""
	for _, name := range described.Changing {
		if !slices.Contains(daily, name) {
			return problem.New(problem.Invalid, "A view can't use %s: its rows are kept until its tables change.", name).
				WithReason(engine.SQLNotAllowed).
				WithHint("Use a parameter for the time; current_date and today() are allowed.")
		}
		view.Daily = true
	}
	for _, d := range tables.direct {
		view.Tables = append(view.Tables, dataset.ViewTable{ID: d.ID, Name: d.Name, Version: d.Version})
	}
	made.Schema.Columns = described.Columns
	for i := range made.Schema.Columns {
		made.Schema.Columns[i].AllowNull = true
	}
	made.Schema.Index.Unique, made.Schema.Index.Guessed = false, false
	return dataset.CheckSchema(&made.Schema)
}

// overrides has the future states of datasets and views, by ID.
type overrides map[string]dataset.Dataset

// describe compiles the statement of a view over its tables, of which some may be
// other than they are stored.
func (s *Service) describe(ctx context.Context, made *dataset.Dataset, changed overrides) (
	*engine.SQLDescription, *closure, error,
) {
	workspace, err := s.config.Workspaces.Workspace(ctx, made.Workspace)
	if err != nil {
		return nil, nil, err
	}
	values := map[string]engine.SQLParameter{}
	for i := range made.View.Parameters {
		values[made.View.Parameters[i].Name] = parameterOf(&made.View.Parameters[i], nil)
	}
	leave, err := s.config.Runner.Enter(ctx, made.ID)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	found := &closure{service: s, top: made, changed: changed}
	described, err := s.config.Engine.Describe(ctx, &engine.SQLQuery{
		Text: made.View.SQL, Workspace: workspace.Name, Parameters: values, Typed: true,
		Tables: found.resolve,
	})
	if err != nil {
		return nil, nil, err
	}
	if isExplain(made.View.SQL) {
		return nil, nil, problem.New(problem.Invalid, "A view can't be an EXPLAIN.").WithReason(engine.SQLNotAllowed)
	}
	return described, found, nil
}

// isExplain reports whether the first word of a statement is EXPLAIN; comments may
// precede it.
func isExplain(text string) bool {
	for {
		text = strings.TrimLeft(text, " \t\r\n\f\v")
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text, "*/")
		default:
			return len(text) >= 7 && strings.EqualFold(text[:7], "explain")
		}
	}
}

// resolve finds the tables of the statement; see [engine.SQLQuery].
func (c *closure) resolve(ctx context.Context, names []string) (engine.SQLTables, error) {
	found := engine.SQLTables{Found: map[string]dataset.Dataset{}, Nearest: map[string]string{}}
	for _, name := range names {
		d, err := c.named(ctx, name)
		if problem.Is(err, problem.NotFound) {
			continue // the engine refuses it, with its position
		}
		if err == nil {
			err = c.add(ctx, &d, []string{c.top.Name})
		}
		if err != nil {
			return found, err
		}
		if !slices.ContainsFunc(c.direct, func(known dataset.Dataset) bool { return known.ID == d.ID }) {
			c.direct = append(c.direct, d)
		}
		if d.View == nil {
			found.Found[name] = d
		}
	}
	for _, d := range c.leaves {
		found.Found[d.Name] = d
	}
	found.Views = c.views
	return found, c.nearest(ctx, names, found.Nearest)
}

// spelling limits how much a misspelled name may differ from the name of a table.
var spelling = nearest.Rule{Letters: 2, Bytes: dataset.MaxName}

// nearest finds a similar name among the first datasets and views for each unknown
// name.
func (c *closure) nearest(ctx context.Context, names []string, into map[string]string) error {
	missing := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.ContainsFunc(c.direct, func(d dataset.Dataset) bool { return strings.EqualFold(d.Name, name) })
	})
	if len(missing) == 0 {
		return nil
	}
	page, err := c.service.config.Store.ListReadables(ctx, c.top.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return err
	}
	known := make([]string, len(page.Items))
	for i := range page.Items {
		known[i] = page.Items[i].Name
	}
	for _, name := range missing {
		into[name] = spelling.Name(name, known)
	}
	return nil
}

// named returns the dataset or view that a statement names, by name and not by ID.
func (c *closure) named(ctx context.Context, name string) (dataset.Dataset, error) {
	for _, d := range c.changed {
		if strings.EqualFold(d.Name, name) {
			return d, nil
		}
	}
	d, err := c.service.config.Store.Readable(ctx, c.top.Workspace, name)
	if err == nil && !strings.EqualFold(d.Name, name) {
		err = problem.New(problem.NotFound, "There is no dataset %q.", name)
	}
	if changed, ok := c.changed[d.ID]; ok && err == nil && !strings.EqualFold(changed.Name, name) {
		err = problem.New(problem.NotFound, "There is no dataset %q.", name)
	}
	return d, err
}

func cycle(path []string, name string) error {
	return problem.New(problem.Invalid, "The view depends on itself: %s → %s.", strings.Join(path, " → "), name).
		WithReason("cycle").WithFindings(problem.Finding{
		Path: "sql", Message: fmt.Sprintf("depends on itself: %s → %s", strings.Join(path, " → "), name),
	})
}

func tooDeep(path []string) error {
	return problem.New(problem.Invalid, "Views can be nested %d levels deep. This is deeper: %s.", MaxDepth,
		strings.Join(path, " → ")).WithReason("too_many")
}
