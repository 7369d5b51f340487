package delivery_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// now is a Thursday.
var now = time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)

// well is the service over real state and rows, with datasets to read.
type well struct {
	*delivery.Service
	workspace string
	rows      *segment.Engine
	store     *store.Store
	owner     access.Actor
}

func newWell(t testing.TB) *well {
	t.Helper()
	state := storetest.Open(t)
	rows := segmenttest.Open(t, state)
	w := &well{workspace: storetest.Workspace(t, state, "demo"), rows: rows, store: state}
	w.owner = access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: w.workspace, Member: "mem_1",
		Role: access.Owner, Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}
	w.Service = w.over(rows)
	return w
}

// over is the service over other rows.
func (w *well) over(rows delivery.Rows) *delivery.Service {
	return delivery.New(delivery.Config{
		Checker: w.checker(), Datasets: w.store, Indexes: w.datasets(), Schemas: w.store, Feeds: w.store,
		Rows: rows, Random: rand.Reader, Now: clock,
		Polls: w.store,
	})
}

func clock() time.Time { return now }

func (w *well) checker() *access.RecordingChecker {
	return access.NewChecker(audit.NewRecorder(w.store), clock)
}

func (w *well) datasets() *dataset.Service {
	return dataset.New(dataset.Config{Checker: w.checker(), Store: w.store, Rows: counted{w.rows}, Now: clock})
}

// add creates a dataset with rows; values are int64, float64, string or nil.
func (w *well) add(t testing.TB, name string, schema dataset.Schema, rows ...[]any) string {
	t.Helper()
	made, err := w.datasets().Create(t.Context(), w.owner, w.workspace, dataset.Draft{Name: name, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	l, err := w.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_1", DatasetID: made.ID, Schema: schema,
		Duplicates: engine.Ignore, Time: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := &dataset.Batch{Rows: len(rows)}
	for i, c := range schema.Columns {
		v := dataset.NewVectorOf(c, len(rows))
		for _, r := range rows {
			switch x := r[i].(type) {
			case nil:
				v.AppendNull()
			case int:
				v.AppendInt(int64(x))
			case float64:
				v.AppendFloat(x)
			case dataset.Int128:
				v.AppendWide(x)
			case string:
				v.AppendBytes([]byte(x))
			}
		}
		batch.Vectors = append(batch.Vectors, v)
	}
	if err := l.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

type counted struct{ engine.Engine }

func (c counted) Size(ctx context.Context, id string) (count, bytes int64, err error) {
	stats, err := c.Stats(ctx, id)
	return stats.Rows, stats.Bytes, err
}

func day(text string) int {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return int(t.Unix() / 86400)
}

func pricesSchema() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "symbol", Type: dataset.String},
			{Name: "venue", Type: dataset.Integer},
			{Name: "day", Type: dataset.Date},
			{Name: "price", Type: dataset.Number},
			{Name: "Note", Type: dataset.String},
			{Name: "due", Type: dataset.Date},
		},
		Index: dataset.Index{Key: "symbol", Subkey: "venue", Date: "day", Unique: true},
	}
}

func prices(t testing.TB) *well {
	t.Helper()
	w := newWell(t)
	w.add(t, "Prices", pricesSchema(),
		[]any{"AAPL", 1, day("2024-02-27"), 1.5, nil, day("2024-06-01")},
		[]any{"AAPL", 2, day("2024-02-28"), 2.0, "a \"note\", long", day("2024-05-01")},
		[]any{"AAPL", 1, day("2024-02-29"), 3.25, "", day("2024-04-01")},
		[]any{"AAPL", 1, day("2024-03-01"), 4.0, "x", day("2024-03-01")},
		[]any{"MSFT", 1, day("2023-12-31"), 5.0, "y", nil},
		[]any{"a/b,c", 1, day("2020-05-05"), 6.0, "z", nil},
	)
	return w
}

func (w *well) read(t testing.TB, target delivery.Target, query string) (string, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.Read(t.Context(), w.owner, w.workspace, delivery.Request{Target: target, Values: values})
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Close() }()
	var out bytes.Buffer
	err = answer.Write(t.Context(), &out)
	return out.String(), err
}

func TestRead(t *testing.T) {
	t.Parallel()
	w := prices(t)
	whole := `{"Note":"x","day":"2024-03-01","due":"2024-03-01","price":4,"symbol":"AAPL","venue":1}`
	for _, tc := range []struct{ name, dataset, key, subkey, query, want string }{
		{"the newest row", "PRICES", "", "", "", `[` + whole + `]`},
		{"the newest of a key", "prices", "AAPL", "", "", `[` + whole + `]`},
		{"of a key and subkey", "prices", "AAPL", "2", "filter=price", `[{"price":2}]`},
		{"of no such key", "prices", "aapl", "", "", `[]`},
		{"of a subkey that is no number", "prices", "AAPL", "x", "", `[]`},
		{"a key with signs in it", "prices", "a/b,c", "", "filter=price&batchSeparator=%7C", `[{"price":6}]`},
		{"last", "prices", "AAPL", "", "last=2&filter=price", `[{"price":4},{"price":3.25}]`},
		{"last, oldest first", "prices", "AAPL", "", "last=2&filter=price&sort=ASC", `[{"price":3.25},{"price":4}]`},
		{"first", "prices", "AAPL", "", "first=2&filter=price", `[{"price":1.5},{"price":2}]`},
		{"first, newest first", "prices", "AAPL", "", "first=2&filter=price&sort=desc", `[{"price":2},{"price":1.5}]`},
		{"limit", "prices", "AAPL", "", "limit=3&filter=price", `[{"price":4},{"price":3.25},{"price":2}]`},
		{"limit, oldest first", "prices", "AAPL", "", "limit=2&filter=price&sort=asc", `[{"price":1.5},{"price":2}]`},
		{"last and limit", "prices", "AAPL", "", "last=3&limit=1&filter=price", `[{"price":4}]`},
		{
			"more than there may be", "prices", "AAPL", "", "last=100000&filter=venue",
			`[{"venue":1},{"venue":1},{"venue":2},{"venue":1}]`,
		},
		{"offset", "prices", "AAPL", "", "limit=2&offset=1&filter=price", `[{"price":3.25},{"price":2}]`},
		{"interval", "prices", "AAPL", "", "last=4&interval=2&filter=price", `[{"price":4},{"price":2}]`},
		{"from", "prices", "AAPL", "", "from=2024-02-29&filter=price", `[{"price":4},{"price":3.25}]`},
		{"to", "prices", "AAPL", "", "to=20240228&filter=price", `[{"price":2},{"price":1.5}]`},
		{
			"from and to", "prices", "AAPL", "", "from=2024-02-28&to=2024-02-29&filter=price",
			`[{"price":3.25},{"price":2}]`,
		},
		{"from and first", "prices", "AAPL", "", "from=2024-02-28&first=1&filter=price", `[{"price":2}]`},
		{"on", "prices", "AAPL", "", "on=2024-02-28&from=2024-03-01&filter=price", `[{"price":2}]`},
		{"a range", "prices", "AAPL", "", "range=1D&filter=price", `[{"price":3.25},{"price":2}]`},
		{"a range ahead", "prices", "AAPL", "", "range=1w&calendar=true&filter=price", `[{"price":3.25},{"price":4}]`},
		{"a fixed range", "prices", "", "", "range=Q42023&filter=symbol", `[{"symbol":"MSFT"}]`},
		{"next", "prices", "AAPL", "", "next=5&filter=price", `[{"price":3.25},{"price":4}]`},
		{"next from a day", "prices", "AAPL", "", "next=1&from=2024-02-01&filter=price", `[{"price":1.5}]`},
		{
			"another date", "prices", "AAPL", "", "dateField=due&filter=due&from=2024-04-01&to=2024-05-01",
			`[{"due":"2024-05-01"},{"due":"2024-04-01"}]`,
		},
		{
			"subattribute", "prices", "AAPL", "", "subattribute=venue|1&limit=5&filter=price",
			`[{"price":4},{"price":3.25},{"price":1.5}]`,
		},
		{
			"subattributes", "prices", "AAPL", "", "subattribute=venue|1,price~4&limit=5&filter=price",
			`[{"price":3.25},{"price":1.5}]`,
		},
		{"updated before", "prices", "AAPL", "", "updated=1709209799999&filter=price", `[{"price":4}]`},
		{"updated since", "prices", "AAPL", "", "updated=2024-02-29T12:30:00Z&filter=price", `[]`},
		{
			"several keys", "prices", "MSFT,XYZ,AAPL", "", "filter=symbol,price",
			`[{"price":5,"symbol":"MSFT"},{"price":4,"symbol":"AAPL"}]`,
		},
		{
			"several datasets", "prices,Prices", "MSFT,AAPL", "", "filter=price",
			`[{"price":5},{"price":4},{"price":5},{"price":4}]`,
		},
		{
			"system properties", "prices", "AAPL", "2", "filter=price&includeSystemRecordProperties=true",
			`[{"_systemRecordProperties":{"date":1709078400000,"id":"Prices","key":"AAPL","subkey":"2","updated":1709209800000},"price":2}]`,
		},
		{
			"system properties between", "prices", "MSFT", "", "filter=price,Note&includeInternalRecordProperties=1",
			`[{"Note":"y","_systemRecordProperties":{"date":1703980800000,"id":"Prices","key":"MSFT","subkey":"1","updated":1709209800000},"price":5}]`,
		},
		{
			"CSV", "prices", "AAPL", "", "format=csv&last=3",
			"Note,day,due,price,symbol,venue\nx,2024-03-01,2024-03-01,4,AAPL,1\n\"\",2024-02-29,2024-04-01,3.25,AAPL,1\n\"a \"\"note\"\", long\",2024-02-28,2024-05-01,2,AAPL,2\n",
		},
		{"CSV of nulls", "prices", "MSFT", "", "format=CSV&filter=due,price", "due,price\n,5\n"},
		{
			"CSV, the other way round", "prices", "AAPL", "", "format=csv&last=2&sort=asc&filter=price",
			"price\n3.25\n4\n",
		},
		{
			"CSV with system properties", "prices", "MSFT", "",
			"format=csv&filter=price&includeSystemRecordProperties=true",
			"price,_systemRecordProperties.date,_systemRecordProperties.id,_systemRecordProperties.key,_systemRecordProperties.subkey,_systemRecordProperties.updated\n5,1703980800000,Prices,MSFT,1,1709209800000\n",
		},
		{"CSV of nothing", "prices", "x", "", "format=csv&filter=price", "price\n"},
		{"JSONP", "prices", "MSFT", "", "callback=app.show&filter=price", `/**/app.show([{"price":5}]);`},
		{
			"a schema", "prices", "", "", "schema=true&filter=symbol,price",
			`[{"name":"price","type":"number","required":false,"allow_null":false},{"name":"symbol","type":"string","index":"key","required":false,"allow_null":false}]`,
		},
		{
			"what asks for nothing", "prices", "MSFT", "", "token=x&cache=true&cacheTTL=5&_=1&filter=price",
			`[{"price":5}]`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := w.read(t, delivery.Target{Datasets: tc.dataset, Keys: tc.key, Subkeys: tc.subkey}, tc.query)
			if err != nil {
				t.Fatal(err)
			}
			// Whether columns are required is the schema's affair.
			got = strings.NewReplacer(`"required":true`, `"required":false`, `"allow_null":true`, `"allow_null":false`).
				Replace(got)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	w := prices(t)
	w.add(t, "flat", dataset.Schema{Columns: []dataset.Column{{Name: "x", Type: dataset.Number}}}, []any{1.0})
	for _, tc := range []struct {
		name, dataset, key, query string
		code                      problem.Code
		says                      string
	}{
		{"an unknown parameter", "prices", "", "lst=5", problem.Invalid, `"lst"`},
		{"a parameter twice", "prices", "", "last=5&last=6", problem.Invalid, "last"},
		{"a parameter twice in other letters", "prices", "", "last=5&LAST=6", problem.Invalid, "last"},
		{"no number", "prices", "", "last=five", problem.Invalid, "last"},
		{"no rows", "prices", "", "limit=0", problem.Invalid, "limit"},
		{"first and last", "prices", "", "first=1&last=1", problem.Invalid, "first"},
		{"no date", "prices", "", "from=yesterday", problem.Invalid, "yesterday"},
		{"no range", "prices", "", "range=H32024", problem.Invalid, "H32024"},
		{"no such order", "prices", "", "sort=up", problem.Invalid, "sort"},
		{"no such format", "prices", "", "format=xml", problem.Invalid, "format"},
		{"no such column", "prices", "", "filter=Price", problem.Invalid, `"Price"`},
		{"no such date column", "prices", "", "dateField=x", problem.Invalid, "dateField"},
		{"not a date column", "prices", "", "dateField=price", problem.Invalid, "number"},
		{"no such subattribute", "prices", "", "subattribute=x|1", problem.Invalid, "subattribute"},
		{"a subattribute without a sign", "prices", "", "subattribute=price", problem.Invalid, "subattribute"},
		{"a script for a callback", "prices", "", "callback=alert(1)", problem.Invalid, "callback"},
		{"a separator of letters", "prices", "", "batchSeparator=x", problem.Invalid, "batchSeparator"},
		{"a cursor", "prices", "", "queryId=a_1", problem.Invalid, "queryId"},
		{"a key of a dataset without", "flat", "k", "", problem.Invalid, "key"},
		{"no such dataset", "nothing", "", "", problem.NotFound, "nothing"},
		{"one of two datasets is missing", "prices,nothing", "", "", problem.NotFound, "nothing"},
		{"CSV of two datasets", "prices,flat", "", "format=csv", problem.Invalid, "CSV"},
		{"too many pairs", "prices", strings.Repeat("k,", 2000), "", problem.TooLarge, "2000"},
		{
			"too many pairs of both", strings.Repeat("prices,", 99) + "prices", strings.Repeat("k,", 99), "",
			problem.TooLarge, "2000",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := w.read(t, delivery.Target{Datasets: tc.dataset, Keys: tc.key}, tc.query)
			if tc.name == "too many pairs of both" {
				tc.says = "2000"
			}
			if !problem.Is(err, tc.code) || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

// TestWhoMayRead checks that nobody can distinguish datasets of another
// workspace from missing ones.
func TestWhoMayRead(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	id := w.add(t, "one", pricesSchema(), []any{"A", 1, 1, 1.0, "", 1})
	w.add(t, "two", pricesSchema(), []any{"A", 1, 1, 1.0, "", 1})
	scoped := access.Actor{
		Kind: access.Publishable, ID: "tok_2", Workspace: w.workspace, Member: "mem_1",
		Role: access.Owner, Scopes: []access.Scope{{Action: access.DataRead, Dataset: id}},
	}
	stranger := access.Actor{
		Kind: access.Secret, ID: "tok_3", Workspace: "ws_other", Member: "mem_1",
		Role: access.Owner, Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}
	for _, tc := range []struct {
		name, dataset string
		actor         access.Actor
		want          problem.Code
	}{
		{"its scope", "one", scoped, ""},
		{"its scope by ID", id, scoped, ""},
		{"another dataset", "two", scoped, problem.Forbidden},
		{"one that is not there", "three", scoped, problem.Forbidden},
		{"one of both", "one,two", scoped, problem.Forbidden},
		{"a stranger", "one", stranger, problem.NotFound},
		{"a stranger, nothing", "three", stranger, problem.NotFound},
		{"nobody", "one", access.Actor{Kind: access.Anonymous}, problem.Unauthenticated},
	} {
		answer, err := w.Read(t.Context(), tc.actor, w.workspace,
			delivery.Request{Target: delivery.Target{Datasets: tc.dataset}})
		if err == nil {
			_ = answer.Close()
		}
		var got problem.Code
		if err != nil {
			got = problem.From(err).Code
		}
		if got != tc.want {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
	_, here := w.Read(t.Context(), stranger, w.workspace, delivery.Request{Target: delivery.Target{Datasets: "one"}})
	_, gone := w.Read(t.Context(), w.owner, w.workspace, delivery.Request{Target: delivery.Target{Datasets: "gone"}})
	if strings.Replace(here.Error(), "one", "gone", 1) != gone.Error() {
		t.Errorf("%q and %q differ", here, gone)
	}
}

func TestEveryTypeAsJSON(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	schema := dataset.Schema{Columns: []dataset.Column{
		{Name: "s", Type: dataset.String},
		{Name: "i", Type: dataset.Integer},
		{Name: "n", Type: dataset.Number},
		{Name: "b", Type: dataset.Boolean},
		{Name: "d", Type: dataset.Date},
		{Name: "t", Type: dataset.DateTime},
		{Name: "o", Type: dataset.Object},
		{Name: "x", Type: dataset.Any},
		{Name: "quo\"te\u2028", Type: dataset.Integer},
	}}
	w.add(t, "types", schema,
		[]any{
			"\x00\x1f\"\\\n\r\tä\u2028\u2029 €𝄞</script>", 1<<63 - 1, 1e21, 1, day("0001-01-01"), 1709209800123456,
			`{"a": [1, 2]}`, `broken {`, 1,
		},
		[]any{nil, nil, nil, nil, nil, nil, nil, nil, nil},
	)
	got, err := w.read(t, delivery.Target{Datasets: "types"}, "limit=2&sort=asc")
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"b":true,"d":"0001-01-01","i":9223372036854775807,"n":1e+21,"o":{"a": [1, 2]},"quo\"te\u2028":1,` +
		`"s":"\u0000\u001f\"\\\n\r\tä\u2028\u2029 €𝄞</script>","t":"2024-02-29T12:30:00.123456Z","x":"broken {"},` +
		`{"b":null,"d":null,"i":null,"n":null,"o":null,"quo\"te\u2028":null,"s":null,"t":null,"x":null}]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !json.Valid([]byte(got)) {
		t.Error("this is no JSON")
	}
}

func TestExactNumbers(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	w.add(t, "exact", dataset.Schema{Columns: []dataset.Column{
		{Name: "a", Type: dataset.Decimal, Precision: 38, Scale: 2},
		{Name: "b", Type: dataset.Integer},
		{Name: "c", Type: dataset.Number},
	}},
		[]any{dataset.Int128{Lo: 1 << 63}, 1<<53 + 1, 1e6},
		[]any{dataset.NewInt128(-10), nil, 0.1},
		[]any{nil, 0, nil},
	)
	for query, want := range map[string]string{
		"": `[{"a":92233720368547758.08,"b":9007199254740993,"c":1000000},{"a":-0.10,"b":null,"c":0.1},` +
			`{"a":null,"b":0,"c":null}]`,
		"&numbers=string": `[{"a":"92233720368547758.08","b":"9007199254740993","c":1000000},` +
			`{"a":"-0.10","b":null,"c":0.1},{"a":null,"b":"0","c":null}]`,
		"&format=csv": "a,b,c\n92233720368547758.08,9007199254740993,1000000\n-0.10,,0.1\n,0,\n",
	} {
		got, err := w.read(t, delivery.Target{Datasets: "exact"}, "limit=3&sort=asc"+query)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
	if _, err := w.read(t, delivery.Target{Datasets: "exact"}, "numbers=float"); !problem.Is(err, problem.Invalid) {
		t.Errorf("numbers=float: got %v", err)
	}
}

// failing finds a few times and then fails.
type failing struct {
	delivery.Rows
	good int
}

func (f *failing) Open(ctx context.Context, id string) (engine.View, error) {
	view, err := f.Rows.Open(ctx, id)
	return &failingView{view, f}, err
}

type failingView struct {
	engine.View
	rows *failing
}

func (v *failingView) Lookup(ctx context.Context, s engine.Selection) (engine.Rows, error) {
	if v.rows.good--; v.rows.good < 0 {
		return nil, errors.New("the disk is gone")
	}
	return v.View.Lookup(ctx, s)
}

func TestAFailureUnderWay(t *testing.T) {
	t.Parallel()
	w := prices(t)
	w.Service = w.over(&failing{w.rows, 2})
	got, err := w.read(t, delivery.Target{Datasets: "prices", Keys: "AAPL,MSFT,AAPL"}, "filter=price")
	var list []map[string]any
	if jsonErr := json.Unmarshal([]byte(got), &list); jsonErr != nil || len(list) != 3 {
		t.Fatalf("got %s", got)
	}
	text, _ := list[2]["_system_error"].(string)
	code := text[strings.LastIndex(text, " ")+1:]
	if len(code) != 14 || err == nil || !strings.Contains(err.Error(), code) || strings.Contains(text, "disk") {
		t.Errorf("the caller hears %q, the log %v", text, err)
	}
	// A failure at the beginning is an error, not a response.
	w.Service = w.over(&failing{w.rows, 0})
	if got, err := w.read(t, delivery.Target{Datasets: "prices"}, ""); err == nil {
		t.Errorf("got %s", got)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := prices(t)
	for _, tc := range []struct {
		removal delivery.Removal
		want    int64
	}{
		{delivery.Removal{Dataset: "prices", Key: "AAPL", Subkey: "2", Date: "2024-02-27"}, 0},
		{delivery.Removal{Dataset: "prices", Key: "AAPL", Subkey: "2", Date: "2024-02-28"}, 1},
		{delivery.Removal{
			Dataset: "prices", Key: "AAPL",
			Values: url.Values{"from": {"2024-02-29"}, "to": {"2024-02-29"}},
		}, 1},
		{delivery.Removal{Dataset: "prices", Values: url.Values{"price": {"lt.3"}, "dry_run": {"true"}}}, 1},
		{delivery.Removal{Dataset: "prices", Values: url.Values{"or": {"(price.lt.3,Note.eq.nothing)"}}}, 1},
		{delivery.Removal{Dataset: "prices", Key: "AAPL", Values: url.Values{"price": {"gt.100"}}}, 0},
		{delivery.Removal{Dataset: "prices", Key: "AAPL"}, 1},
	} {
		got, err := w.Delete(t.Context(), w.owner, w.workspace, tc.removal)
		if err != nil || got.Rows != tc.want {
			t.Errorf("%+v: %d, %v", tc.removal, got.Rows, err)
		}
	}
	for _, removal := range []delivery.Removal{
		{Dataset: "prices"},
		{Dataset: "prices", Key: "a", Date: "x"},
		{Dataset: "prices", Key: "a", Values: url.Values{"last": {"1"}}},
		{Dataset: "prices", Values: url.Values{"dry_run": {"true"}}},
		{Dataset: "prices", Values: url.Values{"all": {"true"}, "price": {"eq.1"}}},
		{Dataset: "prices", Values: url.Values{"nope": {"eq.1"}}},
	} {
		if _, err := w.Delete(t.Context(), w.owner, w.workspace, removal); !problem.Is(err, problem.Invalid) {
			t.Errorf("%+v: %v", removal, err)
		}
	}
	reader := access.Actor{
		Kind: access.Publishable, ID: "tok_2", Workspace: w.workspace, Member: "mem_1",
		Role: access.Owner, Scopes: []access.Scope{{Action: access.DataRead, Dataset: "*"}},
	}
	if _, err := w.Delete(t.Context(), reader, w.workspace,
		delivery.Removal{Dataset: "prices", Key: "MSFT"}); !problem.Is(err, problem.Forbidden) {
		t.Errorf("a reader deletes: %v", err)
	}
	got, err := w.read(t, delivery.Target{Datasets: "prices"}, "limit=9&filter=symbol")
	if want := `[{"symbol":"MSFT"},{"symbol":"a/b,c"}]`; err != nil || got != want {
		t.Errorf("left are %s, %v", got, err)
	}
}

func TestLongAnswers(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	var rows [][]any
	for i := range 3000 {
		rows = append(rows, []any{fmt.Sprint("K", i%3), i, i, float64(i), strings.Repeat("long ", 20), i})
	}
	w.add(t, "many", pricesSchema(), rows...)
	got, err := w.read(t, delivery.Target{Datasets: "many", Keys: "K0,K1,K2"}, "last=2000")
	var list []any
	if jsonErr := json.Unmarshal([]byte(got), &list); jsonErr != nil || err != nil || len(list) != 3000 {
		t.Errorf("%d rows, %v, %v", len(list), jsonErr, err)
	}
	got, err = w.read(t, delivery.Target{Datasets: "many", Keys: "K0"}, "first=1000&format=csv&sort=desc")
	records, csvErr := csv.NewReader(strings.NewReader(got)).ReadAll()
	if csvErr != nil || err != nil || len(records) != 1001 || records[1][1] != "1978-03-17" {
		t.Errorf("%d records, %v, %v, %v", len(records), csvErr, err, records[1])
	}
}
