//go:build cgo

package query_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/query"
)

var example = regexp.MustCompile("(?ms)^```sql(?: parameters: ([^\n]*))?\n(.*?)^```$")

// TestExamples runs the statements of docs/sql.md.
func TestExamples(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/sql.md")
	if err != nil {
		t.Fatal(err)
	}
	w := newWell(t)
	w.addExamples(t)
	found := example.FindAllStringSubmatch(string(page), -1)
	if len(found) < 5 {
		t.Fatalf("the page has %d statements", len(found))
	}
	for i, m := range found {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			request := query.Request{
				SQL: strings.ReplaceAll(m[2], "main.", "demo."), Parameters: map[string]engine.SQLParameter{},
			}
			for pair := range strings.FieldsSeq(m[1]) {
				name, value, _ := strings.Cut(pair, "=")
				request.Parameters[name] = engine.SQLParameter{Kind: engine.SQLText, Text: value}
			}
			got, _, err := w.ask(t, w.owner, request)
			if err != nil || !strings.HasPrefix(got, "[{") {
				t.Errorf("%s\n%s, %v", request.SQL, got, err)
			}
		})
	}
}

// addExamples creates the datasets of the page.
func (w *well) addExamples(t *testing.T) {
	t.Helper()
	day := func(text string) int64 {
		at, err := time.Parse(time.DateOnly, text)
		if err != nil {
			t.Fatal(err)
		}
		return at.Unix() / 86400
	}
	symbols, days := dataset.NewVector(dataset.String, 0), dataset.NewVector(dataset.Date, 0)
	closing := dataset.Column{Name: "close", Type: dataset.Decimal, Precision: 12, Scale: 2}
	closes, volumes := dataset.NewVectorOf(closing, 0), dataset.NewVector(dataset.Integer, 0)
	for i, symbol := range []string{"MSFT", "MSFT", "AAPL"} {
		symbols.AppendBytes([]byte(symbol))
		days.AppendInt(day("2026-01-02") + int64(i))
		closes.AppendWide(dataset.NewInt128(int64(10_000 + i)))
		volumes.AppendInt(int64(i))
	}
	w.insert(t, "prices", []dataset.Column{
		{Name: "Symbol", Type: dataset.String},
		{Name: "day", Type: dataset.Date},
		closing,
		{Name: "volume", Type: dataset.Integer},
	}, &dataset.Batch{Rows: 3, Vectors: []dataset.Vector{symbols, days, closes, volumes}})
	keys, names := dataset.NewVector(dataset.String, 0), dataset.NewVector(dataset.String, 0)
	keys.AppendBytes([]byte("MSFT"))
	names.AppendBytes([]byte("Microsoft"))
	w.insert(t, "companies", []dataset.Column{
		{Name: "symbol", Type: dataset.String},
		{Name: "name", Type: dataset.String},
	}, &dataset.Batch{Rows: 1, Vectors: []dataset.Vector{keys, names}})
}

func (w *well) insert(t *testing.T, name string, columns []dataset.Column, batch *dataset.Batch) {
	t.Helper()
	schema := dataset.Schema{Columns: columns}
	if err := w.store.InsertDataset(t.Context(), dataset.Dataset{
		ID: "ds_" + name, Workspace: w.workspace, Name: name, Schema: schema, CreatedAt: time.Unix(1, 0),
		UpdatedAt: time.Unix(1, 0),
	}); err != nil {
		t.Fatal(err)
	}
	l, err := w.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_" + name, DatasetID: "ds_" + name, Schema: schema, Duplicates: engine.Ignore,
		Time: time.Unix(2, 0),
	})
	if err == nil {
		err = l.Append(t.Context(), batch)
	}
	if err == nil {
		_, err = l.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}
