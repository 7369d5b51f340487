package enginetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// alterer returns the driver as an engine.Alterer.
func (f *fixture) alterer(t *testing.T) engine.Alterer {
	t.Helper()
	a, ok := f.Engine.(engine.Alterer)
	if !ok {
		t.Fatal("the driver changes no schemas")
	}
	return a
}

// costs returns the schema of prices after a change: the price has another name
// and type, and the key is unique.
func costs() dataset.Schema {
	s := prices(true, false)
	s.Columns[3] = dataset.Column{Name: "cost", Type: dataset.Integer}
	s.Index = dataset.Index{Key: "symbol", Unique: true}
	s.Layout = 2
	return s
}

// toCosts converts the rows of prices. Negative prices are rejected.
func toCosts(keep engine.Keep) *engine.Copy {
	schema := costs()
	return &engine.Copy{
		Columns: []string{"symbol", "venue", "day", "price"}, Schema: schema, Keep: keep,
		Convert: func(in *dataset.Batch) (engine.Converted, error) {
			var done engine.Converted
			var rows []row
			done.Kept = []int{}
			for i, r := range rowsOf(in) {
				price := r[3].(float64)
				if price < 0 {
					done.Rejected = append(done.Rejected, dataset.Rejected{Value: fmt.Sprint(price)})
					continue
				}
				done.Kept = append(done.Kept, i)
				rows = append(rows, row{r[0], r[1], r[2], int(price)})
			}
			done.Batch = batchOf(schema, rows...)
			return done, nil
		},
	}
}

func testAlter(t *testing.T, f *fixture) {
	before := prices(false, false)
	s := spec(before, engine.Ignore)
	f.load(t, s, row{"A", 1, 1, 1.0}, row{"B", 1, 2, 2.0}, row{"A", 2, 3, 3.0})
	s.LoadID = "load_2"
	f.load(t, s, row{"C", 1, 4, -4.0}, row{"A", 3, 5, 5.0}, row{"D", 1, 6, 6.0})
	old := f.read(t, all(before))

	a := f.alter(t, before, true)
	if n, err := a.Repeats(t.Context(), toCosts(engine.KeepFirst)); n != 2 || err != nil {
		t.Errorf("%d repeats, %v", n, err)
	}
	seen := 0
	err := a.Scan(t.Context(), []string{"price"}, func(b *dataset.Batch) error { seen += b.Rows; return nil })
	if seen != 6 || a.Rows() != 6 || err != nil {
		t.Errorf("%d rows of %d, %v", seen, a.Rows(), err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}

	failed := errors.New("failed")
	change := func(keep engine.Keep) *engine.Altered {
		return &engine.Altered{
			LoadID: "load_3", After: costs(), Time: loaded, Copy: toCosts(keep), Kept: engine.RejectBudget{}.Rejects(),
		}
	}
	_, err = f.alter(t, before, false).Commit(t.Context(), change(engine.KeepFirst),
		func(context.Context, engine.Tx, engine.Committed) error { return failed })
	if !errors.Is(err, failed) {
		t.Errorf("a change that fails: %v", err)
	}
	if diff := cmp.Diff(old, f.read(t, all(before))); diff != "" {
		t.Errorf("rows after a change that failed (-want +got):\n%s", diff)
	}

	rows, err := f.Lookup(t.Context(), all(before)) // started before the change
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read only
	done, err := f.alter(t, before, false).Commit(t.Context(), change(engine.KeepLast), nil)
	if err != nil || done.Rows != 3 || done.Duplicates != 2 {
		t.Fatalf("committed %+v, %v", done, err)
	}
	f.expectAltered(t)
	if diff := cmp.Diff(old, f.read(t, all(before))); diff != "" {
		t.Errorf("rows of a reader with the schema before (-want +got):\n%s", diff)
	}
	if b, err := rows.Next(); err != nil || b == nil || b.Rows == 0 {
		t.Errorf("a reader that began before: %v", err)
	}
	if _, err := f.Begin(t.Context(), s); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a load with the schema before: %v", err)
	}
	if _, err := f.DeleteRows(t.Context(), engine.Removal{Selection: all(before)}); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a deletion with the schema before: %v", err)
	}
	f.reopen(t)
	f.expectAltered(t)
	if _, err := f.Lookup(t.Context(), all(before)); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a reader with the schema before, a while later: %v", err)
	}
	after := spec(costs(), engine.Replace)
	after.LoadID = "load_4"
	f.load(t, after, row{"A", 9, 9, 9})
	if got := len(f.read(t, all(costs()))); got != 3 {
		t.Errorf("%d rows after another load", got)
	}
}

func (f *fixture) alter(t *testing.T, before dataset.Schema, look bool) engine.Alteration {
	t.Helper()
	a, err := f.alterer(t).Alter(t.Context(), "ds_prices", before, look)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

func (f *fixture) expectAltered(t *testing.T) {
	t.Helper()
	want := []row{{"B", 1, 2, 2}, {"A", 3, 5, 5}, {"D", 1, 6, 6}}
	if diff := cmp.Diff(want, f.read(t, all(costs()))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	var rejected []string
	err := f.Rejects(t.Context(), "load_3", func(r dataset.Rejected) error {
		rejected = append(rejected, r.Value)
		return nil
	})
	if diff := cmp.Diff([]string{"-4"}, rejected); diff != "" || err != nil {
		t.Errorf("rejected rows (-want +got):\n%s%v", diff, err)
	}
}

// testAlterOnlySchema changes the schema and leaves the files as they are.
func testAlterOnlySchema(t *testing.T, f *fixture) {
	before := prices(true, false)
	f.load(t, spec(before, engine.Ignore), row{"A", 1, 1, 1.0})
	after := prices(true, false)
	after.Columns = append(after.Columns, dataset.Column{Name: "note", Type: dataset.String})
	after.Columns[1].Type = dataset.Number // every integer is a number, too
	after.Layout = 7
	change := &engine.Altered{LoadID: "load_2", After: after, Time: loaded}
	if done, err := f.alter(t, before, false).Commit(t.Context(), change, nil); err != nil || done.Rows != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if diff := cmp.Diff([]row{{"A", 1.0, 1, 1.0, nil}}, f.read(t, all(after))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// testAlterEmpty changes the schema of a dataset that was never loaded.
func testAlterEmpty(t *testing.T, f *fixture) {
	before, after := prices(true, false), costs()
	change := &engine.Altered{
		LoadID: "load_2", After: after, Time: loaded, Copy: toCosts(""), Kept: engine.RejectBudget{}.Rejects(),
	}
	if _, err := f.alter(t, before, false).Commit(t.Context(), change, nil); err != nil {
		t.Fatal(err)
	}
	f.load(t, spec(after, engine.Ignore), row{"A", 1, 1, 1})
	if got := f.read(t, all(after)); len(got) != 1 {
		t.Errorf("rows %v", got)
	}
}

// crashAlter sets the price of all rows, and the layout, to i+1.
func crashAlter(ctx context.Context, e engine.Engine, i int) error {
	alterer, ok := e.(engine.Alterer)
	if !ok {
		return errors.New("the driver changes no schemas")
	}
	before, after := crashSchema(i), crashSchema(i+1)
	a, err := alterer.Alter(ctx, "ds_prices", before, false)
	if err != nil {
		return err
	}
	defer a.Close() //nolint:errcheck // after a commit there is nothing to undo
	_, err = a.Commit(ctx, &engine.Altered{
		LoadID: fmt.Sprint("change_", i), After: after, Time: loaded, Kept: engine.RejectBudget{}.Rejects(),
		Copy: &engine.Copy{
			Columns: []string{"symbol", "venue", "day"}, Schema: after, Keep: engine.KeepFirst,
			Convert: func(in *dataset.Batch) (engine.Converted, error) {
				price := dataset.NewVector(dataset.Number, in.Rows)
				for range in.Rows {
					price.AppendFloat(float64(i + 1))
				}
				in.Vectors = append(in.Vectors[:3:3], price)
				return engine.Converted{Batch: in}, nil
			},
		},
	}, nil)
	return err
}

func crashSchema(layout int) dataset.Schema {
	s := prices(true, false)
	s.Layout = int64(layout)
	return s
}

// expectOneLayout checks that all rows have one layout, after this many loads.
func (f *fixture) expectOneLayout(t *testing.T, loads int) {
	t.Helper()
	if loads == 0 {
		return
	}
	for _, layout := range []int{loads, loads - 1} {
		s := all(crashSchema(layout))
		s.Limit = crashRows * (loads + 1)
		rows, err := f.Lookup(t.Context(), s)
		if errors.Is(err, engine.ErrStale) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
		n := 0
		for _, r := range f.read(t, s) {
			if n++; r[3] != float64(layout) {
				t.Fatalf("row %d of layout %d has the price %v", n, layout, r[3])
			}
		}
		if n != crashRows*loads {
			t.Errorf("%d rows of layout %d after %d loads", n, layout, loads)
		}
		return
	}
	t.Errorf("after %d loads the rows are neither of layout %d nor of the one before", loads, loads)
}
