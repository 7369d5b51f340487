//go:build cgo

package view_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/view"
)

func TestMain(m *testing.M) {
	sqltest.Worker()
	os.Exit(m.Run())
}

// counted counts the statements that run.
type counted struct {
	engine.SQL
	runs atomic.Int64
}

func (c *counted) Query(ctx context.Context, q *engine.SQLQuery) (engine.SQLResult, error) {
	c.runs.Add(1)
	return c.SQL.Query(ctx, q)
}

// shop is a workspace with a dataset of numbers and a service for views.
type shop struct {
	*view.Service
	engine *counted
	state  *store.Store
	rows   *segment.Engine
	data   dataset.Dataset
	actor  access.Actor
	now    atomic.Int64
	loads  int
}

func openShop(t *testing.T, change func(*view.Config)) *shop {
	t.Helper()
	state := storetest.Open(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	workspace := storetest.Workspace(t, state, "demo")
	rows := segmenttest.Open(t, state)
	s := &shop{state: state, rows: rows, engine: &counted{SQL: sqltest.Open(t, rows)}}
	s.now.Store(now.Unix())
	clock := func() time.Time { return time.Unix(s.now.Load(), 0) }
	s.actor = access.Actor{
		Kind: access.Member, ID: "mem_1", Member: "mem_1", Role: access.Editor, Workspace: workspace,
	}
	recorder := audit.NewRecorder(state)
	checker := access.NewChecker(recorder, clock)
	runner := query.New(query.Config{
		Checker: checker, Notes: recorder, Datasets: state, Workspaces: state, Engine: s.engine, Now: clock,
	})
	config := view.Config{
		Checker: checker, Store: state, Workspaces: state, Engine: s.engine, Runner: runner, Now: clock,
	}
	if change != nil {
		change(&config)
	}
	var err error
	if s.Service, err = view.New(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	s.data = dataset.Dataset{
		ID: "ds_1", Workspace: workspace, Name: "numbers", CreatedAt: now, UpdatedAt: now,
		Schema: dataset.Schema{Columns: []dataset.Column{{Name: "n", Type: dataset.Integer}}},
	}
	if err := state.InsertDataset(t.Context(), s.data); err != nil {
		t.Fatal(err)
	}
	s.load(t, 5)
	return s
}

// load loads the numbers below n.
func (s *shop) load(t *testing.T, n int) {
	t.Helper()
	s.loads++
	l, err := s.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: fmt.Sprint("load_", s.loads), DatasetID: s.data.ID, Schema: s.data.Schema, Duplicates: engine.Ignore,
		Time: time.Unix(int64(s.loads), 0),
	})
	v := dataset.NewVector(dataset.Integer, n)
	for i := range n {
		v.AppendInt(int64(i))
	}
	if err == nil {
		err = l.Append(t.Context(), &dataset.Batch{Rows: n, Vectors: []dataset.Vector{v}})
	}
	if err == nil {
		_, err = l.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (s *shop) make(t *testing.T, name, sql string, parameters ...dataset.Parameter) dataset.Dataset {
	t.Helper()
	made, err := s.Create(
		t.Context(),
		s.actor,
		s.data.Workspace,
		view.Draft{Name: name, SQL: sql, Parameters: parameters},
	)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// save saves the changed dataset.
func (s *shop) save(t *testing.T, changed dataset.Dataset) {
	t.Helper()
	before := s.data.UpdatedAt
	changed.UpdatedAt = before.Add(time.Second)
	if err := s.state.SaveDataset(t.Context(), changed, before); err != nil {
		t.Fatal(err)
	}
}

// count opens a view and counts its rows.
func (s *shop) count(
	ctx context.Context,
	v dataset.Dataset,
	parameters map[string]string,
) (n int64, tag string, err error) {
	opened, err := s.Open(ctx, &s.actor, v, parameters)
	if err != nil {
		return 0, "", err
	}
	defer opened.Close()
	n, err = opened.Count(ctx, &engine.Search{Selection: engine.Selection{
		DatasetID: v.ID, Schema: opened.Dataset().Schema,
	}})
	return n, opened.Tag(), err
}

// TestResults checks that a statement runs once for each version of its tables
// and each value of its parameters, and never only to get the ETag.
func TestResults(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	v := s.make(
		t,
		"some",
		"select n from numbers where n >= $from",
		dataset.Parameter{Name: "from", Type: dataset.Integer},
	)
	today := s.make(t, "today", "select n, current_date as day from numbers")
	above := s.make(t, "above", "select * from today")
	expect := func(what string, v dataset.Dataset, from string, want, runs int64) string {
		t.Helper()
		asked := map[string]string{}
		if from != "" {
			asked["from"] = from
		}
		before := s.engine.runs.Load()
		n, tag, err := s.count(t.Context(), v, asked)
		if err != nil || n != want || s.engine.runs.Load()-before != runs {
			t.Errorf("%s: %d rows, %d runs, %v; want %d, %d", what, n, s.engine.runs.Load()-before, err, want, runs)
		}
		return tag
	}
	first := expect("the first read", v, "3", 2, 1)
	if again := expect("the second", v, "3", 2, 0); again != first {
		t.Error("the tag changed")
	}
	expect("another value", v, "1", 4, 1)
	expect("no value", v, "", 0, 1)
	expect("the first value", v, "3", 2, 0)
	expect("a day", today, "", 5, 1)
	expect("a view on it", above, "", 5, 1)
	s.now.Add(24 * 60 * 60)
	expect("the next day", today, "", 5, 1)
	expect("a view on it, the next day", above, "", 5, 1)
	expect("a value, the next day", v, "3", 2, 0)
	s.load(t, 4)
	if second := expect("after a load", v, "3", 3, 1); second == first {
		t.Error("the tag is the same after a load")
	}
}

// TestResultsShared: reads that need the same rows at the same time run the statement
// once, and one that leaves doesn't end it for the others.
func TestResultsShared(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	v := s.make(t, "slow", "select count(*) as c from range(30000000) a, numbers")
	leaving, leave := context.WithCancel(t.Context())
	var group sync.WaitGroup
	for i := range 4 {
		ctx := t.Context()
		if i == 0 {
			ctx = leaving
		}
		group.Go(func() {
			n, _, err := s.count(ctx, v, nil)
			if i > 0 && (err != nil || n != 1) {
				t.Errorf("%d rows, %v", n, err)
			}
		})
	}
	leave()
	group.Wait()
	if runs := s.engine.runs.Load(); runs > 2 {
		t.Errorf("the statement ran %d times", runs)
	}
}

// TestResultsBounds checks that a too large result is refused, and that results
// that don't fit together aren't all cached.
func TestResultsBounds(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(c *view.Config) { c.ResultBytes, c.CacheBytes = 1<<20, 4<<10 })
	large := s.make(t, "large", "select i, repeat('x', 100) as text from range(100000) r(i), numbers")
	if _, _, err := s.count(t.Context(), large, nil); !problem.Is(err, problem.Invalid) ||
		!strings.Contains(err.Error(), "more than 1 MiB") {
		t.Errorf("a large result: %v", err)
	}
	small := s.make(
		t,
		"small",
		"select $x || i as text from range(50) r(i)",
		dataset.Parameter{Name: "x", Type: dataset.String},
	)
	for i := range 20 {
		if n, _, err := s.count(t.Context(), small, map[string]string{"x": fmt.Sprint(i)}); err != nil || n != 50 {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
	before := s.engine.runs.Load()
	for _, x := range []string{"19", "0"} {
		if _, _, err := s.count(t.Context(), small, map[string]string{"x": x}); err != nil {
			t.Fatal(err)
		}
	}
	if runs := s.engine.runs.Load() - before; runs != 1 {
		t.Errorf("%d runs: the last result must be kept, the first not", runs)
	}
}

// TestResultsInUse checks that rows in use count as memory until the read ends, even if
// they aren't cached.
func TestResultsInUse(t *testing.T) {
	t.Parallel()
	s := openShop(t, func(c *view.Config) { c.ResultBytes, c.CacheBytes, c.Wait = 1<<20, 4<<10, time.Millisecond })
	v := s.make(t, "large", "select md5($x || i) as text from range(8000) r(i)",
		dataset.Parameter{Name: "x", Type: dataset.String})
	begin := func(x string) (*view.Opened, error) {
		opened, err := s.Open(t.Context(), &s.actor, v, map[string]string{"x": x})
		if err != nil {
			t.Fatal(err)
		}
		_, err = opened.Count(t.Context(), &engine.Search{Selection: engine.Selection{
			DatasetID: v.ID, Schema: opened.Dataset().Schema,
		}})
		return opened, err
	}
	var held []*view.Opened
	refused := false
	for i := 0; i < 20 && !refused; i++ {
		opened, err := begin(fmt.Sprint(i))
		held, refused = append(held, opened), problem.Is(err, problem.Unavailable)
		if err != nil && !refused {
			t.Fatal(err)
		}
	}
	if !refused || len(held) < 3 {
		t.Errorf("refused %v after %d reads", refused, len(held))
	}
	for _, opened := range held {
		opened.Close()
	}
	opened, err := begin("again")
	if err != nil {
		t.Errorf("after the reads ended: %v", err)
	}
	opened.Close()
}

// TestManyPaths opens a view with very many paths to its tables.
func TestManyPaths(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	below := []string{"numbers"}
	var top dataset.Dataset
	for level := range view.MaxDepth - 1 {
		var made []string
		for i := range 4 {
			name := fmt.Sprintf("v%d_%d", level, i)
			var selects []string
			for _, from := range below {
				selects = append(selects, "select n from "+from+" where n = 1")
			}
			top = s.make(t, name, strings.Join(selects, " union "))
			made = append(made, name)
		}
		below = made
	}
	s.load(t, 3) // nothing is compiled again, although everything is checked
	opened, err := s.Open(t.Context(), &s.actor, top, nil)
	if err != nil {
		t.Fatal(err)
	}
	opened.Close()
}

// TestRenameIntoAnother refuses to rename a dataset if the statement would then
// read something else by that name.
func TestRenameIntoAnother(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	s.make(
		t,
		"both",
		"with pits as (select n from numbers where false) select n from numbers union all select n from pits",
	)
	if _, err := s.Renamed(t.Context(), s.data, "pits", false); !problem.Is(err, problem.Conflict) {
		t.Errorf("to a name of the statement: %v", err)
	}
	written, err := s.Renamed(t.Context(), s.data, "digits", false)
	if err != nil || len(written) != 1 {
		t.Fatalf("%d views, %v", len(written), err)
	}
	if n := strings.Count(written[0].View.SQL, `"digits" AS numbers`); n != 2 {
		t.Errorf("the statement is %s", written[0].View.SQL)
	}
}

// TestRenameBesideABrokenView renames a dataset whose view can't run anyway.
func TestRenameBesideABrokenView(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	s.make(t, "fails", "select n + 1 as n from numbers")
	changed := s.data
	changed.Schema = dataset.Schema{Columns: []dataset.Column{{Name: "other", Type: dataset.Integer}}}
	s.save(t, changed)
	if written, err := s.Renamed(t.Context(), changed, "digits", false); err != nil || len(written) == 0 ||
		written[0].View != nil {
		t.Errorf("%d views, %v", len(written), err)
	}
}

// TestTooManyDigits checks that a number that doesn't fit a view's column is refused,
// instead of shown as one that no condition finds.
func TestTooManyDigits(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	for sql, fits := range map[string]bool{
		"select 170141183460469231731687303715884105727::hugeint as huge": false,
		"select 99999999999999999999999999999999999999::hugeint as huge":  true,
	} {
		v := s.make(t, fmt.Sprint("huge_", fits), sql)
		if _, _, err := s.count(t.Context(), v, nil); (err == nil) != fits ||
			err != nil && !strings.Contains(err.Error(), "more than 38 digits") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestVersionNeverGoesBack changes the statement of a view, and of one below it.
func TestVersionNeverGoesBack(t *testing.T) {
	t.Parallel()
	s := openShop(t, nil)
	s.load(t, 3)
	below := s.make(t, "below", "select n from numbers")
	above := s.make(t, "above", "select n from below")
	last := map[string]int64{}
	look := func(when string) {
		t.Helper()
		for _, name := range []string{"below", "above"} {
			found, err := s.Get(t.Context(), s.actor, s.data.Workspace, name)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := s.Open(t.Context(), &s.actor, found, nil)
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			if version := opened.Version(); version < last[name] {
				t.Errorf("%s: the version of %s is %d after %d", when, name, version, last[name])
			} else {
				last[name] = version
			}
			opened.Close()
		}
	}
	change := func(v *dataset.Dataset, sql string) {
		t.Helper()
		if _, err := s.Update(t.Context(), s.actor, s.data.Workspace, v.ID, view.Change{SQL: &sql}, false); err != nil {
			t.Fatal(err)
		}
	}
	look("at first")
	change(&below, "select 1::bigint as n")
	look("without its table")
	change(&below, "select n from numbers")
	look("with its table again")
	change(&above, "select 2::bigint as n")
	change(&below, "select n + 1 as n from numbers")
	look("without the view below")
	change(&above, "select n from below union all select n from numbers")
	look("with both")
	change(&below, "select 3::bigint as n")
	look("when only one has the table")
}
