package parquetfile_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

func text(s string) *string { return &s }

// TestKeys looks up keys whose bounds are hard to store: long ones, with a
// long common prefix, empty, null and with NULs.
func TestKeys(t *testing.T) {
	t.Parallel()
	schema := dataset.Schema{
		Columns: []dataset.Column{{Name: "key", Type: dataset.String}, {Name: "n", Type: dataset.Integer}},
		Index:   dataset.Index{Key: "key"},
	}
	common := strings.Repeat("a long common prefix of all keys/", 20)
	var keys []any
	for i := range 40 {
		keys = append(keys, fmt.Sprintf("%s%04d", common, i), fmt.Sprintf("k%d", i),
			strings.Repeat("x", 10_000)+fmt.Sprint(i))
	}
	keys = append(keys, "", "\x00", "k\x00", "k\x00\x00", nil, common)
	var rows []row
	for i := range 6000 {
		rows = append(rows, row{keys[i%len(keys)], i})
	}
	r, info := write(t, parquetfile.Folder(t.TempDir()), "keys", schema, 0, newCache(t, 8<<20), rows...)
	if info.Rows != 6000 || len(info.MinKey) > 256 || len(info.MaxKey) > 256 {
		t.Errorf("%d rows, bounds of %d and %d bytes", info.Rows, len(info.MinKey), len(info.MaxKey))
	}
	if err := parquetfile.Check(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for k, key := range keys {
		if key == nil {
			continue
		}
		var want []row
		for i := k; i < len(rows); i += len(keys) {
			want = append(want, rows[i])
		}
		s := engine.Selection{
			DatasetID: "ds_1", Schema: schema, Key: text(key.(string)), Order: engine.Ascending,
			Limit: 1000,
		}
		if got := read(t, []parquetfile.Source{{Reader: r}}, s); !cmp.Equal(want, got) {
			t.Errorf("key %d, %.20q: got %d rows, want %d", k, key, len(got), len(want))
		}
	}
	for _, missing := range []string{"a", "k40", "zz", common + "9999", "\x01", "x", strings.Repeat("x", 10_000)} {
		s := engine.Selection{DatasetID: "ds_1", Schema: schema, Key: &missing, Limit: 10}
		if got := read(t, []parquetfile.Source{{Reader: r}}, s); got != nil {
			t.Errorf("the missing key %.20q has %d rows", missing, len(got))
		}
	}
}

// TestManyColumns writes 2,500 columns in row groups with limited bytes.
func TestManyColumns(t *testing.T) {
	t.Parallel()
	schema := dataset.Schema{Index: dataset.Index{Key: "c0"}}
	for i := range 2500 {
		schema.Columns = append(schema.Columns, dataset.Column{Name: fmt.Sprint("c", i), Type: dataset.Integer})
	}
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatal(err)
	}
	run := parquetfile.NewRun(spec)
	const rows = 5000
	batch := &dataset.Batch{Rows: rows}
	for c := range schema.Columns {
		v := dataset.NewVector(dataset.Integer, rows)
		for i := range rows {
			v.AppendInt(int64(i * (c + 1) % rows))
		}
		batch.Vectors = append(batch.Vectors, v)
	}
	if err := run.Append(batch, 0); err != nil {
		t.Fatal(err)
	}
	run.Sort()
	folder := parquetfile.Folder(t.TempDir())
	if _, err := parquetfile.Write(t.Context(), folder, "wide", run,
		parquetfile.Meta{Load: "load_1", Updated: loaded}); err != nil {
		t.Fatal(err)
	}
	r := open(t, folder, "wide", newCache(t, 1<<20))
	got := read(t, []parquetfile.Source{{Reader: r}}, engine.Selection{
		DatasetID: "ds_1", Schema: schema,
		Key: text("4321"), Limit: 5, Columns: []string{"c2499", "c1"},
	})
	if diff := cmp.Diff([]row{{4321 * 2500 % rows, 4321 * 2 % rows}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	file, err := folder.Open("wide")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	parsed, err := parquet.OpenFile(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	if n := len(parsed.RowGroups()); n < 2 {
		t.Errorf("%d row groups for %d MiB", n, 2500*rows*8>>20)
	}
}

func allTypes() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "_seq", Type: dataset.String},
			{Name: "", Type: dataset.Integer},
			{Name: "n", Type: dataset.Number},
			{Name: "N", Type: dataset.Boolean},
			{Name: "d", Type: dataset.Date},
			{Name: "a.b", Type: dataset.DateTime},
			{Name: "o", Type: dataset.Object},
			{Name: "a", Type: dataset.Array},
			{Name: "x", Type: dataset.Any},
		},
		Index: dataset.Index{Key: "_seq", Date: "a.b"},
	}
}

// TestOtherReaders reads a file with the library.
func TestOtherReaders(t *testing.T) {
	t.Parallel()
	folder := parquetfile.Folder(t.TempDir())
	rows := []row{
		{"b", 2, 1.5, 1, 19782, 1709164800000001, `{"a":1}`, `[1]`, `"x"`},
		{"a", -1, -0.25, 0, -1, -1, `{}`, `[]`, `null`},
		{nil, nil, nil, nil, nil, nil, nil, nil, nil},
	}
	for i := range 3000 {
		rows = append(rows, row{
			fmt.Sprint("key ", i%7), i, float64(i) / 3, i % 2, i, i * 1e6, `{}`, `[]`,
			fmt.Sprint(i),
		})
	}
	r, _ := write(t, folder, "types", allTypes(), 50, newCache(t, 0), rows...)
	if err := parquetfile.Check(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	file, err := folder.Open("types")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	parsed, err := parquet.OpenFile(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	reader := parquet.NewReader(parsed)
	defer func() { _ = reader.Close() }()
	buffer := make([]parquet.Row, len(rows)+1)
	n, _ := reader.ReadRows(buffer)
	if n != len(rows) {
		t.Fatalf("the library reads %d rows of %d", n, len(rows))
	}
	seen := map[int64]bool{}
	for _, values := range buffer[:n] {
		seq := values[9].Int64()
		seen[seq] = true
		want := rows[seq-50]
		for c, v := range values[:9] {
			if got := plain(v); got != fmt.Sprint(want[c]) {
				t.Fatalf("row %d, column %d: %s, want %v", seq, c, got, want[c])
			}
		}
		if values[11].String() != "load_1" || !time.UnixMicro(values[10].Int64()).Equal(loaded.Add(50*time.Second)) {
			t.Fatalf("system columns: %v", values[9:])
		}
	}
	if len(seen) != len(rows) {
		t.Errorf("%d numbers for %d rows", len(seen), len(rows))
	}
	if got := parsed.Schema().Fields()[9].Name(); got != "__seq" {
		t.Errorf("the number's column is %q", got)
	}
}

// plain is a value of the library as a row of a test prints it.
func plain(v parquet.Value) string {
	switch {
	case v.IsNull():
		return "<nil>"
	case v.Kind() == parquet.Boolean:
		if v.Boolean() {
			return "1"
		}
		return "0"
	case v.Kind() == parquet.Double:
		return fmt.Sprint(v.Double())
	default:
		return v.String()
	}
}

// TestWidening reads an old file with a wider schema.
func TestWidening(t *testing.T) {
	t.Parallel()
	old := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "k", Type: dataset.Integer},
			{Name: "n", Type: dataset.Integer},
			{Name: "m", Type: dataset.Decimal, Precision: 5, Scale: 2},
			{Name: "d", Type: dataset.Date},
			{Name: "s", Type: dataset.Integer},
			{Name: "p", Type: dataset.Decimal, Precision: 5, Scale: 2},
		},
		Index: dataset.Index{Key: "k", Date: "d", Unique: true},
	}
	spec, err := parquetfile.SpecOf(&old)
	if err != nil {
		t.Fatal(err)
	}
	batch := &dataset.Batch{Rows: 3}
	for _, c := range old.Columns {
		v := dataset.NewVectorOf(c, 3)
		for i := range 3 {
			switch {
			case i == 2 && c.Name != "k":
				v.AppendNull()
			case c.Type == dataset.Decimal:
				v.AppendWide(dataset.NewInt128(int64(150 * (i + 1))))
			default:
				v.AppendInt(int64(7 * (i + 1)))
			}
		}
		batch.Vectors = append(batch.Vectors, v)
	}
	run := parquetfile.NewRun(spec)
	if err := run.Append(batch, 0); err != nil {
		t.Fatal(err)
	}
	run.Sort()
	folder := parquetfile.Folder(t.TempDir())
	if _, err := parquetfile.Write(t.Context(), folder, "old", run,
		parquetfile.Meta{Load: "load_1", Updated: loaded}); err != nil {
		t.Fatal(err)
	}
	r := open(t, folder, "old", newCache(t, 1<<20))
	if err := parquetfile.Check(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	wide := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "new", Type: dataset.String},
			{Name: "k", Type: dataset.Decimal, Precision: 38, Scale: 1},
			{Name: "n", Type: dataset.Number},
			{Name: "m", Type: dataset.String},
			{Name: "d", Type: dataset.DateTime},
			{Name: "s", Type: dataset.String},
			{Name: "p", Type: dataset.Number},
		},
		Index: old.Index,
	}
	day := int(7 * 24 * time.Hour / time.Microsecond)
	want := []row{
		{nil, "7.0", 7.0, "1.5", day, "7", 1.5},
		{nil, "14.0", 14.0, "3", 2 * day, "14", 3.0},
		{nil, "21.0", nil, nil, nil, nil, nil},
	}
	check := func(sources []parquetfile.Source) {
		t.Helper()
		s := engine.Selection{DatasetID: "ds_1", Schema: wide, DateColumn: "d", Order: engine.Ascending, Limit: 5}
		if diff := cmp.Diff(want, read(t, sources, s)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		s.Key = text("14")
		if diff := cmp.Diff(want[1:2], read(t, sources, s)); diff != "" {
			t.Errorf("by key (-want +got):\n%s", diff)
		}
	}
	check([]parquetfile.Source{{Reader: r}})
	newSpec, err := parquetfile.SpecOf(&wide)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parquetfile.Compact(t.Context(), folder, "new", newSpec,
		[]parquetfile.Source{{Reader: r}}); err != nil {
		t.Fatal(err)
	}
	compacted := open(t, folder, "new", newCache(t, 1<<20))
	if err := parquetfile.Check(t.Context(), compacted); err != nil {
		t.Fatal(err)
	}
	check([]parquetfile.Source{{Reader: compacted}})
}

// TestScan walks from every tuple of a file, and from between them.
func TestScan(t *testing.T) {
	t.Parallel()
	schema := prices()
	rows := randomRows(rand.New(rand.NewPCG(3, 3)), 3000, 9, 30)
	r, _ := write(t, parquetfile.Folder(t.TempDir()), "a", schema, 0, newCache(t, 8<<20), rows...)
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatal(err)
	}
	tuples := scanAll(t, r, spec, nil)
	if len(tuples) != len(rows) {
		t.Fatalf("%d tuples", len(tuples))
	}
	for i := 0; i < len(tuples); i += 83 {
		from := tuples[i]
		first := i
		for first > 0 && bytes.Equal(tuples[first-1], from) {
			first--
		}
		if got := scanAll(t, r, spec, from); len(got) != len(tuples)-first {
			t.Errorf("from row %d: %d tuples, want %d", i, len(got), len(tuples)-first)
		}
		after := append(bytes.Clone(from), 0xFF)
		next := i
		for next < len(tuples) && bytes.Equal(tuples[next], from) {
			next++
		}
		if got := scanAll(t, r, spec, after); len(got) != len(tuples)-next {
			t.Errorf("after row %d: %d tuples, want %d", i, len(got), len(tuples)-next)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := r.Scan(ctx, spec, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.Next() || s.Err() == nil {
		t.Error("a walk whose context is over goes on")
	}
}

func scanAll(t *testing.T, r *parquetfile.Reader, spec parquetfile.Spec, from []byte) [][]byte {
	t.Helper()
	s, err := r.Scan(t.Context(), spec, from)
	if err != nil {
		t.Fatal(err)
	}
	var tuples [][]byte
	for s.Next() {
		if n := len(tuples); n > 0 && bytes.Compare(tuples[n-1], s.Tuple()) > 0 {
			t.Fatalf("row %d is out of order", s.Row())
		}
		tuples = append(tuples, bytes.Clone(s.Tuple()))
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return tuples
}

// TestCompact merges files, one of them without some rows, and compares their
// rows with those of the result.
func TestCompact(t *testing.T) {
	t.Parallel()
	schema := prices()
	folder, cache := parquetfile.Folder(t.TempDir()), newCache(t, 8<<20)
	r := rand.New(rand.NewPCG(4, 4))
	var sources []parquetfile.Source
	for i := range 3 {
		reader, _ := write(t, folder, fmt.Sprint(i), schema, int64(i*5000), cache, randomRows(r, 4000, 9, 30)...)
		sources = append(sources, parquetfile.Source{Reader: reader})
	}
	sources[1].Deleted = roaring.BitmapOf(0, 5, 6, 7, 1023, 1024, 3999)
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		t.Fatal(err)
	}
	info, err := parquetfile.Compact(t.Context(), folder, "all", spec, sources)
	if err != nil {
		t.Fatal(err)
	}
	if info.Rows != 3*4000-7 {
		t.Errorf("%d rows", info.Rows)
	}
	all := open(t, folder, "all", cache)
	if err := parquetfile.Check(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		s := randomSelection(r, schema)
		if diff := differ(read(t, sources, s), read(t, []parquetfile.Source{{Reader: all}}, s)); diff != "" {
			t.Fatalf("%s (-files +compacted):\n%s", describe(s), diff)
		}
	}
	sources[0].Deleted, sources[1].Deleted, sources[2].Deleted = roaring.New(), roaring.New(), roaring.New()
	for i := range sources {
		sources[i].Deleted.AddRange(0, 4000)
	}
	if info, err = parquetfile.Compact(t.Context(), folder, "none", spec, sources); err != nil || info.Rows != 0 {
		t.Errorf("nothing is left: %+v, %v", info, err)
	}
	none := open(t, folder, "none", cache)
	if got := read(t, []parquetfile.Source{{Reader: none}}, randomSelection(r, schema)); got != nil {
		t.Errorf("a file without rows has %d", len(got))
	}
}
