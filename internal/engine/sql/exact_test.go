//go:build cgo

package sql_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// TestDeletes replaces and deletes rows, and checks that SQL returns the same
// rows as a read, before and after compaction.
func TestDeletes(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	schema := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "key", Type: dataset.String},
			{Name: "n", Type: dataset.Decimal, Precision: 38, Scale: 1},
		},
		Index: dataset.Index{Key: "key", Unique: true},
	}
	r := rand.New(rand.NewPCG(1, 2))
	values := map[string]dataset.Int128{}
	for range 4 {
		var rows [][]any
		for range 3000 {
			key, n := fmt.Sprint("k", r.IntN(5000)), dataset.NewInt128(r.Int64N(1e12))
			rows, values[key] = append(rows, []any{key, n}), n
		}
		w.load(t, "t", schema, rows...)
	}
	for i := range 500 {
		key := fmt.Sprint("k", i)
		if _, err := w.rows.DeleteRows(t.Context(), engine.Removal{Selection: engine.Selection{
			DatasetID: "ds_t", Schema: schema, Key: &key,
		}}); err != nil {
			t.Fatal(err)
		}
		delete(values, key)
	}
	sum := dataset.Int128{}
	for _, n := range values {
		low, _ := n.Int64()
		before, _ := sum.Int64()
		sum = dataset.NewInt128(before + low)
	}
	want := fmt.Sprintf("n:integer keys:integer sum(n):decimal(38,1)\n%d|%d|%s", len(values), len(values),
		dataset.AppendDecimal(nil, sum, 1))
	for _, when := range []string{"before compaction", "after compaction"} {
		got, err := w.query(t, "select count(*) as n, count(distinct key) as keys, sum(n) from t", nil)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", when, got, err, want)
		}
		if err := w.rows.Compact(t.Context(), "ds_t"); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWidened loads files of narrower types: SQL reads the same values as a read.
//
//nolint:tparallel // one source of random values
func TestWidened(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	r := rand.New(rand.NewPCG(3, 4))
	for _, tc := range []struct {
		name       string
		have, want dataset.Column
		values     func(i int) any
	}{
		{
			"integer_number", col(dataset.Integer), col(dataset.Number),
			func(i int) any { return int(r.Int64N(1 << 50)) },
		},
		{"integer_string", col(dataset.Integer), col(dataset.String), func(i int) any { return i - 500 }},
		{"number_string", col(dataset.Number), col(dataset.String), func(i int) any { return double(r, i) }},
		{"number_any", col(dataset.Number), col(dataset.Any), func(i int) any { return double(r, i+10) }},
		{"boolean_string", col(dataset.Boolean), col(dataset.String), func(i int) any { return i%2 == 0 }},
		{"date_string", col(dataset.Date), col(dataset.String), func(i int) any { return r.IntN(40000) }},
		{"date_moment", col(dataset.Date), col(dataset.DateTime), func(i int) any { return i * 100 }},
		{"date_any", col(dataset.Date), col(dataset.Any), func(i int) any { return i * 100 }},
		{
			"moment_string", col(dataset.DateTime), col(dataset.String),
			func(i int) any { return int(r.Int64N(1e15)) / []int{1, 1e3, 1e6}[i%3] * []int{1, 1e3, 1e6}[i%3] },
		},
		{
			"decimal_string", dec(12, 4), col(dataset.String),
			func(i int) any { return dataset.NewInt128(int64(i * []int{1, 100, 10000}[i%3])) },
		},
		{"integer_decimal", col(dataset.Integer), dec(38, 3), func(i int) any { return int(r.Int64()) }},
		{"decimal_decimal", dec(10, 2), dec(20, 5), func(i int) any { return dataset.NewInt128(r.Int64N(1e10)) }},
		{
			"decimal_number", dec(14, 2), col(dataset.Number),
			func(i int) any { return dataset.NewInt128(r.Int64N(1e14)) },
		},
		{"object_any", col(dataset.Object), col(dataset.Any), func(i int) any { return `{"a": 1}` }},
		{"object_string", col(dataset.Object), col(dataset.String), func(i int) any { return `{"a": 1}` }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			schema := func(c dataset.Column) dataset.Schema {
				c.Name = "x"
				return dataset.Schema{
					Columns: []dataset.Column{{Name: "key", Type: dataset.Integer}, c},
					Index:   dataset.Index{Key: "key"},
				}
			}
			rows := [][]any{{-1, nil}}
			for i := range 600 {
				rows = append(rows, []any{i, tc.values(i)})
			}
			w.load(t, tc.name, schema(tc.have), rows...)
			w.load(t, tc.name, schema(tc.want)) // widens it
			want := scanned(t, w, tc.name, schema(tc.want))
			got, err := w.query(t, "select x from "+tc.name+" order by key", nil)
			if err != nil {
				t.Fatal(err)
			}
			_, got, _ = strings.Cut(got, "\n")
			for i, line := range strings.Split(got, "\n") {
				if line != want[i] {
					t.Fatalf("row %d: got %s, want %s", i, line, want[i])
				}
			}
		})
	}
}

func col(t dataset.Type) dataset.Column { return dataset.Column{Type: t} }

func dec(precision, scale int) dataset.Column {
	return dataset.Column{Type: dataset.Decimal, Precision: precision, Scale: scale}
}

// double returns numbers of all sizes.
func double(r *rand.Rand, i int) float64 {
	switch i {
	case 0:
		return math.NaN()
	case 1:
		return math.Inf(1)
	case 2:
		return math.Inf(-1)
	case 3:
		return math.Copysign(0, -1)
	}
	switch i % 3 {
	case 0:
		return math.Float64frombits(r.Uint64N(0x7fe0000000000000))
	case 1:
		return float64(r.Int64N(1e12)) / math.Pow10(r.IntN(12))
	default:
		x, _ := strconv.ParseFloat(fmt.Sprintf("-%de%d", r.IntN(1000), r.IntN(24)-6), 64)
		return x
	}
}

// scanned returns the values of the column x, in the order of the index.
func scanned(t *testing.T, w *well, name string, schema dataset.Schema) []string {
	t.Helper()
	rows, err := w.rows.Scan(t.Context(), "ds_"+name, schema, []string{"x"}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var list []string
	for {
		batch, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if batch == nil {
			return list
		}
		for i := range batch.Rows {
			list = append(list, string(rowtext.AppendJSON(nil, &batch.Vectors[0], i)))
		}
	}
}

// TestWholeCommits queries while rows are loaded, replaced and compacted: each
// query sees whole commits only. Every load sets all rows of a hundred keys to its
// own number.
func TestWholeCommits(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	schema := dataset.Schema{
		Columns: []dataset.Column{{Name: "key", Type: dataset.Integer}, {Name: "n", Type: dataset.Integer}},
		Index:   dataset.Index{Key: "key", Unique: true},
	}
	w.load(t, "t", schema)
	commit(t, w, schema, 0)
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
	defer stop()
	var group sync.WaitGroup
	group.Go(func() {
		for n := 1; ctx.Err() == nil; n++ {
			commit(t, w, schema, n) //nolint:contextcheck // a started commit is finished
			if n%5 == 0 {
				if err := w.rows.Compact(context.WithoutCancel(ctx), "ds_t"); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for ctx.Err() == nil {
		got, err := w.query(t, "select count(*) as n, max(n) - min(n) as d, count(distinct key) as k from t", nil)
		if want := "n:integer d:integer k:integer\n100|0|100"; err != nil || got != want {
			t.Fatalf("got %s, %v", got, err)
		}
	}
	group.Wait()
}

// commit loads a hundred rows with n.
func commit(t *testing.T, w *well, schema dataset.Schema, n int) {
	t.Helper()
	rows := make([][]any, 100)
	for i := range rows {
		rows[i] = []any{i, n}
	}
	l, err := w.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: fmt.Sprint("load_", n), DatasetID: "ds_t", Schema: schema, Duplicates: engine.Replace,
		Time: time.Unix(int64(n), 0),
	})
	if err == nil {
		err = l.Append(t.Context(), batchOf(schema, rows))
	}
	if err == nil {
		_, err = l.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Error(err)
	}
}
