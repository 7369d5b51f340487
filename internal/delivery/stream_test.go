package delivery_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

const streamKeys, streamDays = 20, 1500

// streams has a dataset of 20 keys and 1,500 days in several files, of which
// some rows were replaced and some deleted. It returns the expected lines of a
// stream of all rows.
func streams(t *testing.T) (w *well, lines []string) {
	t.Helper()
	w = newWell(t)
	schema := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "key", Type: dataset.String}, {Name: "day", Type: dataset.Date}, {Name: "n", Type: dataset.Integer},
		},
		Index: dataset.Index{Key: "key", Date: "day", Unique: true},
	}
	var rows [][]any
	for d := range streamDays / 2 {
		for k := range streamKeys {
			rows = append(rows, []any{fmt.Sprintf("k%02d", k), d, -1})
		}
	}
	id := w.add(t, "many", schema, rows...)
	w.load(t, id, schema, streamDays/4, streamDays)
	doomed := "k07"
	if _, err := w.rows.DeleteRows(t.Context(), engine.Removal{Selection: engine.Selection{
		DatasetID: id, Schema: schema, Key: &doomed, DateColumn: "day", Limit: 1,
	}}); err != nil {
		t.Fatal(err)
	}
	for k := range streamKeys {
		for d := range streamDays {
			n := d
			if d < streamDays/4 {
				n = -1
			}
			if k != 7 {
				date := dayText(d)
				lines = append(lines, fmt.Sprintf(`{"day":"%s","key":"k%02d","n":%d}`, date, k, n))
			}
		}
	}
	return w, lines
}

// load replaces and adds rows of days.
func (w *well) load(t *testing.T, id string, schema dataset.Schema, from, to int) {
	t.Helper()
	l, err := w.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_2", DatasetID: id, Schema: schema, Duplicates: engine.Replace, Time: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for d := from; d < to; d++ {
		batch := &dataset.Batch{Rows: streamKeys, Vectors: []dataset.Vector{
			dataset.NewVector(dataset.String, 0), dataset.NewVector(dataset.Date, 0),
			dataset.NewVector(dataset.Integer, 0),
		}}
		for k := range streamKeys {
			batch.Vectors[0].AppendBytes(fmt.Appendf(nil, "k%02d", k))
			batch.Vectors[1].AppendInt(int64(d))
			batch.Vectors[2].AppendInt(int64(d))
		}
		if err := l.Append(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func dayText(d int) string { return now.AddDate(0, 0, d-day("2024-02-29")).Format("2006-01-02") }

func TestStreamOfADataset(t *testing.T) {
	t.Parallel()
	w, lines := streams(t)
	for _, c := range []struct {
		name, query string
		want        []string
	}{
		{"all rows", "format=ndjson", lines},
		{"a limit above a page", "format=ndjson&limit=20001", lines[:20001]},
		{"a limit below a page", "format=ndjson&limit=3", lines[:3]},
		{"more than there are", "format=ndjson&limit=2000000000", lines},
	} {
		got, err := w.read(t, delivery.Target{Datasets: "many"}, c.query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, strings.Split(strings.TrimSuffix(got, "\n"), "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%.500s", c.name, diff)
		}
	}
	got, err := w.read(t, delivery.Target{Datasets: "many"}, "format=csv&limit=30000&filter=n,key")
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	if len(rows) != len(lines)+1 || rows[0] != "key,n" || rows[1] != "k00,-1" || rows[len(rows)-1] != "k19,1499" {
		t.Errorf("CSV: %d rows, %q … %q", len(rows), rows[:2], rows[len(rows)-1])
	}
}

func TestStreamOfAKey(t *testing.T) {
	t.Parallel()
	w, lines := streams(t)
	of := lines[3*streamDays : 4*streamDays]
	got, err := w.read(t, delivery.Target{Datasets: "many", Keys: "k03"}, "format=ndjson")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(of, strings.Split(strings.TrimSuffix(got, "\n"), "\n")); diff != "" {
		t.Errorf("all rows of a key (-want +got):\n%.500s", diff)
	}
	got, err = w.read(t, delivery.Target{Datasets: "many", Keys: "k03"},
		"format=ndjson&limit=1200&from="+dayText(100)+"&to="+dayText(1400))
	if err != nil {
		t.Fatal(err)
	}
	window := of[100:1300]
	if diff := cmp.Diff(window, strings.Split(strings.TrimSuffix(got, "\n"), "\n")); diff != "" {
		t.Errorf("a window of a key (-want +got):\n%.500s", diff)
	}
}

func TestEmptyStream(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	w.add(t, "none", pricesSchema())
	for query, want := range map[string]string{
		"format=ndjson": "", "format=csv&limit=5000": "Note,day,due,price,symbol,venue\n",
	} {
		if got, err := w.read(t, delivery.Target{Datasets: "none"}, query); err != nil || got != want {
			t.Errorf("%s: %q %v, want %q", query, got, err, want)
		}
	}
}

func TestStreamsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := prices(t)
	for _, c := range []struct{ dataset, key, query string }{
		{"prices", "", "format=ndjson&callback=f"},
		{"prices", "", "format=ndjson&last=5&order=price"},
		{"prices", "", "format=ndjson&filter=price&select=price"},
		{"prices,prices", "", "format=ndjson"},
		{"prices", "", "format=ndjson&limit=0"},
	} {
		got, err := w.read(t, delivery.Target{Datasets: c.dataset, Keys: c.key}, c.query)
		if !problem.Is(err, problem.Invalid) {
			t.Errorf("%s/%s?%s: %q %v, want invalid", c.dataset, c.key, c.query, got, err)
		}
	}
	if _, err := w.read(t, delivery.Target{Datasets: "missing"}, "format=ndjson"); !problem.Is(err, problem.NotFound) {
		t.Errorf("a missing dataset: %v, want not_found", err)
	}
}

// TestAPageStaysAPage checks that without a stream, no response has more than
// 1,000 rows.
func TestAPageStaysAPage(t *testing.T) {
	t.Parallel()
	w, _ := streams(t)
	for _, c := range []struct{ key, query string }{
		{"", "limit=5000"},
		{"k03", "limit=5000"},
		{"k03", "format=csv&limit=5000"},
		{"", "format=csv&limit=5000&last=5000"},
	} {
		got, err := w.read(t, delivery.Target{Datasets: "many", Keys: c.key}, c.query)
		if n := strings.Count(got, "k"); err != nil || n < 1000 || n > 2001 {
			t.Errorf("%s?%s: %d rows %v, want 1,000", c.key, c.query, n, err)
		}
	}
}
