package enginetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// openLoad is a load whose errors fail the test.
type openLoad struct {
	engine.Load
	t      testing.TB
	schema dataset.Schema
}

func (f *fixture) begin(t testing.TB, spec engine.LoadSpec) *openLoad {
	t.Helper()
	l, err := f.Begin(t.Context(), spec)
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	return &openLoad{Load: l, t: t, schema: spec.Schema}
}

func (l *openLoad) must(what string, err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatalf("%s: %v", what, err)
	}
}

func (l *openLoad) append(rows ...row) {
	l.t.Helper()
	l.must("appending", l.Append(l.t.Context(), batchOf(l.schema, rows...)))
}

func (l *openLoad) reject(rows ...dataset.Rejected) {
	l.t.Helper()
	l.must("rejecting", l.Reject(l.t.Context(), rows))
}

func (l *openLoad) object(key, version string, outcome engine.Outcome) {
	l.t.Helper()
	l.must("noting an object", l.Object(l.t.Context(), entry(key, version, outcome)))
}

func (l *openLoad) commit() engine.Committed {
	l.t.Helper()
	done, err := l.Commit(l.t.Context(), nil)
	l.must("committing", err)
	done.Version = 0 // depends on the time
	return done
}

func entry(key, version string, outcome engine.Outcome) engine.LedgerEntry {
	return engine.LedgerEntry{
		SourceID: "src_1", DatasetID: "ds_prices", Object: engine.ObjectVersion{Key: key, Version: version},
		LoadID: "load_1", Outcome: outcome,
		Reason: "because", Size: 42, Modified: loaded.Add(-1), Rows: 3, Rejected: 1, Time: loaded,
	}
}

func (f *fixture) ledger(t testing.TB) []engine.LedgerEntry {
	t.Helper()
	entries, err := f.Ledger(t.Context(), "src_1", "", "", 1000)
	if err != nil {
		t.Fatalf("reading the ledger: %v", err)
	}
	return entries
}

func (f *fixture) rejects(t testing.TB) []dataset.Rejected {
	t.Helper()
	var rows []dataset.Rejected
	err := f.Rejects(t.Context(), "load_1", func(r dataset.Rejected) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		t.Fatalf("reading rejected rows: %v", err)
	}
	return rows
}

func testLedger(t *testing.T, f *fixture) {
	long := strings.Repeat("k", 1024)
	l := f.begin(t, spec(prices(true, false), engine.Ignore))
	for _, o := range [][2]string{{"b", "1"}, {"a", "1"}, {"b", "2"}, {"c", "1"}, {long, "1"}} {
		l.object(o[0], o[1], engine.Loaded)
	}
	l.commit()
	want := entry("a", "1", engine.Loaded)
	want.Modified = want.Modified.Truncate(1000) // microseconds are kept
	want.Spans = []engine.Span{}
	got := f.ledger(t)
	same(t, "entries", 5, len(got))
	same(t, "first entry", want, got[0])
	page := func(after string, limit int) []string {
		entries, err := f.Ledger(t.Context(), "src_1", "", after, limit)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, e := range entries {
			names = append(names, e.Object.Key+e.Object.Version)
		}
		return names
	}
	same(t, "a page", []string{"a1", "b1", "b2"}, page("", 3))
	same(t, "a page that would tear b apart", []string{"a1"}, page("", 2))
	same(t, "a page after a key", []string{"b1", "b2", "c1"}, page("a", 3))
	same(t, "of another source", 0, len(must(f.Ledger(t.Context(), "src_2", "", "", 9))(t)))
	found := must(f.Recorded(t.Context(), "src_1", "ds_prices", []engine.ObjectVersion{
		{Key: "b", Version: "2"},
		{Key: "b", Version: "3"},
		{Key: "x", Version: "1"},
		{Key: "b", Version: "2"},
	}))(t)
	same(t, "recorded", 1, len(found))
	same(t, "recorded version", engine.ObjectVersion{Key: "b", Version: "2"}, found[0].Object)
	same(t, "recorded, of nothing", 0, len(must(f.Recorded(t.Context(), "src_1", "ds_prices", nil))(t)))
}

// testLedgerOfDatasets loads the same objects of one source into two datasets.
func testLedgerOfDatasets(t *testing.T, f *fixture) {
	for _, id := range []string{"ds_prices", "ds_other"} {
		s := spec(prices(true, false), engine.Ignore)
		s.DatasetID = id
		l := f.begin(t, s)
		l.object("a", "1", engine.Loaded)
		l.commit()
	}
	objects := []engine.ObjectVersion{{Key: "a", Version: "1"}}
	for id, want := range map[string]int{"ds_prices": 1, "ds_other": 1, "ds_none": 0, "": 2} {
		same(t, "recorded in "+id, want, len(must(f.Recorded(t.Context(), "src_1", id, objects))(t)))
	}
	same(t, "entries of the source", 2, len(f.ledger(t)))
	l := f.begin(t, spec(prices(true, false), engine.Ignore))
	l.object("a", "1", engine.Loaded)
	if _, err := l.Commit(t.Context(), nil); !problem.Is(err, problem.Conflict) {
		t.Errorf("loaded again into the same dataset: %v", err)
	}
}

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func testLedgerRetry(t *testing.T, f *fixture) {
	s := spec(prices(true, false), engine.Ignore)
	l := f.begin(t, s)
	l.object("a", "1", engine.Failed)
	l.object("b", "1", engine.Ignored)
	l.commit()
	l = f.begin(t, s)
	l.append(row{"A", 1, 10, 1.0})
	l.object("a", "1", engine.Loaded)
	l.object("b", "1", engine.Failed)
	l.commit()
	var outcomes []engine.Outcome
	for _, e := range f.ledger(t) {
		outcomes = append(outcomes, e.Outcome)
	}
	same(t, "outcomes", []engine.Outcome{engine.Loaded, engine.Failed}, outcomes)
	for _, outcome := range []engine.Outcome{engine.Loaded, engine.Failed, engine.Ignored} {
		l = f.begin(t, s)
		l.append(row{"B", 1, 10, 1.0})
		l.object("a", "1", outcome)
		if _, err := l.Commit(t.Context(), nil); !problem.Is(err, problem.Conflict) {
			t.Errorf("%s over loaded: %v", outcome, err)
		}
	}
	same(t, "rows", 1, len(f.read(t, all(s.Schema))))
}

func testRace(t *testing.T, f *fixture) {
	const contenders = 6
	results := make(chan error, contenders)
	var group sync.WaitGroup
	for i := range contenders {
		group.Go(func() {
			s := spec(prices(true, false), engine.Ignore)
			if i%2 == 1 {
				s.DatasetID = "ds_other" // each dataset has its own ledger
			}
			results <- loadOnce(t.Context(), f, s, i)
		})
	}
	group.Wait()
	close(results)
	won := 0
	for err := range results {
		switch {
		case err == nil:
			won++
		case !problem.Is(err, problem.Conflict):
			t.Errorf("a loser hears %v", err)
		}
	}
	same(t, "winners", 2, won)
	other := all(prices(true, false))
	other.DatasetID = "ds_other"
	same(t, "rows", 1, len(f.read(t, all(prices(true, false)))))
	same(t, "rows of the other dataset", 1, len(f.read(t, other)))
	same(t, "ledger", 2, len(f.ledger(t)))
}

func loadOnce(ctx context.Context, f *fixture, s engine.LoadSpec, i int) error {
	l, err := f.Begin(ctx, s)
	if err != nil {
		return err
	}
	defer func() { _ = l.Rollback() }()
	if err := l.Append(ctx, batchOf(s.Schema, row{fmt.Sprint("K", i), 1, 10, 1.0})); err != nil {
		return err
	}
	if err := l.Object(ctx, entry("object", "1", engine.Loaded)); err != nil {
		return err
	}
	_, err = l.Commit(ctx, nil)
	return err
}

func testRejects(t *testing.T, f *fixture) {
	var want []dataset.Rejected
	l := f.begin(t, spec(prices(true, false), engine.Ignore))
	for i := range 5000 {
		want = append(want, dataset.Rejected{
			Object: "k", Line: int64(i), Column: "price", Value: "abc",
			Reason: "is not a number",
		})
	}
	l.reject(want[:1]...)
	l.append(row{"A", 1, 10, 1.0})
	l.reject(want[1:]...)
	l.reject()
	l.reject(dataset.Rejected{Object: "k\xff", Line: 5000, Value: "\xff\x00", Reason: "isn't UTF-8"})
	l.commit()
	want = append(want, dataset.Rejected{Object: "k\uFFFD", Line: 5000, Value: "\uFFFD\x00", Reason: "isn't UTF-8"})
	same(t, "rejects", want, f.rejects(t))
	stop, seen := errors.New("enough"), 0
	err := f.Rejects(t.Context(), "load_1", func(dataset.Rejected) error {
		seen++
		return stop
	})
	if !errors.Is(err, stop) || seen != 1 {
		t.Errorf("after %d rows: %v", seen, err)
	}
}

func testRollback(t *testing.T, f *fixture) {
	schema := prices(true, false)
	l := f.begin(t, spec(schema, engine.Ignore))
	l.append(row{"A", 1, 10, 1.0})
	l.reject(dataset.Rejected{Line: 1})
	l.object("a", "1", engine.Loaded)
	l.must("rolling back", l.Rollback())
	l.must("rolling back again", l.Rollback())
	if _, err := l.Commit(t.Context(), nil); err == nil {
		t.Error("a load was committed after it was rolled back")
	}
	same(t, "rows", []row(nil), f.read(t, all(schema)))
	same(t, "ledger", 0, len(f.ledger(t)))
	same(t, "rejects", 0, len(f.rejects(t)))
	l = f.begin(t, spec(schema, engine.Ignore))
	l.append(row{"A", 1, 10, 1.0})
	l.commit()
	l.must("rolling back after a commit", l.Rollback())
	same(t, "rows", 1, len(f.read(t, all(schema))))
}

func testCancel(t *testing.T, f *fixture) {
	schema := prices(true, false)
	ctx, cancel := context.WithCancel(t.Context())
	l, err := f.Begin(ctx, spec(schema, engine.Ignore))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(ctx, batchOf(schema, row{"A", 1, 10, 1.0})); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := l.Append(ctx, batchOf(schema, row{"B", 1, 10, 1.0})); !errors.Is(err, context.Canceled) {
		t.Errorf("appending: %v", err)
	}
	if _, err := l.Commit(t.Context(), nil); err == nil {
		t.Error("a load that lost a batch was committed")
	}
	same(t, "rows", []row(nil), f.read(t, all(schema)))
	if _, err := f.Lookup(ctx, all(schema)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("looking up: %v", err)
	}
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
}

func testOneLoad(t *testing.T, f *fixture) {
	schema := prices(true, false)
	first := f.begin(t, spec(schema, engine.Ignore))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Begin(ctx, spec(schema, engine.Ignore)); !errors.Is(err, context.Canceled) {
		t.Errorf("a second load: %v", err)
	}
	// A load of another dataset doesn't wait.
	other := spec(schema, engine.Ignore)
	other.DatasetID = "ds_other"
	f.load(t, other, row{"A", 1, 10, 1.0})
	began := make(chan error)
	go func() {
		second, err := f.Begin(t.Context(), spec(schema, engine.Ignore))
		if err == nil {
			err = second.Rollback()
		}
		began <- err
	}()
	first.append(row{"A", 1, 10, 1.0})
	first.commit()
	if err := <-began; err != nil {
		t.Errorf("the second load: %v", err)
	}
}

// testReaders reads during loads: a reader sees all of a load or nothing.
func testReaders(t *testing.T, f *fixture) {
	schema := prices(true, false)
	const loads, size = 8, 50
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for {
				rows := f.read(t, all(schema))
				if len(rows)%size != 0 || len(rows) > size*loads {
					t.Errorf("a reader saw %d rows", len(rows))
				}
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range loads {
		var rows []row
		for j := range size {
			rows = append(rows, row{fmt.Sprint("K", i), j, i, 1.0})
		}
		f.load(t, spec(schema, []engine.Duplicates{engine.Ignore, engine.Replace}[i%2]), rows...)
	}
	close(done)
	group.Wait()
	same(t, "rows", loads*size, len(f.read(t, all(schema))))
}
