//go:build cgo

package query_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) {
	sqltest.Worker()
	os.Exit(m.Run())
}

// well is the service over real state and rows.
type well struct {
	*query.Service
	store     *store.Store
	rows      *segment.Engine
	recorder  *audit.Recorder
	workspace string
	owner     access.Actor
}

func newWell(t *testing.T, change ...func(*query.Config)) *well {
	t.Helper()
	state := storetest.Open(t)
	w := &well{store: state, rows: segmenttest.Open(t, state), workspace: storetest.Workspace(t, state, "demo")}
	w.owner = access.Actor{
		Kind: access.Secret, ID: "tok_1", Token: "tok_1", Workspace: w.workspace, Member: "mem_1", Role: access.Owner,
		Scopes: []access.Scope{{Action: access.DataQuery}},
	}
	w.recorder = audit.NewRecorder(state)
	config := query.Config{
		Checker: access.NewChecker(w.recorder, time.Now), Notes: w.recorder, Datasets: state, Workspaces: state,
		Engine: sqltest.Open(t, w.rows), Now: time.Now,
	}
	for _, c := range change {
		c(&config)
	}
	w.Service = query.New(config)
	return w
}

// add creates a dataset in a workspace with symbols, prices and notes.
func (w *well) add(t *testing.T, workspaceID, name string, rows ...[]any) {
	t.Helper()
	schema := dataset.Schema{Columns: []dataset.Column{
		{Name: "Symbol", Type: dataset.String},
		{Name: "price", Type: dataset.Decimal, Precision: 20, Scale: 2},
		{Name: "ratio", Type: dataset.Number},
	}}
	made := dataset.Dataset{
		ID: "ds_" + strings.ToLower(name), Workspace: workspaceID, Name: name, Schema: schema,
		CreatedAt: time.Unix(1, 0), UpdatedAt: time.Unix(1, 0),
	}
	if err := w.store.InsertDataset(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	symbols, prices, ratios := dataset.NewVector(dataset.String, 0), dataset.NewVectorOf(schema.Columns[1], 0),
		dataset.NewVector(dataset.Number, 0)
	for _, r := range rows {
		if r[0] == nil {
			symbols.AppendNull()
		} else {
			symbols.AppendBytes([]byte(r[0].(string)))
		}
		prices.AppendWide(dataset.NewInt128(int64(r[1].(int))))
		ratios.AppendFloat(r[2].(float64))
	}
	l, err := w.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_" + name, DatasetID: made.ID, Schema: schema, Duplicates: engine.Ignore, Time: time.Unix(2, 0),
	})
	if err == nil {
		err = l.Append(t.Context(), &dataset.Batch{Rows: len(rows), Vectors: []dataset.Vector{symbols, prices, ratios}})
	}
	if err == nil {
		_, err = l.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func prices(t *testing.T, change ...func(*query.Config)) *well {
	t.Helper()
	w := newWell(t, change...)
	w.add(t, w.workspace, "Prices", []any{"AAPL", 110, 0.5}, []any{"", 900719925474099301, 1e21}, []any{nil, -5, -1.0})
	return w
}

func (w *well) ask(t *testing.T, actor access.Actor, request query.Request) (text string, truncated bool, err error) {
	t.Helper()
	if request.Format == "" {
		request.Format = query.JSON
	}
	a, err := w.Query(t.Context(), actor, w.workspace, request)
	if err != nil {
		return "", false, err
	}
	var out bytes.Buffer
	err = a.Write(t.Context(), &out)
	return out.String(), a.Truncated(), errors.Join(err, a.Close())
}

func TestFormats(t *testing.T) {
	t.Parallel()
	w := prices(t)
	for _, tc := range []struct {
		name      string
		request   query.Request
		want      string
		truncated bool
	}{
		{
			"JSON",
			query.Request{SQL: "from prices order by price"},
			`[{"symbol":null,"price":-0.05,"ratio":-1},{"symbol":"AAPL","price":1.10,"ratio":0.5},{"symbol":"","price":9007199254740993.01,"ratio":1e+21}]`, false,
		},
		{"numbers as strings", query.Request{
			SQL:    "select max(price) as p, 1 as n, 0.5::double as r from prices",
			Quoted: true,
		}, `[{"p":"9007199254740993.01","n":"1","r":0.5}]`, false},
		{
			"infinite dates",
			query.Request{SQL: "select date 'infinity' as d, timestamp '-infinity' as t, timestamptz 'infinity' as z, {'d': date '-infinity'} as o"},
			`[{"d":null,"t":null,"z":null,"o":{"d":null}}]`, false,
		},
		{"nothing", query.Request{SQL: "from prices where false"}, `[]`, false},
		{
			"a limit",
			query.Request{SQL: "select price from prices order by price", Limit: 2},
			`[{"price":-0.05},{"price":1.10}]`, true,
		},
		{
			"a limit that is just enough",
			query.Request{SQL: "select price from prices order by price limit 2", Limit: 2},
			`[{"price":-0.05},{"price":1.10}]`, false,
		},
		{"a table", query.Request{
			SQL: "select symbol, price from prices order by price", Format: query.Table,
			Limit: 1,
		}, `{"columns":[{"name":"symbol","type":"string"},{"name":"price","type":"decimal(20,2)"}],"rows":[[null,-0.05]],"truncated":true}`, true},
		{"CSV", query.Request{SQL: `select symbol, price, 'a "b"' as "x,y", 'nan'::double as n, '-inf'::double as i from prices order by price`, Format: query.CSV}, "symbol,price,\"x,y\",n,i\n,-0.05,\"a \"\"b\"\"\",NaN,-Infinity\nAAPL,1.10,\"a \"\"b\"\"\",NaN,-Infinity\n\"\",9007199254740993.01,\"a \"\"b\"\"\",NaN,-Infinity\n", false},
		{
			"CSV of nothing",
			query.Request{SQL: "select symbol from prices where false", Format: query.CSV},
			"symbol\n",
			false,
		},
		{"NDJSON with a limit", query.Request{
			SQL: "select price from prices order by price", Format: query.NDJSON,
			Limit: 2,
		}, "{\"price\":-0.05}\n{\"price\":1.10}\n", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, truncated, err := w.ask(t, w.owner, tc.request)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || truncated != tc.truncated {
				t.Errorf("truncated: %v (-want +got):\n%s", truncated, diff)
			}
		})
	}
}

func TestLongAnswers(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	text, truncated, err := w.ask(t, w.owner, query.Request{SQL: "select i from range(5000) t(i)"})
	if err != nil || !truncated || strings.Count(text, "{") != query.DefaultLimit {
		t.Errorf("1,000 rows by default: %d, %v, %v", strings.Count(text, "{"), truncated, err)
	}
	text, truncated, err = w.ask(t, w.owner, query.Request{
		SQL: "select repeat('x', 10000) as s from range(5000)", Limit: query.MaxLimit,
	})
	if err != nil || !truncated || len(text) > query.MaxBytes+1 || len(text) < query.MaxBytes-20_000 {
		t.Errorf("8 MiB: %d bytes, %v, %v", len(text), truncated, err)
	}
	text, _, err = w.ask(t, w.owner, query.Request{SQL: "select i from range(300000) t(i)", Format: query.CSV})
	if err != nil || strings.Count(text, "\n") != 300_001 {
		t.Errorf("a stream: %d lines, %v", strings.Count(text, "\n"), err)
	}
}

// TestAttackSQLAccess queries as actors who may not.
func TestAttackSQLAccess(t *testing.T) {
	t.Parallel()
	w := prices(t)
	other := storetest.Workspace(t, w.store, "other")
	w.add(t, other, "Secrets", []any{"x", 1, 1.0})
	actor := func(kind access.Kind, change func(*access.Actor)) access.Actor {
		a := w.owner
		a.Kind = kind
		change(&a)
		return a
	}
	for _, tc := range []struct {
		name, sql string
		actor     access.Actor
		code      problem.Code
	}{
		{"a session", "from prices", actor(access.Member, func(a *access.Actor) { a.Scopes, a.Token = nil, "" }), ""},
		{
			"a viewer's personal token", "from prices",
			actor(access.Personal, func(a *access.Actor) { a.Role, a.Scopes = access.Viewer, nil }), "",
		},
		{
			"a secret token without the scope", "from prices",
			actor(access.Secret, func(a *access.Actor) {
				a.Scopes = []access.Scope{{
					Action:  access.DataRead,
					Dataset: access.Every,
				}}
			}), problem.Forbidden,
		},
		{"a publishable token", "from prices", actor(access.Publishable, func(*access.Actor) {}), problem.Forbidden},
		{"a workload", "from prices", actor(access.Workload, func(*access.Actor) {}), problem.Forbidden},
		{"nobody", "from prices", access.Actor{Kind: access.Anonymous}, problem.Unauthenticated},
		{
			"another workspace's member", "from prices",
			actor(access.Secret, func(a *access.Actor) { a.Workspace = other }), problem.NotFound,
		},
		{"another workspace's dataset", "from secrets", w.owner, problem.Invalid},
		{"another workspace's dataset, named with it", "from other.secrets", w.owner, problem.Invalid},
		{"a dataset's ID", "from ds_prices", w.owner, problem.Invalid},
		{"another workspace's dataset's ID", "from ds_secrets", w.owner, problem.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := w.ask(t, tc.actor, query.Request{SQL: tc.sql})
			if tc.code == "" && err != nil || tc.code != "" && !problem.Is(err, tc.code) {
				t.Errorf("%q, %v", got, err)
			}
			if err != nil && strings.Contains(problem.From(err).Hint, "Secrets") {
				t.Errorf("names a dataset of another workspace: %s", problem.From(err).Hint)
			}
		})
	}
}

func TestNearestName(t *testing.T) {
	t.Parallel()
	w := prices(t)
	_, _, err := w.ask(t, w.owner, query.Request{SQL: "select * from price"})
	if e := problem.From(err); e.Reason != engine.SQLName || !strings.Contains(e.Hint, `"Prices"`) {
		t.Errorf("%v: %s", e, e.Hint)
	}
	_, _, err = w.ask(t, w.owner, query.Request{SQL: "select * from completely_different"})
	if e := problem.From(err); e.Reason != engine.SQLName || strings.Contains(e.Hint, "Prices") {
		t.Errorf("%v: %s", e, e.Hint)
	}
}

// forgetful can't record notes.
type forgetful struct{}

func (forgetful) Note(context.Context, audit.Entry) error { return errors.New("the disk is full") }

func TestRecorded(t *testing.T) {
	t.Parallel()
	w := prices(t)
	if _, _, err := w.ask(t, w.owner, query.Request{SQL: "select count(*) from PRICES, prices p"}); err != nil {
		t.Fatal(err)
	}
	log := audit.New(audit.Config{Store: w.store, Checker: access.NewChecker(w.recorder, time.Now)})
	reader := w.owner
	reader.Scopes = []access.Scope{{Action: access.ScopeAudit}}
	entries, err := log.List(t.Context(), reader, w.workspace, audit.Filter{Action: "data.query"}, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for _, e := range entries.Items {
		seen = append(seen, fmt.Sprint(e.Outcome, " ", e.Detail["tables"], " ", e.Detail["sql_sha256"]))
	}
	if len(seen) != 2 || !strings.HasPrefix(seen[0], "done Prices ") || len(seen[0]) != len("done Prices ")+64 ||
		seen[1] != "allowed  " {
		t.Errorf("recorded %q", seen)
	}

	silent := prices(t, func(c *query.Config) { c.Notes = forgetful{} })
	if _, _, err := silent.ask(t, silent.owner, query.Request{SQL: "from prices"}); !problem.Is(err,
		problem.Unavailable) {
		t.Errorf("a query that can't be recorded: %v", err)
	}
}

// TestAttackSQLAtOnce runs many queries at once: those of one token leave room for
// those of another, and the rest is refused with a time to retry.
func TestAttackSQLAtOnce(t *testing.T) {
	t.Parallel()
	w := newWell(t, func(c *query.Config) { c.AtOnce, c.PerToken, c.Wait = 2, 1, 300*time.Millisecond })
	const slow = "select i from range(100000000) t(i)"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := w.Query(ctx, w.owner, w.workspace, query.Request{SQL: slow, Format: query.CSV})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.ask(t, w.owner, query.Request{SQL: "select 1"})
	if e := problem.From(err); e.Reason != "busy" || e.Code != problem.Unavailable || e.Retry <= 0 {
		t.Errorf("the same token: %v", err)
	}
	another := w.owner
	another.Token = "tok_2"
	if _, _, err = w.ask(t, another, query.Request{SQL: "select 1"}); err != nil {
		t.Errorf("another token: %v", err)
	}
	second, err := w.Query(ctx, another, w.workspace, query.Request{SQL: slow, Format: query.CSV})
	if err != nil {
		t.Fatal(err)
	}
	third := w.owner
	third.Token = "tok_3"
	if _, _, err = w.ask(t, third, query.Request{SQL: "select 1"}); problem.From(err).Reason != "busy" {
		t.Errorf("a third token: %v", err)
	}
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err = w.ask(t, w.owner, query.Request{SQL: "select 1"}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	w := newWell(t, func(c *query.Config) { c.Time = time.Second })
	for _, format := range []query.Format{query.JSON, query.CSV} {
		_, _, err := w.ask(t, w.owner, query.Request{
			SQL: "select count(*) from range(10000000000) t(i) where hash(i) = 1", Format: format,
		})
		if problem.From(err).Reason != engine.SQLTimeLimit {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// TestColumnarFormats reads the rows of a query as Arrow and Parquet.
func TestColumnarFormats(t *testing.T) {
	t.Parallel()
	w := prices(t)
	for _, format := range []query.Format{query.Arrow, query.Parquet} {
		text, _, err := w.ask(t, w.owner, query.Request{SQL: "select symbol, price from prices", Format: format})
		if err != nil {
			t.Fatal(err)
		}
		switch format {
		case query.Arrow:
			r, err := ipc.NewReader(strings.NewReader(text))
			if err != nil || !r.Next() || r.RecordBatch().NumRows() != 3 ||
				!strings.HasPrefix(r.Schema().Field(1).Type.String(), "decimal") {
				t.Errorf("arrow: %v, %v", r, err)
			}
		default:
			file, err := parquet.OpenFile(strings.NewReader(text), int64(len(text)))
			if err != nil || file.NumRows() != 3 || file.Schema().Fields()[0].Name() != "symbol" {
				t.Errorf("parquet: %v", err)
			}
		}
	}
}
