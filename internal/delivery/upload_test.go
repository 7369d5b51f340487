package delivery_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body, query string
		want              delivery.Uploaded
		rows              string
	}{
		{
			"JSON", `[{"symbol":"A","day":"2024-01-02","price":1},{"symbol":"B","day":"2024-01-02","price":2}]`, "",
			delivery.Uploaded{Rows: 2},
			`[{"price":1,"symbol":"A"},{"price":2,"symbol":"B"}]`,
		},
		{
			"JSON lines", `{"symbol":"A","day":"2024-01-02","price":1}` + "\n" +
				`{"symbol":"A","day":"2024-01-02","price":2}` + "\n", "wait=true",
			delivery.Uploaded{Rows: 1, Duplicates: 1},
			`[{"price":1,"symbol":"A"}]`,
		},
		{
			"CSV, the last one wins", "symbol|day|price\nA|2024-01-02|1\nA|2024-01-02|2\n", "duplicateKeyHandling=true",
			delivery.Uploaded{Rows: 1, Duplicates: 1},
			`[{"price":2,"symbol":"A"}]`,
		},
		{
			"a bad row", "symbol,day,price\nA,2024-01-02,1\nB,2024-01-02,x\n",
			"overwrite=true&maximumValidationErrors=1",
			delivery.Uploaded{Rows: 1, Rejected: 1},
			`[{"price":1,"symbol":"A"}]`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWell(t)
			w.add(t, "prices", pricesSchemaOf("symbol", "day", "price"))
			values, err := url.ParseQuery(tc.query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := w.Upload(t.Context(), w.owner, w.workspace,
				delivery.Upload{Dataset: "PRICES", Body: strings.NewReader(tc.body), Values: values})
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(got.RejectedRows)) != tc.want.Rejected {
				t.Errorf("the rejected rows are %v", got.RejectedRows)
			}
			tc.want.Dataset, tc.want.Bytes, got.RejectedRows, got.Notes = "prices", int64(len(tc.body)), nil, nil
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			rows, err := w.read(t, delivery.Target{Datasets: "prices"}, "limit=9&sort=asc&filter=symbol,price")
			if err != nil || rows != tc.rows {
				t.Errorf("rows %s, %v", rows, err)
			}
		})
	}
}

// pricesSchemaOf is the schema of prices with some of its columns, looked up
// by symbol and day.
func pricesSchemaOf(names ...string) dataset.Schema {
	whole := pricesSchema()
	schema := dataset.Schema{Index: dataset.Index{Key: "symbol", Date: "day", Unique: true}}
	for _, name := range names {
		c, _, _ := whole.Column(name)
		c.Declared = true
		schema.Columns = append(schema.Columns, c)
	}
	return schema
}

func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	w.add(t, "prices", pricesSchemaOf("symbol", "day", "price"))
	reader := access.Actor{
		Kind: access.Publishable, ID: "tok_2", Workspace: w.workspace, Member: "mem_1",
		Role: access.Owner, Scopes: []access.Scope{{Action: access.DataRead, Dataset: "*"}},
	}
	const good = "symbol,day,price\nA,2024-01-02,1\n"
	for _, tc := range []struct {
		name, dataset, body, query string
		actor                      access.Actor
		want                       problem.Code
	}{
		{
			"too many bad rows", "prices", "symbol,day,price\nA,2024-01-02,1\nB,2024-01-02,x\n",
			"maximumValidationErrors=0", w.owner, problem.Invalid,
		},
		{"nothing", "prices", "", "", w.owner, problem.Invalid},
		{"an unknown parameter", "prices", good, "last=1", w.owner, problem.Invalid},
		{"an invalid number", "prices", good, "maximumValidationErrors=some", w.owner, problem.Invalid},
		{"no such dataset", "nothing", good, "create=false", w.owner, problem.NotFound},
		{"a reader", "prices", good, "", reader, problem.Forbidden},
	} {
		values, err := url.ParseQuery(tc.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.Upload(t.Context(), tc.actor, w.workspace,
			delivery.Upload{Dataset: tc.dataset, Body: strings.NewReader(tc.body), Values: values})
		if !problem.Is(err, tc.want) {
			t.Errorf("%s: %+v, %v", tc.name, got, err)
		}
	}
	if rows, err := w.read(t, delivery.Target{Datasets: "prices"}, "limit=9"); err != nil || rows != "[]" {
		t.Errorf("rows %s, %v", rows, err)
	}
}

// A guessed index that the first upload proves wrong is settled.
func TestUploadSettlesTheIndex(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	schema := pricesSchemaOf("symbol", "day", "price")
	schema.Index.Guessed, schema.Index.Unique, schema.Index.Distinct = true, false, true
	w.add(t, "prices", schema)
	body := "symbol,day,price\nA,2024-01-02,1\nA,2024-01-02,2\n"
	for range 2 {
		if _, err := w.Upload(t.Context(), w.owner, w.workspace,
			delivery.Upload{Dataset: "prices", Body: strings.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := w.store.Dataset(t.Context(), w.workspace, "prices")
	if err != nil || found.Schema.Index.Distinct {
		t.Errorf("the index is %+v, %v", found.Schema.Index, err)
	}
	rows, err := w.read(t, delivery.Target{Datasets: "prices"}, "limit=9&sort=asc&filter=price")
	if want := `[{"price":1},{"price":2},{"price":1},{"price":2}]`; err != nil || rows != want {
		t.Errorf("rows %s, %v", rows, err)
	}
}
