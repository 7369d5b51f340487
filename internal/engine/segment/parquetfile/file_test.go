package parquetfile_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// row is a row of a test: a value for each column, nil for null.
type row []any

var loaded = time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)

func prices() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "price", Type: dataset.Number},
			{Name: "symbol", Type: dataset.String},
			{Name: "venue", Type: dataset.Integer},
			{Name: "day", Type: dataset.Date},
			{Name: "note", Type: dataset.String},
		},
		Index: dataset.Index{Key: "symbol", Subkey: "venue", Date: "day"},
	}
}

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
	return b
}

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
			case v.Type == dataset.Decimal:
				r[j] = string(dataset.AppendDecimal(nil, v.Wide[i], v.Scale))
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

// write writes rows to a file of a folder, numbered from first, and opens it.
func write(t testing.TB, folder parquetfile.FS, name string, schema dataset.Schema, first int64,
	cache *parquetfile.Cache, rows ...row,
) (*parquetfile.Reader, parquetfile.Info) {
	t.Helper()
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatal(err)
	}
	run := parquetfile.NewRun(spec)
	if err := run.Append(batchOf(schema, rows...), first); err != nil {
		t.Fatal(err)
	}
	run.Sort()
	info, err := parquetfile.Write(t.Context(), folder, name, run,
		parquetfile.Meta{Load: "load_1", Updated: loaded.Add(time.Duration(first) * time.Second)})
	if err != nil {
		t.Fatal(err)
	}
	return open(t, folder, name, cache), info
}

func open(t testing.TB, folder parquetfile.FS, name string, cache *parquetfile.Cache) *parquetfile.Reader {
	t.Helper()
	r, err := parquetfile.Open(folder, name, cache)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func newCache(t testing.TB, size int64) *parquetfile.Cache {
	t.Helper()
	c, err := parquetfile.NewCache(size)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// differ is [cmp.Diff], which takes long for equal lists of many rows.
func differ(want, got []row) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func read(t testing.TB, sources []parquetfile.Source, s engine.Selection) []row {
	t.Helper()
	r, err := parquetfile.Select(t.Context(), sources, s)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, r)
}

func drain(t testing.TB, r engine.Rows) []row {
	t.Helper()
	var all []row
	for {
		b, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			break
		}
		all = append(all, rowsOf(b)...)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return all
}

// randomRows returns rows with few keys, many duplicates and some nulls.
func randomRows(r *rand.Rand, n, keys, days int) []row {
	rows := make([]row, n)
	for i := range rows {
		x := row{
			float64(r.IntN(1000)) / 4, fmt.Sprintf("KEY%03d", r.IntN(keys)), r.IntN(3), r.IntN(days),
			fmt.Sprint("note ", r.IntN(50)),
		}
		for c := range x {
			if r.IntN(20) == 0 {
				x[c] = nil
			}
		}
		rows[i] = x
	}
	return rows
}

// TestSelectAgainstRows compares selections from several files with the same
// rows in a slice.
func TestSelectAgainstRows(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 64 << 10, 64 << 20} {
		t.Run(fmt.Sprint("cache of ", size), func(t *testing.T) {
			t.Parallel()
			testSelect(t, size)
		})
	}
}

// randomFiles writes rows to several files, marks some as deleted, and returns
// them as a slice too.
func randomFiles(t *testing.T, r *rand.Rand, schema dataset.Schema, cacheSize int64) (
	sources []parquetfile.Source, model []modelRow,
) {
	t.Helper()
	folder, cache := parquetfile.Folder(t.TempDir()), newCache(t, cacheSize)
	seq := int64(0)
	for f := range 4 {
		rows := randomRows(r, []int{9000, 1500, 1, 700}[f], 12, 40)
		reader, _ := write(t, folder, fmt.Sprint(f, ".parquet"), schema, seq, cache, rows...)
		if err := parquetfile.Check(t.Context(), reader); err != nil {
			t.Fatal(err)
		}
		s := parquetfile.Source{Reader: reader}
		kept := sortedRows(rows, seq)
		if f%2 == 0 {
			s.Deleted = roaring.New()
			for i := range kept {
				if r.IntN(10) == 0 {
					s.Deleted.Add(uint32(i))
					kept[i].deleted = true
				}
			}
		}
		for i := range kept {
			kept[i].updated = loaded.Add(time.Duration(seq) * time.Second)
		}
		model = append(model, kept...)
		seq += int64(len(rows))
		sources = append(sources, s)
	}
	return sources, model
}

func testSelect(t *testing.T, cacheSize int64) {
	r := rand.New(rand.NewPCG(1, uint64(cacheSize)))
	schema := prices()
	sources, model := randomFiles(t, r, schema, cacheSize)
	for i := range 400 {
		s := randomSelection(r, schema)
		want := modelSelect(model, schema, s)
		if diff := differ(want, read(t, sources, s)); diff != "" {
			t.Fatalf("selection %d %s (-want +got):\n%s", i, describe(s), diff)
		}
		total := int64(0)
		plan, err := parquetfile.NewPlan(&s)
		if err != nil {
			t.Fatal(err)
		}
		for _, source := range sources {
			found, err := parquetfile.Match(t.Context(), source, plan, nil)
			if err != nil {
				t.Fatal(err)
			}
			total += int64(found.GetCardinality())
		}
		s.Limit, s.Offset, s.Every = 1<<20, 0, 0
		if n := len(modelSelect(model, schema, s)); int64(n) != total {
			t.Fatalf("Match found %d rows, want %d", total, n)
		}
	}
}

// TestSelectLongKeys compares selections of one key that has few rows in some files
// and many pages in others, at dates that don't, or only partly, overlap.
func TestSelectLongKeys(t *testing.T) {
	t.Parallel()
	r, schema := rand.New(rand.NewPCG(7, 8)), prices()
	for range 12 {
		folder, cache := parquetfile.Folder(t.TempDir()), newCache(t, 64<<20)
		var sources []parquetfile.Source
		var model []modelRow
		seq := int64(0)
		for f := range 2 + r.IntN(4) {
			rows := make([]row, []int{1, 700, 6000, 9000}[r.IntN(4)])
			first := r.IntN(20_000) - 5000
			for i := range rows {
				rows[i] = row{float64(i), "KEY001", 1, first + i/(1+f%2), "n"}
			}
			reader, _ := write(t, folder, fmt.Sprint(f, ".parquet"), schema, seq, cache, rows...)
			source := parquetfile.Source{Reader: reader}
			kept := sortedRows(rows, seq)
			if r.IntN(3) == 0 {
				source.Deleted = roaring.New()
				for i := range kept {
					if r.IntN(10) == 0 {
						source.Deleted.Add(uint32(i))
						kept[i].deleted = true
					}
				}
			}
			for i := range kept {
				kept[i].updated = loaded.Add(time.Duration(seq) * time.Second)
			}
			model, sources, seq = append(model, kept...), append(sources, source), seq+int64(len(rows))
		}
		for i := range 40 {
			s := randomSelection(r, schema)
			s.Key, s.Subkey = text("KEY001"), text("1")
			for _, bound := range []**time.Time{&s.From, &s.To} {
				if *bound != nil {
					day := time.Unix(int64(r.IntN(25_000)-6000)*86400, 0)
					*bound = &day
				}
			}
			if diff := differ(modelSelect(model, schema, s), read(t, sources, s)); diff != "" {
				t.Fatalf("selection %d %s (-want +got):\n%.2000s", i, describe(s), diff)
			}
		}
	}
}
