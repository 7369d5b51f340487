package enginetest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func testNeverLoaded(t *testing.T, f *fixture) {
	schema := prices(true, false)
	same(t, "rows", []row(nil), f.read(t, all(schema)))
	stats, err := f.Stats(t.Context(), "ds_prices")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stats", engine.Stats{}, stats)
	n, err := f.DeleteRows(t.Context(), engine.Removal{Selection: all(schema)})
	if n.Rows != 0 || err != nil {
		t.Errorf("deleting from nothing: %d, %v", n.Rows, err)
	}
	if err := f.Drop(t.Context(), "ds_prices"); err != nil {
		t.Errorf("dropping nothing: %v", err)
	}
}

func testTypes(t *testing.T, f *fixture) {
	schema := dataset.Schema{Columns: []dataset.Column{
		{Name: "s", Type: dataset.String},
		{Name: "i", Type: dataset.Integer},
		{Name: "n", Type: dataset.Number},
		{Name: "b", Type: dataset.Boolean},
		{Name: "d", Type: dataset.Date},
		{Name: "t", Type: dataset.DateTime},
		{Name: "o", Type: dataset.Object},
		{Name: "a", Type: dataset.Array},
		{Name: "x", Type: dataset.Any},
	}}
	rows := []row{
		{"", 0, 0.0, 0, 0, 0, "{}", "[]", "null"},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil},
		{
			"twelve bytes", math.MaxInt64, math.MaxFloat64, 1, 2932896, 253402300799999999, `{"a":{"b":[1]}}`,
			`[1,"zwei",null]`, `"text"`,
		},
		{"thirteen bytes", math.MinInt64, math.SmallestNonzeroFloat64, 0, -719162, -62135596800000000, "{}", "[]", "1"},
		{"a\x00b", 1, math.Inf(1), 1, 1, 1, "{}", "[]", "1.5"},
		{"äöü €  𝄞", 2, -0.5, 1, -1, -1, "{}", "[]", "true"},
		{strings.Repeat("long ", 200_000), 3, 1e-300, 0, 3, 3, "{}", "[]", "{}"},
	}
	s := spec(schema, engine.Ignore)
	f.load(t, s, rows...)
	got := f.read(t, engine.Selection{DatasetID: "ds_prices", Schema: schema, Order: engine.Ascending, Limit: 100})
	same(t, "rows", rows, got)
	reversed := f.read(t, engine.Selection{
		DatasetID: "ds_prices", Schema: schema, Columns: []string{"t", "s"},
		Order: engine.Ascending, Limit: 1, Offset: 3,
	})
	same(t, "some columns", []row{{-62135596800000000, "thirteen bytes"}}, reversed)
}

func testNames(t *testing.T, f *fixture) {
	names := []string{
		"name", "Name", "NAME", `quo"te`, "semi;colon", "space d", "c0", "_seq", "_updated", "", "ümlaut",
		"a.b", "--", "$1",
	}
	schema := dataset.Schema{}
	want := row{}
	for i, name := range names {
		schema.Columns = append(schema.Columns, dataset.Column{Name: name, Type: dataset.Integer})
		want = append(want, i)
	}
	schema.Index = dataset.Index{Key: "Name", Subkey: `quo"te`, Unique: true}
	f.load(t, spec(schema, engine.Ignore), want)
	f.load(t, spec(schema, engine.Replace), want)
	key := "1"
	got := f.read(t, engine.Selection{DatasetID: "ds_prices", Schema: schema, Key: &key, Limit: 10})
	same(t, "rows", []row{want}, got)
}

func testIgnore(t *testing.T, f *fixture) {
	schema := prices(true, false)
	done := f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0}, row{"B", 1, 10, 2.0}, row{"A", 1, 10, 3.0})
	same(t, "first load", engine.Committed{Rows: 2, Duplicates: 1, Unique: true}, done)
	done = f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 4.0}, row{"C", 1, 11, 5.0}, row{"C", 1, 11, 6.0})
	same(t, "second load", engine.Committed{Rows: 1, Duplicates: 2, Unique: true}, done)
	same(t, "rows", []row{{"A", 1, 10, 1.0}, {"B", 1, 10, 2.0}, {"C", 1, 11, 5.0}}, f.read(t, all(schema)))
}

func testReplace(t *testing.T, f *fixture) {
	schema := prices(true, false)
	done := f.load(t, spec(schema, engine.Replace), row{"A", 1, 10, 1.0}, row{"B", 1, 10, 2.0}, row{"A", 1, 10, 3.0})
	same(t, "first load", engine.Committed{Rows: 2, Duplicates: 1, Unique: true}, done)
	done = f.load(t, spec(schema, engine.Replace), row{"A", 1, 10, 4.0}, row{"C", 1, 11, 5.0}, row{"C", 1, 11, 6.0})
	same(t, "second load", engine.Committed{Rows: 2, Duplicates: 2, Unique: true}, done)
	same(t, "rows", []row{{"B", 1, 10, 2.0}, {"A", 1, 10, 4.0}, {"C", 1, 11, 6.0}}, f.read(t, all(schema)))
}

func testGuessHolds(t *testing.T, f *fixture) {
	schema := prices(true, true)
	done := f.load(t, spec(schema, engine.Ignore), row{"B", 1, 10, 1.0}, row{"A", 1, 10, 2.0})
	same(t, "first load", engine.Committed{Rows: 2, Unique: true}, done)
	schema.Index.Distinct = true
	done = f.load(t, spec(schema, engine.Replace), row{"C", 1, 10, 3.0})
	same(t, "second load", engine.Committed{Rows: 1, Unique: true}, done)
	done = f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 4.0})
	same(t, "third load, which repeats a row", engine.Committed{Rows: 1}, done)
	same(t, "rows", 4, len(f.read(t, all(schema))))
}

func testGuessFails(t *testing.T, f *fixture) {
	schema := prices(true, true)
	done := f.load(t, spec(schema, engine.Ignore), row{"B", 1, 10, 1.0}, row{"A", 1, 10, 2.0}, row{"B", 1, 10, 3.0})
	same(t, "first load", engine.Committed{Rows: 3}, done)
	// A load that doesn't know the new schema yet loses nothing either.
	done = f.load(t, spec(schema, engine.Replace), row{"A", 1, 10, 4.0})
	same(t, "second load", engine.Committed{Rows: 1}, done)
	f.reopen(t)
	done = f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 5.0})
	same(t, "third load", engine.Committed{Rows: 1}, done)
	same(t, "rows", 5, len(f.read(t, all(schema))))
}

func testNotUnique(t *testing.T, f *fixture) {
	schema := prices(false, false)
	for _, duplicates := range []engine.Duplicates{engine.Ignore, engine.Replace} {
		done := f.load(t, spec(schema, duplicates), row{"A", 1, 10, 1.0}, row{"A", 1, 10, 2.0})
		same(t, "load", engine.Committed{Rows: 2}, done)
	}
	schema.Index = dataset.Index{Unique: true}
	done := f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	same(t, "load without an index", engine.Committed{Rows: 1}, done)
	same(t, "rows", 5, len(f.read(t, all(schema))))
}

func testNulls(t *testing.T, f *fixture) {
	schema := prices(true, false)
	done := f.load(t, spec(schema, engine.Ignore), row{"A", nil, 10, 1.0}, row{"A", nil, 10, 2.0},
		row{nil, nil, nil, 3.0})
	same(t, "first load", engine.Committed{Rows: 2, Duplicates: 1, Unique: true}, done)
	done = f.load(t, spec(schema, engine.Replace), row{"A", nil, 10, 4.0}, row{nil, nil, nil, 5.0},
		row{"A", 0, 10, 6.0})
	same(t, "second load", engine.Committed{Rows: 3, Duplicates: 2, Unique: true}, done)
	same(t, "rows", []row{{"A", nil, 10, 4.0}, {"A", 0, 10, 6.0}, {nil, nil, nil, 5.0}}, f.read(t, all(schema)))
}

func testGrow(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	wide := schema
	wide.Columns = []dataset.Column{
		{Name: "note", Type: dataset.String},
		{Name: "symbol", Type: dataset.String},
		{Name: "day", Type: dataset.Date},
		{Name: "venue", Type: dataset.Number},
	}
	same(t, "before", []row{{nil, "A", 10, 1.0}}, f.read(t, all(wide)))
	done := f.load(t, spec(wide, engine.Replace), row{"new", "A", 10, 1.0}, row{"more", "B", 11, 1.5})
	same(t, "load", engine.Committed{Rows: 2, Duplicates: 1, Unique: true}, done)
	same(t, "after", []row{{"new", "A", 10, 1.0}, {"more", "B", 11, 1.5}}, f.read(t, all(wide)))
	same(t, "columns that were left out", []row{{"A", nil}, {"B", nil}}, f.read(t, engine.Selection{
		DatasetID: "ds_prices", Schema: schema, Columns: []string{"symbol", "price"}, DateColumn: "day",
		Order: engine.Ascending, Limit: 9,
	}))
	f.reopen(t)
	same(t, "after opening again", []row{{"new", "A", 10, 1.0}, {"more", "B", 11, 1.5}}, f.read(t, all(wide)))
	// Integers are accepted by a column that is now a number.
	f.load(t, spec(schema, engine.Ignore), row{"C", 3, 12, 3.0})
	same(t, "a number", []row{{nil, "C", 12, 3.0}},
		f.read(t, engine.Selection{
			DatasetID: "ds_prices", Schema: wide, DateColumn: "day", Limit: 1,
			Order: engine.Descending,
		}))
}

func testTypeConflict(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	schema.Columns = []dataset.Column{
		{Name: "symbol", Type: dataset.Date},
		{Name: "venue", Type: dataset.Integer},
		{Name: "day", Type: dataset.Date},
	}
	_, err := f.Begin(t.Context(), spec(schema, engine.Ignore))
	if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), `"symbol"`) {
		t.Errorf("got %v", err)
	}
	// After the refusal the next load can begin.
	f.load(t, spec(prices(true, false), engine.Ignore), row{"B", 1, 10, 1.0})
}

func testDelete(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0}, row{"A", 2, 11, 2.0}, row{"B", 1, 10, 3.0},
		row{"A", 1, 12, 4.0})
	key, until := "A", time.Unix(12*86400, 0)
	removal := engine.Removal{Count: true, Selection: engine.Selection{
		DatasetID: "ds_prices", Schema: schema, Key: &key,
		DateColumn: "day", To: &until,
	}}
	counted, err := f.DeleteRows(t.Context(), removal)
	if counted.Rows != 2 || err != nil {
		t.Errorf("counted %+v, %v", counted, err)
	}
	removal.Count, removal.IfVersion = false, new(counted.Version+1)
	if _, err := f.DeleteRows(t.Context(), removal); !errors.Is(err, engine.ErrCrossed) {
		t.Errorf("another version: %v", err)
	}
	removal.IfVersion = &counted.Version
	var noted []row
	removal.Columns, removal.MaxNoted = []string{"venue", "symbol"}, 2
	removal.Note = func(rows *dataset.Batch) ([]byte, error) {
		noted = rowsOf(rows)
		return []byte("[]"), nil
	}
	done, err := f.DeleteRows(t.Context(), removal)
	if done.Rows != 2 || done.Version <= counted.Version || err != nil {
		t.Errorf("deleted %+v, %v", done, err)
	}
	slices.SortFunc(noted, func(a, b row) int { return a[0].(int) - b[0].(int) })
	same(t, "noted rows", []row{{1, "A"}, {2, "A"}}, noted)
	same(t, "rows", []row{{"B", 1, 10, 3.0}, {"A", 1, 12, 4.0}}, f.read(t, all(schema)))
	same(t, "a deleted row may come again", engine.Committed{Rows: 1, Unique: true},
		f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 5.0}))

	removal = engine.Removal{Selection: all(schema), MaxNoted: 2, Note: func(*dataset.Batch) ([]byte, error) {
		return nil, errors.New("the removal has more rows than a note may have")
	}}
	if done, err := f.DeleteRows(t.Context(), removal); done.Rows != 3 || err != nil {
		t.Errorf("deleted %+v, %v", done, err)
	}
}

func testTwins(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0}, row{"B", 1, 10, 2.0}, row{"C", 1, 10, 3.0})
	f.load(t, spec(schema, engine.Replace), row{"A", 1, 11, 4.0}, row{"B", 1, 10, 5.0})
	view, err := f.Open(t.Context(), "ds_prices")
	if err != nil {
		t.Fatal(err)
	}
	defer view.Close()
	asked := batchOf(schema, row{"C", 1, 10, 0.0}, row{"X", 1, 10, 0.0}, row{"B", 1, 10, 0.0}, row{"A", 2, 10, 0.0},
		row{"X", 1, 10, 1.0}, row{"A", 1, 11, 0.0}, row{"B", 1, 10, nil})
	for _, whole := range []bool{false, true} {
		found, err := view.Twins(t.Context(), &schema, asked, whole)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "first", []int{0, 1, 2, 3, 1, 5, 2}, found.First)
		if !whole {
			same(t, "old", []int{0, -1, 0, -1, -1, 0, 0}, found.Old)
			continue
		}
		have := rowsOf(found.Rows)
		old := make([]any, len(found.Old))
		for i, at := range found.Old {
			if at >= 0 {
				old[i] = have[at][3]
			}
		}
		same(t, "rows", []any{3.0, nil, 5.0, nil, nil, 4.0, 5.0}, old)
	}
}

func testExpect(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	view, err := f.Open(t.Context(), "ds_prices")
	if err != nil {
		t.Fatal(err)
	}
	version := view.Version()
	view.Close()
	for _, tc := range []struct {
		expected int64
		err      error
	}{{version + 1, engine.ErrCrossed}, {version, nil}, {version, engine.ErrCrossed}} {
		l := f.begin(t, spec(schema, engine.Ignore))
		l.append(row{"B", 1, 10, 1.0})
		l.Expect(tc.expected)
		done, err := l.Commit(t.Context(), nil)
		if !errors.Is(err, tc.err) || tc.err == nil && (err != nil || done.Version <= version) {
			t.Errorf("expecting %d: %+v, %v", tc.expected, done, err)
		}
	}
}

func testDrop(t *testing.T, f *fixture) {
	schema := prices(true, true)
	for range 2 {
		l := f.begin(t, spec(schema, engine.Ignore))
		l.append(row{"A", 1, 10, 1.0}, row{"A", 1, 10, 2.0})
		l.reject(dataset.Rejected{Object: "k", Line: 1, Reason: "bad"})
		l.object("k", "v", engine.Loaded)
		same(t, "load", engine.Committed{Rows: 2}, l.commit())
		if err := f.Drop(t.Context(), "ds_prices"); err != nil {
			t.Fatal(err)
		}
		same(t, "rows", []row(nil), f.read(t, all(schema)))
		same(t, "ledger", 0, len(f.ledger(t)))
		same(t, "rejects", 0, len(f.rejects(t)))
	}
	// Another schema may replace it.
	schema.Columns[3].Type = dataset.String
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, "text"})
}

func testRetire(t *testing.T, f *fixture) {
	move := func(move func(context.Context, string) error, want int) {
		t.Helper()
		for range 2 { // repeating it changes nothing
			if err := move(t.Context(), "ds_prices"); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "ledger", want, len(f.ledger(t)))
	}
	move(f.Retire, 0) // a dataset that was never loaded
	schema := prices(true, true)
	l := f.begin(t, spec(schema, engine.Ignore))
	l.append(row{"A", 1, 10, 1.0})
	l.object("a", "1", engine.Loaded)
	l.object("b", "1", engine.Loaded)
	l.commit()
	move(f.Retire, 0)
	same(t, "rows", 1, len(f.read(t, all(schema))))
	move(f.Reinstate, 2)
	move(f.Retire, 0)
	// Another dataset may be loaded from the same objects, and keeps them.
	elsewhere := spec(schema, engine.Ignore)
	elsewhere.DatasetID = "ds_other"
	l = f.begin(t, elsewhere)
	l.object("a", "1", engine.Loaded)
	l.commit()
	move(f.Reinstate, 3)
	move(f.Retire, 1)
	if err := f.Drop(t.Context(), "ds_prices"); err != nil {
		t.Fatal(err)
	}
	move(f.Reinstate, 1)
}

func testReopen(t *testing.T, f *fixture) {
	schema := prices(true, false)
	f.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	f.load(t, spec(schema, engine.Ignore), row{"B", 1, 10, 2.0})
	before, err := f.Stats(t.Context(), "ds_prices")
	if err != nil {
		t.Fatal(err)
	}
	f.reopen(t)
	after, err := f.Stats(t.Context(), "ds_prices")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "stats", before, after)
	if after.Rows != 2 || after.Bytes <= 0 || !after.Updated.Equal(loaded) {
		t.Errorf("stats: %+v", after)
	}
	f.load(t, spec(schema, engine.Ignore), row{"C", 1, 10, 3.0})
	same(t, "rows", []row{{"A", 1, 10, 1.0}, {"B", 1, 10, 2.0}, {"C", 1, 10, 3.0}}, f.read(t, all(schema)))
}

func testBadBatch(t *testing.T, f *fixture) {
	schema := prices(true, false)
	good := func() *dataset.Batch { return batchOf(schema, row{"A", 1, 10, 1.0}, row{"B", 1, 10, 2.0}) }
	for name, spoil := range map[string]func(*dataset.Batch){
		"a vector is missing":     func(b *dataset.Batch) { b.Vectors = b.Vectors[1:] },
		"another type":            func(b *dataset.Batch) { b.Vectors[0], b.Vectors[1] = b.Vectors[1], b.Vectors[0] },
		"too few values":          func(b *dataset.Batch) { b.Vectors[1].Ints = b.Vectors[1].Ints[:1] },
		"too few nulls":           func(b *dataset.Batch) { b.Vectors[3].Nulls = nil },
		"offsets beyond the end":  func(b *dataset.Batch) { b.Vectors[0].Offsets[2] = 1000 },
		"offsets that go back":    func(b *dataset.Batch) { b.Vectors[0].Offsets[1] = 5 },
		"negative offsets":        func(b *dataset.Batch) { b.Vectors[0].Offsets[0] = -5 },
		"not UTF-8":               func(b *dataset.Batch) { b.Vectors[0].Bytes[0] = 0xff },
		"a character torn apart":  func(b *dataset.Batch) { copy(b.Vectors[0].Bytes, "é") },
		"a date out of all range": func(b *dataset.Batch) { b.Vectors[2].Ints[0] = math.MaxInt64 },
	} {
		l := f.begin(t, spec(schema, engine.Ignore))
		b := good()
		spoil(b)
		if err := l.Append(t.Context(), b); err == nil {
			t.Errorf("%s: appended", name)
		}
		if err := l.Rollback(); err != nil {
			t.Error(err)
		}
	}
	same(t, "rows", []row(nil), f.read(t, all(schema)))
}
