//go:build cgo

package sql_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

const benchRows = 3_000_000

// aggregates has the statements of the benchmark.
var aggregates = map[string]string{
	"sum":        "select count(*), sum(volume), avg(price) from bench",
	"group":      "select symbol, sum(volume), max(price) from bench group by symbol",
	"by month":   "select date_trunc('month', day) as m, avg(price), count(*) from bench group by m",
	"filter":     "select count(*), avg(price) from bench where volume between 1000 and 2000",
	"distinct":   "select count(distinct symbol), count(distinct day) from bench",
	"top by key": "select symbol, max(price) as p from bench where day >= '1975-01-01' group by symbol order by p desc limit 10",
}

// BenchmarkAggregates runs aggregates over segments, in the process of a query and
// all, and over a native table of DuckDB's that is open already. "ratio" compares
// them; "start" is the time of a query that reads nothing, which is part of it.
func BenchmarkAggregates(b *testing.B) {
	w := newWell(b, func(c *sql.Config) { c.Threads = 2 })
	loadBench(b, w)
	native := openNative(b, w)
	best := func(run func()) time.Duration {
		least := time.Hour
		for range 4 {
			begin := time.Now()
			run()
			least = min(least, time.Since(begin))
		}
		return least
	}
	query := func(text string) func() {
		return func() {
			if err := w.drain(b.Context(), text, time.Minute); err != nil {
				b.Fatal(err)
			}
		}
	}
	start := best(query("select 1"))
	for name, text := range aggregates {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				table := best(func() { native(text) })
				segments := best(query(text))
				b.ReportMetric(float64(segments)/float64(table), "ratio")
				b.ReportMetric(float64(segments-start)/float64(table), "ratio-without-start")
				b.ReportMetric(float64(table.Milliseconds()), "native-ms")
				b.ReportMetric(float64(start.Milliseconds()), "start-ms")
			}
		})
	}
}

func loadBench(b *testing.B, w *well) {
	b.Helper()
	schema := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "symbol", Type: dataset.String},
			{Name: "day", Type: dataset.Date},
			{Name: "price", Type: dataset.Number},
			{Name: "volume", Type: dataset.Integer},
		},
		Index: dataset.Index{Key: "symbol", Date: "day"},
	}
	w.datasets["bench"] = dataset.Dataset{ID: "ds_bench", Name: "bench", Schema: schema}
	l, err := w.rows.Begin(b.Context(), engine.LoadSpec{
		LoadID: "load_bench", DatasetID: "ds_bench", Schema: schema, Duplicates: engine.Ignore, Time: time.Unix(1, 0),
	})
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	batch := &dataset.Batch{Rows: 10_000}
	for _, c := range schema.Columns {
		batch.Vectors = append(batch.Vectors, dataset.NewVectorOf(c, batch.Rows))
	}
	for range benchRows / batch.Rows {
		for i := range batch.Vectors {
			batch.Vectors[i].Reset()
		}
		for range batch.Rows {
			batch.Vectors[0].AppendBytes(fmt.Appendf(nil, "SYM%04d", r.IntN(2000)))
			batch.Vectors[1].AppendInt(r.Int64N(5000))
			batch.Vectors[2].AppendFloat(float64(r.IntN(1_000_000)) / 100)
			batch.Vectors[3].AppendInt(r.Int64N(1_000_000))
		}
		if err := l.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := l.Commit(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	for range 4 {
		if err := w.rows.Compact(context.WithoutCancel(b.Context()), "ds_bench"); err != nil {
			b.Fatal(err)
		}
	}
}

// openNative copies the rows into a native table, and returns a function that
// runs a statement over it.
func openNative(b *testing.B, w *well) func(text string) {
	b.Helper()
	var database bindings.Database
	var connection bindings.Connection
	if bindings.Open(":memory:", &database) == bindings.StateError ||
		bindings.Connect(database, &connection) == bindings.StateError {
		b.Fatal("DuckDB does not open")
	}
	b.Cleanup(func() {
		bindings.Disconnect(&connection)
		bindings.Close(&database)
	})
	run := func(text string) {
		var result bindings.Result
		defer bindings.DestroyResult(&result)
		if bindings.Query(connection, text, &result) == bindings.StateError {
			b.Fatal(bindings.ResultError(&result))
		}
	}
	run("set threads = 2")
	run("create table bench as select symbol, day, price, volume from read_parquet('" +
		filepath.Join(w.dir, "ds_bench", "*.parquet") + "')")
	return run
}
