package enginetest

import (
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// history returns the entries of keys in "ds_prices".
func (f *fixture) history(t *testing.T, keys ...string) []engine.LedgerEntry {
	t.Helper()
	return must(f.History(t.Context(), "src_1", "ds_prices", keys))(t)
}

// states returns the outcome of each version of keys.
func (f *fixture) states(t *testing.T, keys ...string) map[string]engine.Outcome {
	t.Helper()
	found := map[string]engine.Outcome{}
	for _, e := range f.history(t, keys...) {
		found[e.Object.Key+e.Object.Version] = e.Outcome
	}
	return found
}

// brings appends an object's rows and records the object.
func (l *openLoad) brings(key, version string, rows ...row) {
	l.t.Helper()
	if len(rows) > 0 {
		l.append(rows...)
	}
	e := entry(key, version, engine.Loaded)
	e.LoadID = ""
	l.must("noting an object", l.Object(l.t.Context(), e))
}

// loads begins a load with an ID.
func (f *fixture) loads(t *testing.T, name string, schema dataset.Schema, duplicates engine.Duplicates) *openLoad {
	t.Helper()
	s := spec(schema, duplicates)
	s.LoadID = name
	return f.begin(t, s)
}

func testRemove(t *testing.T, f *fixture) {
	for _, unique := range []bool{true, false} {
		schema := prices(unique, false)
		if err := f.Drop(t.Context(), "ds_prices"); err != nil {
			t.Fatal(err)
		}
		l := f.loads(t, "load_1", schema, engine.Ignore)
		l.brings("a", "1", row{"A", 1, 10, 1.0}, row{"A", 1, 11, 1.0})
		l.brings("b", "1", row{"B", 1, 12, 1.0})
		l.brings("empty", "1")
		l.commit()
		same(t, "spans", []engine.Span{}, f.history(t, "empty")[0].Spans)

		// The new version has a row that equals a removed one, so the row is
		// loaded again.
		l = f.loads(t, "load_2", schema, engine.Ignore)
		l.brings("a", "2", row{"A", 1, 10, 2.0}, row{"C", 1, 13, 2.0})
		l.must("removing", l.Remove(t.Context(), f.history(t, "a")[:1], engine.Replaced))
		l.must("removing", l.Remove(t.Context(), f.history(t, "empty"), engine.Removed))
		same(t, "before the commit", 3, len(f.read(t, all(schema))))
		same(t, "committed", engine.Committed{Rows: 2, Removed: 2, Unique: unique}, l.commit())
		want := []row{{"A", 1, 10, 2.0}, {"B", 1, 12, 1.0}, {"C", 1, 13, 2.0}}
		same(t, "rows", want, f.read(t, all(schema)))
		same(t, "states", map[string]engine.Outcome{
			"a1": engine.Replaced, "a2": engine.Loaded, "b1": engine.Loaded, "empty1": engine.Removed,
		}, f.states(t, "a", "b", "empty"))

		// The same version again: it is removed and loaded in one commit.
		l = f.loads(t, "load_3", schema, engine.Ignore)
		l.brings("b", "1", row{"B", 1, 12, 3.0})
		l.must("removing", l.Remove(t.Context(), f.history(t, "b"), engine.Replaced))
		same(t, "loaded again", engine.Committed{Rows: 1, Removed: 1, Unique: unique}, l.commit())
		same(t, "its state", map[string]engine.Outcome{"b1": engine.Loaded}, f.states(t, "b"))
		want[1][3] = 3.0
		same(t, "rows", want, f.read(t, all(schema)))
		f.reopen(t)
		same(t, "rows after a restart", want, f.read(t, all(schema)))

		// Remove everything.
		l = f.loads(t, "load_4", schema, engine.Ignore)
		for _, e := range f.history(t, "a", "b") {
			if e.Outcome == engine.Loaded {
				l.must("removing", l.Remove(t.Context(), []engine.LedgerEntry{e}, engine.Removed))
			}
		}
		same(t, "removed", int64(3), l.commit().Removed)
		same(t, "rows", 0, len(f.read(t, all(schema))))
		l = f.loads(t, "load_5", schema, engine.Ignore)
		l.brings("a", "2", row{"A", 1, 10, 2.0}, row{"C", 1, 13, 2.0}, row{"D", 1, 13, 2.0})
		same(t, "restored", int64(3), l.commit().Rows)
	}
}

// testRemoveReplaced removes an object some of whose rows another one replaced.
func testRemoveReplaced(t *testing.T, f *fixture) {
	schema := prices(true, false)
	l := f.loads(t, "load_1", schema, engine.Replace)
	l.brings("a", "1", row{"A", 1, 10, 1.0}, row{"B", 1, 10, 1.0})
	l.commit()
	l = f.loads(t, "load_2", schema, engine.Replace)
	l.brings("b", "1", row{"A", 1, 10, 2.0})
	l.commit()
	l = f.loads(t, "load_3", schema, engine.Replace)
	l.must("removing", l.Remove(t.Context(), f.history(t, "a"), engine.Removed))
	same(t, "removed", int64(1), l.commit().Removed)
	same(t, "rows", []row{{"A", 1, 10, 2.0}}, f.read(t, all(schema)))
}

// testRemoveConflict removes an object that another load has already removed.
func testRemoveConflict(t *testing.T, f *fixture) {
	schema := prices(false, false)
	l := f.loads(t, "load_1", schema, engine.Ignore)
	l.brings("a", "1", row{"A", 1, 10, 1.0})
	l.commit()
	read := f.history(t, "a")
	l = f.loads(t, "load_2", schema, engine.Ignore)
	l.brings("a", "2", row{"A", 1, 10, 2.0})
	l.must("removing", l.Remove(t.Context(), read, engine.Replaced))
	l.commit()
	l = f.loads(t, "load_3", schema, engine.Ignore)
	l.brings("a", "3", row{"A", 1, 10, 3.0})
	l.must("removing", l.Remove(t.Context(), read, engine.Replaced))
	if _, err := l.Commit(t.Context(), nil); !problem.Is(err, problem.Conflict) {
		t.Errorf("a removal of what is gone: %v", err)
	}
	same(t, "rows", []row{{"A", 1, 10, 2.0}}, f.read(t, all(schema)))
	same(t, "states", map[string]engine.Outcome{"a1": engine.Replaced, "a2": engine.Loaded}, f.states(t, "a"))
}
