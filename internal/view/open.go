package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/held"
	"github.com/windlass-io/windlass/internal/problem"
)

// Opened is a read of a view: the versions of everything that it reads, and the rows
// once they are needed. Use it from one goroutine. The caller of Open closes it.
type Opened struct {
	service *Service
	view    dataset.Dataset
	closure *closure
	values  map[string]engine.SQLParameter
	owner   string
	explain bool // show errors of the statement
	pins    map[string]engine.SQLPin
	version int64
	tag     string
	used    []used // empty: not needed yet
}

// used has rows of a view that a read uses.
type used struct {
	*result

	filter string // the key of the filter that they satisfy; empty: all rows
}

// Open begins a read of a view, whose rows the caller may read. Nothing runs yet.
// If the view can't run any more, the error is a problem with code conflict.
// parameters has the values of the request by name.
func (s *Service) Open(ctx context.Context, actor *access.Actor, found dataset.Dataset,
	parameters map[string]string,
) (*Opened, error) {
	o := &Opened{
		service: s, owner: cmp.Or(actor.Token, actor.ID), pins: map[string]engine.SQLPin{},
		explain: access.Allowed(*actor, access.DataQuery, access.Resource{Workspace: found.Workspace, Kind: "dataset"}),
	}
	var err error
	if o.view, o.closure, err = s.current(ctx, found); err == nil {
		o.values, err = Bind(&o.view, parameters)
	}
	if err == nil {
		err = o.pin(ctx)
	}
	if err != nil {
		o.Close()
		return nil, o.hide(err)
	}
	return o, nil
}

// pin pins the datasets and sets the key of everything that the rows depend on.
func (o *Opened) pin(ctx context.Context) error {
	var b strings.Builder
	part := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\x00", args...) }
	part("%s %d", o.view.ID, o.view.Version)
	version := o.view.Version<<viewBits + o.view.View.Base
	for _, d := range o.closure.nested {
		part("%s %d", d.ID, d.Version)
		version += d.Version<<viewBits + d.View.Base
	}
	for i := range o.closure.leaves {
		d := &o.closure.leaves[i]
		pin, err := o.service.config.Engine.Pin(ctx, d.ID, &d.Schema)
		if err != nil {
			return err
		}
		o.pins[d.ID] = pin
		part("%s %d %d", d.ID, d.Version, pin.Version())
		version += commits(pin)
	}
	for _, name := range slices.Sorted(maps.Keys(o.values)) {
		part("%q %s %q", name, o.values[name].Kind, o.values[name].Text)
	}
	if o.view.View.Daily ||
		slices.ContainsFunc(o.closure.nested, func(d dataset.Dataset) bool { return d.View.Daily }) {
		part("%s", o.service.config.Now().UTC().Format(time.DateOnly))
	}
	o.tag, o.version = b.String(), version
	return nil
}

// The version of a view is the sum of the versions of all that it is made of, so that
// it grows with each change. What a dataset has committed counts from an epoch on, as
// its versions begin with a time in microseconds.
const (
	viewBits     = 32
	versionEpoch = 1_700_000_000_000_000
)

// commits returns the number that a dataset adds to the version of a view.
func commits(pin engine.SQLPin) int64 { return max(0, pin.Version()-versionEpoch) }

// baseAfter returns the base of a view whose statement changes. It includes what the
// datasets have added to the version so far, because the view may not read them any
// more.
func (s *Service) baseAfter(ctx context.Context, before dataset.Dataset) (int64, error) {
	base := before.View.Base
	_, made, err := s.current(ctx, before)
	if err != nil { // it is broken: no dataset has more than this
		most := max(0, s.config.Now().UnixMicro()-versionEpoch)
		return base + most*int64(max(1, len(before.View.Tables))), nil
	}
	for i := range made.leaves {
		pin, err := s.config.Engine.Pin(ctx, made.leaves[i].ID, &made.leaves[i].Schema)
		if err != nil {
			return 0, err
		}
		base += commits(pin)
		pin.Release()
	}
	for i := range made.nested { // it may not read these any more either
		base += made.nested[i].Version<<viewBits + made.nested[i].View.Base
	}
	return base, nil
}

// Dataset returns the view that is read.
func (o *Opened) Dataset() dataset.Dataset { return o.view }

// Tag returns a text that changes whenever the rows may.
func (o *Opened) Tag() string { return o.tag }

// Version returns a number that grows with each change of the view and of the rows
// that it reads.
func (o *Opened) Version() int64 { return o.version }

// NextNumber returns 0: a view's rows have no numbers that last.
func (*Opened) NextNumber() int64 { return 0 }

// Close releases the versions and the rows.
func (o *Opened) Close() {
	for _, pin := range o.pins {
		pin.Release()
	}
	clear(o.pins)
	for _, u := range o.used {
		o.service.results.giveBack(u.result)
	}
	o.used = nil
}

// Lookup reads the selected rows.
func (o *Opened) Lookup(ctx context.Context, selection engine.Selection) (engine.Rows, error) {
	rows, err := o.rows(ctx, &selection)
	if err != nil {
		return nil, err
	}
	return rows.Lookup(ctx, selection)
}

// Find reads the rows that match a search.
func (o *Opened) Find(ctx context.Context, search *engine.Search) (engine.Found, error) {
	rows, err := o.rows(ctx, &search.Selection)
	if err != nil {
		return nil, err
	}
	return rows.Find(ctx, search)
}

// Count counts the rows that a search names.
func (o *Opened) Count(ctx context.Context, search *engine.Search) (int64, error) {
	rows, err := o.rows(ctx, &search.Selection)
	if err != nil {
		return 0, err
	}
	return rows.Count(ctx, search)
}

// Twins always returns an error, because a view doesn't support writes.
func (*Opened) Twins(context.Context, *dataset.Schema, *dataset.Batch, bool) (engine.Twins, error) {
	return engine.Twins{}, held.ErrReadOnly
}

// rows returns rows among which are all that a selection names, from the cache or from
// the statement.
func (o *Opened) rows(ctx context.Context, selection *engine.Selection) (*held.Rows, error) {
	f := filterOf(&o.view.Schema, selection)
	key := f.key()
	for _, u := range o.used {
		if u.filter == "" || u.filter == key {
			return u.rows, nil
		}
	}
	found, key, err := o.read(ctx, &f)
	if err != nil {
		return nil, o.hide(err)
	}
	o.used = append(o.used, used{found, key})
	return found.rows, nil
}

// query runs the statement over the pinned versions, with a filter unless that is nil.
func (o *Opened) query(ctx context.Context, f *filter) (rows *held.Rows, err error) {
	workspace, err := o.service.config.Workspaces.Workspace(ctx, o.view.Workspace)
	if err != nil {
		return nil, err
	}
	var updated time.Time
	for _, pin := range o.pins {
		if at := pin.Updated(); at.After(updated) {
			updated = at
		}
	}
	statement := &engine.SQLQuery{
		Text: o.view.View.SQL, Workspace: workspace.Name, Parameters: o.values, Typed: true, Pins: o.pins,
		Tables: o.tables,
	}
	if f != nil {
		statement.Text = "SELECT * FROM " + identifier(o.view.Name) + " WHERE " + f.text
		statement.Parameters, statement.Tables = f.values, o.withView
	}
	run := o.service.config.Runner.Run
	err = run(ctx, o.owner, statement, func(ctx context.Context, result engine.SQLResult) error {
		if f != nil && !slices.Equal(o.view.Schema.Columns, declared(o.view.Schema.Columns, result.Columns())) {
			return errOtherColumns
		}
		if lost(o.view.Schema.Columns, result.Columns()) != "" || len(result.Columns()) != len(o.view.Schema.Columns) {
			return broken(&o.view, "Its columns have changed.")
		}
		rows, err = held.Read(ctx, result, held.Config{
			Schema: o.view.Schema, Version: o.version, Updated: updated, Ordered: o.view.View.Ordered,
			Bytes: o.service.config.ResultBytes, Pages: o.service.results.pages,
		})
		return err
	})
	return rows, err
}

// declared returns the columns of a result, with what else the columns of a view have.
func declared(view, result []dataset.Column) []dataset.Column {
	columns := slices.Clone(view)
	if len(view) != len(result) {
		return nil
	}
	for i, c := range result {
		columns[i].Name, columns[i].Type, columns[i].Precision, columns[i].Scale = c.Name, c.Type, c.Precision, c.Scale
	}
	return columns
}

// withView returns the tables of a statement that reads the view itself.
func (o *Opened) withView(ctx context.Context, names []string) (engine.SQLTables, error) {
	found, err := o.tables(ctx, names)
	found.Views = append(slices.Clone(found.Views), engine.SQLView{
		Name: o.view.Name, Text: o.view.View.SQL, Parameters: o.values,
	})
	return found, err
}

// tables returns the known tables of the statement.
func (o *Opened) tables(_ context.Context, names []string) (engine.SQLTables, error) {
	found := engine.SQLTables{Found: map[string]dataset.Dataset{}, Views: o.closure.views}
	for _, d := range o.closure.leaves {
		found.Found[d.Name] = d
		for _, name := range names {
			if strings.EqualFold(name, d.Name) {
				found.Found[name] = d
			}
		}
	}
	return found, nil
}

// hide removes from an error what only actors who can query the datasets may see: a
// fault of the statement may name tables and values of rows.
func (o *Opened) hide(err error) error {
	var p *problem.Error
	if !errors.As(err, &p) || o.explain {
		return err
	}
	switch {
	case p.Reason == "view_broken":
	case p.Code != problem.Invalid, p.Place != problem.Place{}, p.Reason == engine.SQLTimeLimit,
		p.Reason == engine.SQLMemoryLimit:
		return err
	}
	return problem.Wrap(err, problem.Conflict, "The view is broken: its SQL can no longer run.").
		WithReason("view_broken").WithHint("Ask the view's owner to fix it.")
}

// Expand returns the datasets and views that a view is made of, the view last, for
// a statement that names it. Its parameters have their defaults.
func (s *Service) Expand(ctx context.Context, found dataset.Dataset) ([]dataset.Dataset, []engine.SQLView, error) {
	current, c, err := s.current(ctx, found)
	if err != nil {
		return nil, nil, err
	}
	outer := &closure{service: s, top: &dataset.Dataset{}}
	outer.nested, outer.views, outer.leaves = c.nested, c.views, c.leaves
	if err := outer.add(ctx, &current, nil); err != nil {
		return nil, nil, err
	}
	return outer.leaves, outer.views, nil
}
