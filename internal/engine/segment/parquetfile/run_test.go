package parquetfile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// TestSort checks the order of a run against the tuples of its rows, which are
// compared byte by byte.
func TestSort(t *testing.T) {
	t.Parallel()
	part := rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "\x00", "A", "A\x00", "AAAAAAA", "AAAAAAA\x00", "AAAAAAAA", "AAAAAAAA\x00",
			"AAAAAAAAB", strings.Repeat("A", 40),
		}),
		rapid.Custom(func(t *rapid.T) string {
			return "common prefix of keys " + rapid.StringN(0, 12, 40).
				Draw(t, "end")
		}),
	)
	for _, kind := range []dataset.Type{
		dataset.String, dataset.Integer, dataset.Number, dataset.Boolean, dataset.Date,
		dataset.DateTime,
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			schema := dataset.Schema{
				Columns: []dataset.Column{
					{Name: "s", Type: dataset.String},
					{Name: "k", Type: kind},
					{Name: "d", Type: dataset.Date},
				},
				Index: dataset.Index{Key: "s", Subkey: "k", Date: "d"},
			}
			if kind == dataset.Number { // numbers first, so that they are sorted by radix
				schema.Index.Key, schema.Index.Subkey = "k", "s"
			}
			rapid.Check(t, func(rt *rapid.T) {
				var rows []row
				for range rapid.IntRange(1, 300).Draw(rt, "rows") {
					r := row{nil, nil, nil}
					if rapid.IntRange(0, 9).Draw(rt, "null") > 0 {
						r[0] = strings.ToValidUTF8(part.Draw(rt, "s"), "?")
					}
					if rapid.IntRange(0, 9).Draw(rt, "null") > 0 {
						r[1] = drawValue(rt, kind)
					}
					if rapid.IntRange(0, 9).Draw(rt, "null") > 0 {
						r[2] = rapid.IntRange(-3, 3).Draw(rt, "d")
					}
					rows = append(rows, r)
				}
				checkSorted(rt, schema, rows)
			})
		})
	}
}

func drawValue(t *rapid.T, kind dataset.Type) any {
	switch kind {
	case dataset.String:
		return rapid.SampledFrom([]string{"", "x", "xy"}).Draw(t, "k")
	case dataset.Number:
		return rapid.OneOf(rapid.SampledFrom([]float64{0, -0.5, 0.1, 5, 1e300, -1e-300}), rapid.Float64()).Draw(t, "k")
	case dataset.Boolean:
		return rapid.IntRange(0, 1).Draw(t, "k")
	case dataset.Integer:
		return rapid.OneOf(rapid.IntRange(-5, 5), rapid.Int()).Draw(t, "k")
	default:
		return rapid.IntRange(-1000, 1000).Draw(t, "k")
	}
}

type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func checkSorted(t tester, schema dataset.Schema, rows []row) {
	t.Helper()
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatalf("%v", err)
	}
	run := parquetfile.NewRun(spec)
	if err := run.Append(batchOf(schema, rows...), 100); err != nil {
		t.Fatalf("%v", err)
	}
	run.Sort()
	seen := map[int64]bool{run.Seq(0): true}
	for i := 1; i < run.Rows(); i++ {
		seen[run.Seq(i)] = true
		a, b := run.Tuple(nil, i-1), run.Tuple(nil, i)
		c := bytes.Compare(a, b)
		if c > 0 || c == 0 && run.Seq(i-1) > run.Seq(i) {
			t.Fatalf("row %d of %v comes after row %d", run.Seq(i-1), rows, run.Seq(i))
		}
		if run.Same(i-1, i) != (c == 0) {
			t.Fatalf("Same of %x and %x", a, b)
		}
	}
	if len(seen) != len(rows) {
		t.Fatalf("%d rows of %d", len(seen), len(rows))
	}
}

func BenchmarkRun(b *testing.B) {
	schema := dataset.Schema{Index: dataset.Index{Key: "symbol", Date: "date", Unique: true}, Columns: []dataset.Column{
		{Name: "symbol", Type: dataset.String},
		{Name: "date", Type: dataset.Date},
		{Name: "open", Type: dataset.Number},
		{Name: "high", Type: dataset.Number},
		{Name: "low", Type: dataset.Number},
		{Name: "close", Type: dataset.Number},
		{Name: "volume", Type: dataset.Number},
	}}
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		b.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	run := parquetfile.NewRun(spec)
	const rows, keys = 1_000_000, 5000
	for day := range rows / keys {
		var list []row
		for range keys {
			x := r.Float64() * 1000
			list = append(list, row{
				fmt.Sprintf("SYM%05d", r.IntN(keys)), 18000 + day, x, x + 1, x - 1, x,
				float64(r.IntN(1e7)),
			})
		}
		if err := run.Append(batchOf(schema, list...), int64(day*keys)); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("sort", func(b *testing.B) {
		for b.Loop() {
			run.Sort()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	})
	b.Run("write", func(b *testing.B) {
		folder, n, size := parquetfile.Folder(b.TempDir()), 0, int64(0)
		for b.Loop() {
			info, err := parquetfile.Write(b.Context(), folder, fmt.Sprint(n), run,
				parquetfile.Meta{Load: "load_1", Updated: loaded})
			if err != nil {
				b.Fatal(err)
			}
			n, size = n+1, info.Bytes
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
		b.ReportMetric(float64(size)/rows, "bytes/row")
	})
}
