package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// RunNodes runs the tests of a driver whose rows several nodes use at once. open
// opens the engine of each node, in one folder.
func RunNodes(t *testing.T, open Open) {
	for _, tc := range []struct {
		name string
		run  func(*testing.T, *fixture, *fixture)
	}{
		{"a commit is seen at once by another node", testSeenElsewhere},
		{"a load waits for that of another node", testWaitElsewhere},
		{"a schema grows elsewhere", testGrowElsewhere},
		{"a schema is altered elsewhere", testAlterElsewhere},
		{"one object is loaded by one node", testRaceElsewhere},
		{"loads cross", testCrossing},
		{"reads are never torn", testTorn},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := newFixture(t, open)
			b := &fixture{open: open, dir: a.dir}
			b.reopen(t)
			t.Cleanup(func() {
				if err := b.Close(); err != nil {
					t.Errorf("closing: %v", err)
				}
			})
			tc.run(t, a, b)
		})
	}
}

func testSeenElsewhere(t *testing.T, a, b *fixture) {
	schema := prices(true, false)
	for i := range 5 {
		f, other := a, b
		if i%2 == 1 {
			f, other = b, a
		}
		f.load(t, spec(schema, engine.Replace), row{"A", i, 10, float64(i)}, row{"A", 100, 10, float64(i)})
		got := other.read(t, all(schema))
		if len(got) != i+2 || got[len(got)-1][3] != float64(i) {
			t.Errorf("after load %d the other node reads %v", i, got)
		}
	}
	key := "A"
	done, err := a.DeleteRows(t.Context(), engine.Removal{Selection: engine.Selection{
		DatasetID: "ds_prices", Schema: schema, Key: &key,
	}})
	if err != nil || done.Rows != 6 {
		t.Fatalf("deleted %+v, %v", done, err)
	}
	same(t, "rows after a deletion", 0, len(b.read(t, all(schema))))
}

func testWaitElsewhere(t *testing.T, a, b *fixture) {
	schema := prices(true, false)
	first := a.begin(t, spec(schema, engine.Ignore))
	first.append(row{"A", 1, 10, 1.0})
	began := make(chan error, 1)
	go func() {
		second, err := b.Begin(t.Context(), spec(schema, engine.Ignore))
		if err == nil {
			err = second.Rollback()
		}
		began <- err
	}()
	select {
	case err := <-began:
		t.Errorf("the load of the other node didn't wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	first.commit()
	if err := <-began; err != nil {
		t.Errorf("the load of the other node: %v", err)
	}
	// A caller that gives up waiting blocks nobody.
	first = a.begin(t, spec(schema, engine.Ignore))
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() {
		_, err := b.Begin(ctx, spec(schema, engine.Ignore))
		gaveUp <- err
	}()
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("giving up: %v", err)
	}
	first.must("rolling back", first.Rollback())
	b.load(t, spec(schema, engine.Ignore), row{"B", 1, 10, 1.0})
}

func testGrowElsewhere(t *testing.T, a, b *fixture) {
	schema := prices(true, false)
	a.load(t, spec(schema, engine.Ignore), row{"A", 1, 10, 1.0})
	wide := prices(true, false)
	wide.Columns = append(wide.Columns, dataset.Column{Name: "note", Type: dataset.String})
	wide.Columns[1].Type = dataset.Number
	b.load(t, spec(wide, engine.Ignore), row{"B", 2.5, 11, 2.0, "new"})
	a.load(t, spec(schema, engine.Ignore), row{"C", 3, 12, 3.0}, row{"A", 1, 10, 9.0})
	want := []row{{"A", 1.0, 10, 1.0, nil}, {"B", 2.5, 11, 2.0, "new"}, {"C", 3.0, 12, 3.0, nil}}
	same(t, "rows", want, a.read(t, all(wide)))
	same(t, "rows of the other node", want, b.read(t, all(wide)))
}

func testAlterElsewhere(t *testing.T, a, b *fixture) {
	before := prices(false, false)
	a.load(t, spec(before, engine.Ignore), row{"A", 1, 1, 1.0}, row{"B", 1, 2, 2.0})
	change := &engine.Altered{
		LoadID: "load_3", After: costs(), Time: loaded, Copy: toCosts(engine.KeepLast), Kept: engine.RejectBudget{}.Rejects(),
	}
	if _, err := b.alter(t, before, false).Commit(t.Context(), change, nil); err != nil {
		t.Fatal(err)
	}
	same(t, "rows", []row{{"A", 1, 1, 1}, {"B", 1, 2, 2}}, a.read(t, all(costs())))
	if _, err := a.Lookup(t.Context(), all(before)); !errors.Is(err, engine.ErrStale) {
		t.Errorf("with the schema before: %v", err)
	}
	if _, err := a.Begin(t.Context(), spec(before, engine.Ignore)); !errors.Is(err, engine.ErrStale) {
		t.Errorf("a load with the schema before: %v", err)
	}
}

func testRaceElsewhere(t *testing.T, a, b *fixture) {
	const contenders = 8
	results := make(chan error, contenders)
	var group sync.WaitGroup
	for i := range contenders {
		group.Go(func() {
			f := []*fixture{a, b}[i%2]
			results <- loadOnce(t.Context(), f, spec(prices(true, false), engine.Ignore), i)
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
	same(t, "winners", 1, won)
	same(t, "rows", 1, len(a.read(t, all(prices(true, false)))))
	same(t, "ledger", 1, len(b.ledger(t)))
}

// testCrossing runs two loads of different datasets that record the same objects in
// opposite order, and has both nodes write and delete rows of one dataset
// concurrently.
func testCrossing(t *testing.T, a, b *fixture) {
	schema := prices(true, false)
	const rounds = 10
	var group sync.WaitGroup
	for n, f := range []*fixture{a, b} {
		group.Go(func() {
			for i := range rounds {
				s := spec(schema, engine.Replace)
				s.DatasetID = fmt.Sprint("ds_", n)
				l, err := f.Begin(t.Context(), s)
				if err != nil {
					t.Errorf("beginning: %v", err)
					return
				}
				if err := l.Append(t.Context(), batchOf(schema, row{"A", i, 1, 1.0})); err != nil {
					t.Error(err)
				}
				for k := range 20 {
					if n == 1 {
						k = 19 - k
					}
					if err := l.Object(t.Context(), entry(fmt.Sprint("key-", k), fmt.Sprint(i), engine.Loaded)); err != nil {
						t.Error(err)
					}
				}
				if _, err := l.Commit(t.Context(), nil); err != nil {
					t.Errorf("committing: %v", err)
				}
			}
		})
		group.Go(func() {
			for i := range rounds {
				crossOnce(t, f, schema, n, i)
			}
		})
	}
	group.Wait()
	same(t, "ledger", 2*rounds*20, len(a.ledger(t)))
	same(t, "rows", 2*rounds, len(a.read(t, all(schema))))
}

// crossOnce loads two rows and deletes one of them.
func crossOnce(t *testing.T, f *fixture, schema dataset.Schema, n, i int) {
	s := spec(schema, engine.Ignore)
	key := fmt.Sprint("gone-", n, "-", i)
	l, err := f.Begin(t.Context(), s)
	if err != nil {
		t.Errorf("beginning: %v", err)
		return
	}
	if err := l.Append(t.Context(), batchOf(schema, row{fmt.Sprint("stays-", n, "-", i), 1, 1, 1.0}, row{key, 1, 1, 1.0})); err != nil {
		t.Error(err)
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Errorf("committing: %v", err)
	}
	done, err := f.DeleteRows(t.Context(), engine.Removal{Selection: engine.Selection{
		DatasetID: "ds_prices", Schema: schema, Key: &key,
	}})
	if err != nil || done.Rows != 1 {
		t.Errorf("deleted %+v, %v", done, err)
	}
}

// testTorn repeatedly replaces all rows on one node, while the other reads them in
// many steps. Each read must see exactly one version.
func testTorn(t *testing.T, a, b *fixture) {
	schema := prices(true, false)
	const size, loads, step = 600, 40, 50
	rows := func(price int) (list []row) {
		for i := range size {
			list = append(list, row{fmt.Sprint("K", i), 1, i, float64(price)})
		}
		return list
	}
	a.load(t, spec(schema, engine.Replace), rows(0)...)
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				readWhole(t, b, schema, size, step)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range loads {
		a.load(t, spec(schema, engine.Replace), rows(i+1)...)
	}
	close(done)
	group.Wait()
}

// readWhole reads a version in steps.
func readWhole(t *testing.T, f *fixture, schema dataset.Schema, size, step int) {
	view, err := f.Open(t.Context(), "ds_prices")
	if err != nil {
		t.Error(err)
		return
	}
	defer view.Close()
	seen := map[any]int{}
	for offset := 0; offset < size; offset += step {
		s := all(schema)
		s.Offset, s.Limit = offset, step
		r, err := view.Lookup(t.Context(), s)
		if err != nil {
			t.Error(err)
			return
		}
		for {
			batch, err := r.Next()
			if err != nil {
				t.Error(err)
			}
			if batch == nil {
				break
			}
			for _, read := range rowsOf(batch) {
				seen[read[3]]++
			}
		}
		_ = r.Close()
	}
	if len(seen) != 1 {
		t.Errorf("a read saw the rows of several loads: %v", seen)
	}
	for price, n := range seen {
		if n != size {
			t.Errorf("a read saw %d rows with the price %v", n, price)
		}
	}
}
