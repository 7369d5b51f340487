package delivery_test

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/delivery"
)

// TestColumnar reads rows as Arrow and Parquet: all of them, newest first,
// totals, and with the system's properties.
func TestColumnar(t *testing.T) {
	t.Parallel()
	w, lines := streams(t)
	for query, want := range map[string]struct {
		columns string
		rows    int64
		first   string // row
	}{
		"":                             {"day,key,n", int64(len(lines)), "1970-01-01,k00,-1"},
		"select=n,key&key=eq.k03":      {"n,key", streamDays, "-1,k03"},
		"last=2&key=eq.k03":            {"day,key,n", 2, "1974-02-08,k03,1499"},
		"select=rows:count(),n.max()":  {"rows,max", 1, "28500,1499"},
		"filter=n&limit=1&key=eq.nope": {"n", 0, ""},
		"includeSystemRecordProperties=true&limit=1&key=eq.k03": {
			"day,key,n,_systemRecordProperties.date,_systemRecordProperties.id,_systemRecordProperties.key," +
				"_systemRecordProperties.subkey,_systemRecordProperties.updated", 1,
			"1970-01-01,k03,-1,0,many,k03,(null),",
		},
	} {
		text, err := w.read(t, delivery.Target{Datasets: "many"}, query+"&format=arrow")
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		r, err := ipc.NewReader(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var names, first []string
		for _, f := range r.Schema().Fields() {
			names = append(names, f.Name)
		}
		rows := int64(0)
		for r.Next() {
			if record := r.RecordBatch(); rows == 0 && record.NumRows() > 0 {
				for c := range names {
					first = append(first, record.Column(c).ValueStr(0))
				}
			}
			rows += r.RecordBatch().NumRows()
		}
		if got := strings.Join(first, ","); r.Err() != nil || strings.Join(names, ",") != want.columns ||
			rows != want.rows || !strings.HasPrefix(got, want.first) {
			t.Errorf("%s: %d rows of %v, the first %s, %v", query, rows, names, got, r.Err())
		}
		text, err = w.read(t, delivery.Target{Datasets: "many"}, query+"&format=parquet")
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		file, err := parquet.OpenFile(strings.NewReader(text), int64(len(text)))
		if err != nil || file.NumRows() != want.rows || len(file.Schema().Fields()) != len(names) {
			t.Errorf("%s as Parquet: %v", query, err)
		}
	}
	_, err := w.read(t, delivery.Target{Datasets: "many"}, "format=arrow&callback=f")
	if err == nil {
		t.Error("a script as Arrow is no refusal")
	}
}
