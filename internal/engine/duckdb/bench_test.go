package duckdb_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/duckdb"
)

const (
	benchRows  = 5_000_000
	benchKeys  = 10_000
	benchBatch = 8192
)

var benchSchema = dataset.Schema{
	Columns: []dataset.Column{
		{Name: "symbol", Type: dataset.String},
		{Name: "day", Type: dataset.Date},
		{Name: "price", Type: dataset.Number},
		{Name: "volume", Type: dataset.Integer},
		{Name: "note", Type: dataset.String},
	},
	Index: dataset.Index{Key: "symbol", Date: "day", Unique: true, Guessed: true},
}

// benchLoad loads rows day by day, as files come: each key's rows lie apart.
func benchLoad(ctx context.Context, b *testing.B, e engine.Engine, id string, rows int, duplicates engine.Duplicates) {
	b.Helper()
	l, err := e.Begin(ctx, engine.LoadSpec{
		LoadID: "load_" + id, DatasetID: id, Schema: benchSchema,
		Duplicates: duplicates, Time: time.Unix(0, 0),
	})
	if err != nil {
		b.Fatal(err)
	}
	batch := &dataset.Batch{}
	for _, c := range benchSchema.Columns {
		batch.Vectors = append(batch.Vectors, dataset.NewVector(c.Type, benchBatch))
	}
	var text []byte
	for at := 0; at < rows; at += batch.Rows {
		batch.Rows = min(benchBatch, rows-at)
		for i := range batch.Vectors {
			batch.Vectors[i].Reset()
		}
		for i := at; i < at+batch.Rows; i++ {
			key := i * 7919 % benchKeys
			text = strconv.AppendInt(append(text[:0], "KEY"...), int64(key), 10)
			batch.Vectors[0].AppendBytes(text)
			batch.Vectors[1].AppendInt(int64(i / benchKeys))
			batch.Vectors[2].AppendFloat(float64(i%1000) / 4)
			batch.Vectors[3].AppendInt(int64(i))
			text = append(text[:0], "a note on this row of some length."...)
			batch.Vectors[4].AppendBytes(text[:20+i%14])
		}
		if err := l.Append(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := l.Commit(ctx, nil); err != nil {
		b.Fatal(err)
	}
}

func benchEngine(b *testing.B) engine.Engine {
	b.Helper()
	e, err := duckdb.Open(b.Context(), duckdb.Config{Path: filepath.Join(b.TempDir(), "rows.duckdb")})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	return e
}

// BenchmarkLoad is the first load of 5 M rows, sorted by the index and checked
// for uniqueness, from batches in memory to the committed file.
func BenchmarkLoad(b *testing.B) {
	e := benchEngine(b)
	n := 0
	for b.Loop() {
		n++
		benchLoad(b.Context(), b, e, fmt.Sprint("ds_", n), benchRows, engine.Ignore)
		b.StopTimer()
		if err := e.Drop(b.Context(), fmt.Sprint("ds_", n)); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkUpsert puts 500 k rows, all of them known, into 5 M.
func BenchmarkUpsert(b *testing.B) {
	for _, duplicates := range []engine.Duplicates{engine.Ignore, engine.Replace} {
		b.Run(string(duplicates), func(b *testing.B) {
			e := benchEngine(b)
			benchLoad(b.Context(), b, e, "ds_1", benchRows, engine.Ignore)
			for b.Loop() {
				benchLoad(b.Context(), b, e, "ds_1", benchRows/10, duplicates)
			}
		})
	}
}

// BenchmarkReadCSV is the measure: DuckDB's own reader over the same rows in a
// local file, with the same sorting, into its own file.
func BenchmarkReadCSV(b *testing.B) {
	file := filepath.Join(b.TempDir(), "rows.csv")
	writeCSV(b, file)
	for _, order := range []string{"", " ORDER BY symbol, day"} {
		b.Run("order="+strconv.FormatBool(order != ""), func(b *testing.B) {
			for b.Loop() {
				readCSV(b, filepath.Join(b.TempDir(), "x.duckdb"), file, order)
			}
			b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func writeCSV(b *testing.B, name string) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	_, _ = io.WriteString(w, "symbol,day,price,volume,note\n")
	epoch := time.Unix(0, 0).UTC()
	for i := range benchRows {
		_, _ = fmt.Fprintf(w, "KEY%d,%s,%g,%d,%s\n", i*7919%benchKeys, epoch.AddDate(0, 0, i/benchKeys).
			Format(time.DateOnly),
			float64(i%1000)/4, i, "a note on this row of some length."[:20+i%14])
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

func readCSV(b *testing.B, path, file, order string) {
	b.Helper()
	_ = os.Remove(path)
	var database bindings.Database
	var connection bindings.Connection
	var config bindings.Config
	var message string
	bindings.CreateConfig(&config)
	defer bindings.DestroyConfig(&config)
	bindings.SetConfig(config, "memory_limit", "512MiB")
	if bindings.OpenExt(path, &database, config, &message) == bindings.StateError || bindings.Connect(database,
		&connection) == bindings.StateError {
		b.Fatal(message)
	}
	defer bindings.Close(&database)
	defer bindings.Disconnect(&connection)
	var result bindings.Result
	defer bindings.DestroyResult(&result)
	if bindings.Query(connection, "CREATE TABLE x AS FROM read_csv('"+file+"')"+order, &result) == bindings.StateError {
		b.Fatal(bindings.ResultError(&result))
	}
}

// BenchmarkLookup reads from 5 M rows of 10 k keys, with as many clients as
// there are processors.
func BenchmarkLookup(b *testing.B) {
	e := benchEngine(b)
	benchLoad(b.Context(), b, e, "ds_1", benchRows, engine.Ignore)
	for _, limit := range []int{1, 250} {
		b.Run(fmt.Sprint("last=", limit), func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					key := fmt.Sprint("KEY", n*31%benchKeys)
					r, err := e.Lookup(b.Context(), engine.Selection{
						DatasetID: "ds_1", Schema: benchSchema, Key: &key,
						DateColumn: "day", Order: engine.Descending, Limit: limit,
					})
					if err != nil {
						b.Fatal(err)
					}
					batch, err := r.Next()
					if err != nil || batch.Rows != limit {
						b.Fatal(batch, err)
					}
					_ = r.Close()
				}
			})
		})
	}
}
