package view

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// Renamed returns the views that name a dataset, with statements that name it by another
// name. If a view can't be rewritten, the error is a problem with code conflict; with
// force, the view breaks. Broken views have no statement.
func (s *Service) Renamed(ctx context.Context, before dataset.Dataset, name string, force bool) (
	[]dataset.Dataset, error,
) {
	changed := before
	changed.Name = name
	return s.renamed(ctx, &before, &changed, force)
}

func (s *Service) renamed(ctx context.Context, before, changed *dataset.Dataset, force bool) (
	[]dataset.Dataset, error,
) {
	views, err := s.config.Store.ViewsOf(ctx, before.Workspace, before.ID)
	if err != nil {
		return nil, err
	}
	var written []dataset.Dataset
	for i := range views {
		left := dataset.Dataset{ID: views[i].ID}
		if views[i].View.Fault != "" {
			written = append(written, left) // it stays broken
			continue
		}
		v, err := s.rewrite(ctx, &views[i], before, changed)
		if errors.Is(err, errBroken) || force && problem.From(err).Reason == inUseReason {
			written = append(written, left)
			continue
		}
		if err != nil {
			return nil, err
		}
		written = append(written, v)
	}
	return written, nil
}

// errBroken reports a view that couldn't be compiled before a change.
var errBroken = errors.New("the view is broken")

// rewrite returns a view whose statement names a table by its new name. The error is
// errBroken if the statement can't run anyway.
func (s *Service) rewrite(ctx context.Context, v, before, changed *dataset.Dataset) (dataset.Dataset, error) {
	described, tables, err := s.describe(ctx, v, nil)
	if isFault(err) || problem.Is(err, problem.Conflict) {
		return *v, errBroken
	}
	if err != nil {
		return *v, err
	}
	text := v.View.SQL
	slices.SortFunc(described.Tables, func(a, b engine.SQLTable) int { // from the end: earlier positions stay valid
		return cmp.Compare(b.From, a.From)
	})
	for _, t := range described.Tables {
		if !strings.EqualFold(t.Name, before.Name) {
			continue
		}
		if t.From < 0 {
			return *v, inUse(before, []string{v.Name}, cantRename, "The position in its SQL is unknown.")
		}
		with := quote(changed.Name)
		if !t.Alias { // columns may be named after it
			with += " AS " + text[t.From:t.To]
		}
		text = text[:t.From] + with + text[t.To:]
	}
	definition, rewritten := *v.View, *v
	definition.SQL, rewritten.View = text, &definition
	definition.Tables = slices.Clone(definition.Tables)
	for i := range definition.Tables {
		if definition.Tables[i].ID == before.ID {
			definition.Tables[i].Name = changed.Name
		}
	}
	again, tablesAgain, err := s.describe(ctx, &rewritten, overrides{changed.ID: *changed})
	if err != nil && !isFault(err) {
		return *v, err
	}
	if err != nil || lost(described.Columns, again.Columns) != "" || len(described.Tables) != len(again.Tables) ||
		!slices.Equal(idsOf(tables.direct), idsOf(tablesAgain.direct)) {
		return *v, inUse(before, []string{v.Name}, cantRename, "Its SQL can't be rewritten.")
	}
	rewritten.Version++
	rewritten.UpdatedAt = s.config.Now()
	return rewritten, nil
}

// idsOf returns the IDs of tables, sorted.
func idsOf(tables []dataset.Dataset) []string {
	ids := make([]string, len(tables))
	for i := range tables {
		ids[i] = tables[i].ID
	}
	slices.Sort(ids)
	return ids
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// CheckSchema returns a problem with code conflict if a new schema of a dataset
// removes columns that views use.
func (s *Service) CheckSchema(ctx context.Context, before dataset.Dataset, after dataset.Schema) error {
	changed := before
	changed.Schema = after
	return s.checkUse(ctx, &before, &changed)
}

func (s *Service) checkUse(ctx context.Context, before, changed *dataset.Dataset) error {
	views, err := s.config.Store.ViewsOf(ctx, before.Workspace, before.ID)
	if err != nil {
		return err
	}
	var names []string
	why := ""
	for i := range views {
		v := &views[i]
		if v.View.Fault != "" {
			continue
		}
		described, _, err := s.describe(ctx, v, overrides{changed.ID: *changed})
		switch {
		case isFault(err):
			names, why = append(names, v.Name), problemOf(err).Message
		case err != nil:
			return err
		case lost(v.Schema.Columns, described.Columns) != "":
			names, why = append(names, v.Name), lost(v.Schema.Columns, described.Columns)
		}
	}
	if len(names) > 0 {
		return inUse(before, names, "can't be changed this way", why)
	}
	return nil
}

// lost describes the first column of a view that was removed or has another type,
// or returns an empty string.
func lost(before, after []dataset.Column) string {
	for _, c := range before {
		i := slices.IndexFunc(after, func(a dataset.Column) bool { return a.Name == c.Name })
		switch {
		case i < 0:
			return "The column " + c.Name + " would be missing."
		case after[i].TypeName() != c.TypeName():
			return "The column " + c.Name + " would have the type " + after[i].TypeName() + "."
		}
	}
	return ""
}

// cantRename describes the refused change of a dataset.
const cantRename = "can't be renamed"

// inUseReason is the reason of a change that would break views.
const inUseReason = "in_use"

func inUse(d *dataset.Dataset, views []string, what, why string) error {
	hint := "Change the views first, or repeat the change with force, which breaks them."
	if what == cantRename {
		hint = "Change the views first, take another name, or repeat the request with force, which breaks them."
	}
	noun := "the view "
	if len(views) > 1 {
		noun = "the views "
	}
	return problem.New(problem.Conflict, "The %s %s %s: %s%s would break. %s", d.Kind(), d.Name, what, noun,
		strings.Join(views, ", "), why).WithReason(inUseReason).
		WithHint("%s", hint)
}

// checkAbove refuses a change of a view that breaks views above it.
func (s *Service) checkAbove(ctx context.Context, before, changed *dataset.Dataset, force bool) error {
	c := &closure{service: s, top: changed}
	for _, t := range changed.View.Tables {
		found, err := c.table(ctx, changed, t)
		if err == nil {
			err = c.add(ctx, &found, []string{changed.Name})
		}
		if err != nil {
			return err
		}
	}
	above, err := s.above(ctx, changed, map[string][]string{}, 1)
	if err != nil {
		return err
	}
	if len(above)+c.depth > MaxDepth {
		slices.Reverse(above)
		return tooDeep(above)
	}
	if force {
		return nil
	}
	same := *changed
	same.Name = before.Name // another name is written into the views
	return s.checkUse(ctx, before, &same)
}

// above returns the longest path of views from a view up, and stops at one that is
// too long. seen caches known paths.
func (s *Service) above(
	ctx context.Context,
	d *dataset.Dataset,
	seen map[string][]string,
	depth int,
) ([]string, error) {
	if found, ok := seen[d.ID]; ok {
		return found, nil
	}
	longest := []string{d.Name}
	if depth > MaxDepth {
		return longest, nil
	}
	views, err := s.config.Store.ViewsOf(ctx, d.Workspace, d.ID)
	if err != nil {
		return nil, err
	}
	for i := range views {
		path, err := s.above(ctx, &views[i], seen, depth+1)
		if err != nil {
			return nil, err
		}
		if len(path)+1 > len(longest) {
			longest = append([]string{d.Name}, path...)
		}
	}
	seen[d.ID] = longest
	return longest, nil
}
