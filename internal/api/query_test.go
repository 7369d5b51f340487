//go:build cgo

package api_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) {
	sqltest.Worker()
	os.Exit(m.Run())
}

// serveQueries serves SQL over a dataset "Prices" with three rows.
func serveQueries(t *testing.T) *httptest.Server {
	t.Helper()
	state := storetest.Open(t)
	rows := segmenttest.Open(t, state)
	who := owner{storetest.Workspace(t, state, "demo")}
	loadPrices(t, rows, "ds_1")
	if err := state.InsertDataset(t.Context(), dataset.Dataset{
		ID: "ds_1", Workspace: who.workspace, Name: "Prices", Schema: pricesSchema(), CreatedAt: time.Unix(1, 0),
		UpdatedAt: time.Unix(1, 0),
	}); err != nil {
		t.Fatal(err)
	}
	recorder := audit.NewRecorder(state)
	checker := access.NewChecker(recorder, time.Now)
	a, err := api.New(api.Config{
		Version: "test", Authenticator: who, Workspaces: who, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Checker: checker,
		Services: api.Services{Query: query.New(query.Config{
			Checker: checker, Notes: recorder, Datasets: state, Workspaces: state, Engine: sqltest.Open(t, rows),
			Now: time.Now,
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	return server
}

func TestQuery(t *testing.T) {
	t.Parallel()
	server := serveQueries(t)
	const path = "/v1/workspaces/demo/query"
	get := func(pairs ...string) string {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Set(pairs[i], pairs[i+1])
		}
		return path + "?" + values.Encode()
	}
	const jsonType, csvType = "application/json", "text/csv; charset=utf-8; header=present"
	for _, tc := range []struct {
		name, path, body, accept, content string
		media, want                       string
		truncated                         string
	}{
		{name: "GET", path: get("sql", "select sum(price) as s from prices"), media: jsonType, want: `[{"s":4.5}]`},
		{name: "a parameter", path: get("sql", "select day from demo.prices where symbol = $s order by day", "p.s", "MSFT"), media: jsonType, want: `[{"day":"1970-01-01"},{"day":"1970-01-03"}]`},
		{name: "a limit", path: get("sql", "select day from prices order by day", "limit", "1"), media: jsonType, want: `[{"day":"1970-01-01"}]`, truncated: "true"},
		{name: "a format", path: get("sql", "select 1 as x", "format", "csv"), media: csvType, want: "x\n1\n"},
		{name: "Accept", path: get("sql", "select 1 as x"), accept: "application/jsonl", media: "application/x-ndjson", want: "{\"x\":1}\n"},
		{name: "a table", path: get("sql", "select 1 as x", "format", "table"), media: jsonType, want: `{"columns":[{"name":"x","type":"integer"}],"rows":[[1]],"truncated":false}`},
		{name: "numbers", path: get("sql", "select 1 as x", "numbers", "string"), media: jsonType, want: `[{"x":"1"}]`},
		{name: "POST", path: path, content: "application/json", body: `{"sql":"select $a + 0.10 as x, $b as y, $c is null as z","parameters":{"a":1.10,"b":"t","c":null},"limit":5}`, media: jsonType, want: `[{"x":1.20,"y":"t","z":true}]`},
		{name: "POST of SQL", path: path + "?p.a=1&format=csv", content: "application/sql", body: "select $a::integer as x", media: csvType, want: "x\n1\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			method := map[bool]string{true: "GET", false: "POST"}[tc.body == ""]
			got := send(t, server, method, tc.path, tc.body, map[string]string{
				"Authorization": "Bearer sk_right", "Accept": tc.accept, "Content-Type": tc.content,
			})
			if diff := cmp.Diff(tc.want, got.text); got.status != 200 || diff != "" {
				t.Errorf("%d (-want +got):\n%s", got.status, diff)
			}
			if got.header.Get("Content-Type") != tc.media || got.header.Get("Windlass-Sql-Engine") != "duckdb" ||
				got.header.Get("Windlass-Truncated") != tc.truncated ||
				got.header.Get("Cache-Control") != "private, no-store" {
				t.Errorf("headers %v", got.header)
			}
		})
	}
}

func TestQueryRefuses(t *testing.T) {
	t.Parallel()
	server := serveQueries(t)
	const path = "/v1/workspaces/demo/query"
	for _, tc := range []struct {
		name, query, body, content string
		status                     int
		want                       string
	}{
		{"no statement", "", "", "", 400, "sql_syntax"},
		{"syntax", "sql=select%0A+1+form+x+y", "", "", 400, "sql_syntax sql:2:9"},
		{"a file", "sql=select+*+from+read_text('/etc/passwd')", "", "", 400, "sql_not_allowed sql:1:15"},
		{"a name", "sql=select+*+from+nothing", "", "", 400, "sql_name sql:1:15"},
		{"a format", "sql=select+1&format=xml", "", "", 400, "invalid_value"},
		{"a limit", "sql=select+1&limit=0", "", "", 400, "invalid_value"},
		{"a limit beyond", "sql=select+1&limit=100001", "", "", 400, "invalid_value"},
		{"an unknown parameter", "sql=select+1&lmit=5", "", "", 400, "unknown_parameter"},
		{"a parameter twice", "sql=select+1&sql=select+2", "", "", 400, "repeated_parameter"},
		{"no value", "sql=select+$a", "", "", 400, "invalid_value"},
		{"a value too many", "sql=select+1&p.a=1", "", "", 400, "invalid_value"},
		{"a list as a value", "", `{"sql":"select $a","parameters":{"a":[1]}}`, "application/json", 400, "invalid_value"},
		{"an unknown member", "", `{"sql":"select 1","x":1}`, "application/json", 400, "invalid_body"},
		{"no document", "", `select 1`, "application/json", 400, "invalid_body"},
		{"a form", "", `sql=select+1`, "application/x-www-form-urlencoded", 415, ""},
		{"a stream that can't begin", "sql=select+error('no')&format=csv", "", "", 400, "invalid_value"},
		{"a body too large", "", strings.Repeat(" ", 300<<10), "application/sql", 413, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			method := map[bool]string{true: "GET", false: "POST"}[tc.body == ""]
			got := send(t, server, method, path+"?"+tc.query, tc.body, map[string]string{
				"Authorization": "Bearer sk_right", "Content-Type": tc.content,
			})
			var p struct {
				Reason string
				Detail string
				Errors []struct {
					Path         string
					Line, Column int
				}
			}
			if err := json.Unmarshal([]byte(got.text), &p); err != nil {
				t.Fatalf("%s: %v", got.text, err)
			}
			reason := p.Reason
			for _, e := range p.Errors {
				reason += fmt.Sprintf(" %s:%d:%d", e.Path, e.Line, e.Column)
			}
			if got.status != tc.status || !strings.HasPrefix(reason, tc.want) || p.Detail == "" ||
				got.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s: %s", got.status, reason, got.text)
			}
		})
	}
	for _, token := range []string{"", "?token=sk_right&sql=select+1"} {
		if got := ask(t, server, "GET", path+token, nil); got.status != 401 {
			t.Errorf("%q: %d", token, got.status)
		}
	}
}
