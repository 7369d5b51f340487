// Package enginetest is the suite that every engine driver must pass. A
// driver's test binary calls [Main] from its TestMain and [Run] from a test.
package enginetest

import (
	"context"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// Open opens the engine whose files are in dir, or creates it there.
type Open func(ctx context.Context, dir string) (engine.Engine, error)

// Run runs the suite.
func Run(t *testing.T, open Open) {
	tests := []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"never loaded", testNeverLoaded},
		{"every type comes back", testTypes},
		{"columns are distinguished by their exact names", testNames},
		{"duplicates are ignored", testIgnore},
		{"duplicates are replaced", testReplace},
		{"a guess that holds", testGuessHolds},
		{"a guess that fails drops no row", testGuessFails},
		{"an index that is not unique keeps every row", testNotUnique},
		{"an index with nulls", testNulls},
		{"a schema grows", testGrow},
		{"a schema cannot change a type", testTypeConflict},
		{"a schema is altered", testAlter},
		{"a schema is altered without its files", testAlterOnlySchema},
		{"the schema of an empty dataset is altered", testAlterEmpty},
		{"order, limit, offset and step", testOrder},
		{"a long result is streamed", testLong},
		{"windows of dates", testWindow},
		{"equalities", testEqual},
		{"lookups by keys of every type", testKeyTypes},
		{"the ledger", testLedger},
		{"a failed object may be loaded later", testLedgerRetry},
		{"two loads of one object", testRace},
		{"the rows of an object are removed", testRemove},
		{"rows that were replaced aren't removed", testRemoveReplaced},
		{"a removal crossed by another", testRemoveConflict},
		{"rejected rows", testRejects},
		{"a rollback leaves nothing", testRollback},
		{"a cancelled load leaves nothing", testCancel},
		{"readers during a load", testReaders},
		{"one load at a time", testOneLoad},
		{"rows are deleted", testDelete},
		{"twins of a batch", testTwins},
		{"a commit expects a version", testExpect},
		{"a dataset is dropped", testDrop},
		{"a ledger is set aside", testRetire},
		{"a ledger of two datasets", testLedgerOfDatasets},
		{"what is committed stays", testReopen},
		{"bad batches are refused", testBadBatch},
		{"wrong requests are refused", testWrongRequests},
		{"it behaves as its model", testModel},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.run(t, newFixture(t, open))
		})
	}
	t.Run("a killed process leaves all of a load or nothing", func(t *testing.T) {
		t.Parallel()
		testCrash(t, open)
	})
}

// fixture is a test's own engine.
type fixture struct {
	engine.Engine
	open Open
	dir  string
}

func newFixture(t *testing.T, open Open) *fixture {
	t.Helper()
	f := &fixture{open: open, dir: t.TempDir()}
	f.reopen(t)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return f
}

// reopen closes the engine, if it is open, and opens it again.
func (f *fixture) reopen(t *testing.T) {
	t.Helper()
	if f.Engine != nil {
		if err := f.Close(); err != nil {
			t.Fatalf("closing: %v", err)
		}
	}
	e, err := f.open(t.Context(), f.dir)
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	f.Engine = e
}

// loaded is the time of the tests' loads.
var loaded = time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)

// prices is the schema that most tests use.
func prices(unique, guessed bool) dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "symbol", Type: dataset.String},
			{Name: "venue", Type: dataset.Integer},
			{Name: "day", Type: dataset.Date},
			{Name: "price", Type: dataset.Number},
		},
		Index: dataset.Index{Key: "symbol", Subkey: "venue", Date: "day", Unique: unique, Guessed: guessed},
	}
}

// spec is a load of prices into "ds_prices".
func spec(schema dataset.Schema, duplicates engine.Duplicates) engine.LoadSpec {
	return engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_prices", SourceID: "src_1", Schema: schema,
		Duplicates: duplicates, Time: loaded,
	}
}

// row is one row: a value for each column, nil for null. Strings and JSON
// texts are string; integers, booleans, days and microseconds are int;
// numbers are float64.
type row []any

// batchOf returns a batch of rows.
func batchOf(schema dataset.Schema, rows ...row) *dataset.Batch {
	b := &dataset.Batch{Rows: len(rows)}
	for i, c := range schema.Columns {
		v := dataset.NewVector(c.Type, len(rows))
		for _, r := range rows {
			switch x := r[i].(type) {
			case nil:
				v.AppendNull()
			case int:
				v.AppendInt(int64(x))
			case float64:
				v.AppendFloat(x)
			case string:
				v.AppendBytes([]byte(x))
			}
		}
		b.Vectors = append(b.Vectors, v)
	}
	for i := range rows {
		b.Lines = append(b.Lines, int64(i+1))
	}
	return b
}

// rowsOf is the reverse of batchOf.
func rowsOf(b *dataset.Batch) []row {
	rows := make([]row, b.Rows)
	for i := range rows {
		r := make(row, len(b.Vectors))
		for j := range b.Vectors {
			v := &b.Vectors[j]
			switch {
			case v.Nulls[i]:
			case v.Offsets != nil:
				r[j] = string(v.BytesAt(i))
			case v.Type == dataset.Number:
				r[j] = v.Floats[i]
			default:
				r[j] = int(v.Ints[i])
			}
		}
		rows[i] = r
	}
	return rows
}

// tester has the methods that testing.TB and rapid.T share.
type tester interface {
	Helper()
	Context() context.Context
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// load commits one load of rows.
func (f *fixture) load(t tester, spec engine.LoadSpec, rows ...row) engine.Committed {
	t.Helper()
	l, err := f.Begin(t.Context(), spec)
	if err != nil {
		t.Fatalf("beginning: %v", err)
	}
	if err := l.Append(t.Context(), batchOf(spec.Schema, rows...)); err != nil {
		t.Fatalf("appending: %v", err)
	}
	done, err := l.Commit(t.Context(), nil)
	if err != nil {
		t.Fatalf("committing: %v", err)
	}
	done.Version = 0 // depends on the time
	return done
}

// read reads all selected rows.
func (f *fixture) read(t tester, s engine.Selection) []row {
	t.Helper()
	r, err := f.Lookup(t.Context(), s)
	if err != nil {
		t.Fatalf("looking up: %v", err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Errorf("closing the rows: %v", err)
		}
	}()
	var rows []row
	for {
		b, err := r.Next()
		if err != nil {
			t.Fatalf("reading: %v", err)
		}
		if b == nil {
			return rows
		}
		rows = append(rows, rowsOf(b)...)
	}
}

// all selects the rows of "ds_prices", oldest day first.
func all(schema dataset.Schema) engine.Selection {
	return engine.Selection{
		DatasetID: "ds_prices", Schema: schema, DateColumn: "day", Order: engine.Ascending,
		Limit: 1000,
	}
}
