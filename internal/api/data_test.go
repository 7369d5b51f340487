package api_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// owner has the only token of the only workspace, "demo".
type owner struct{ workspace string }

func (o owner) Authenticate(_ context.Context, token string) (access.Actor, error) {
	if token != "sk_right" {
		return access.Actor{}, problem.New(problem.Unauthenticated, "This token is not known.")
	}
	return access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: o.workspace, Member: "mem_1", Role: access.Owner,
		Scopes: append(access.AllScopes(), access.Scope{Action: access.ScopeAudit}),
	}, nil
}

func (o owner) Resolve(_ context.Context, name string) (string, error) {
	if name != "demo" {
		return "", problem.New(problem.NotFound, "no")
	}
	return o.workspace, nil
}

// serveRows serves a dataset "Prices" with three rows.
func serveRows(t *testing.T) *httptest.Server {
	t.Helper()
	state := storetest.Open(t)
	rows := segmenttest.Open(t, state)
	who := owner{storetest.Workspace(t, state, "demo")}
	loadPrices(t, rows, "ds_1")
	made := dataset.Dataset{
		ID: "ds_1", Workspace: who.workspace, Name: "Prices", Schema: pricesSchema(),
		CreatedAt: time.Unix(1, 0), UpdatedAt: time.Unix(1, 0),
	}
	if err := state.InsertDataset(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	checker := access.NewChecker(audit.NewRecorder(state), time.Now)
	a, err := api.New(api.Config{
		Version: "test", Authenticator: who, Workspaces: who, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{
			Delivery: delivery.New(delivery.Config{
				Checker: checker, Datasets: state, Indexes: &dataset.Service{}, Schemas: state,
				Rows: rows, Random: rand.Reader, Now: time.Now,
			}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	return server
}

func pricesSchema() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "symbol", Type: dataset.String},
			{Name: "day", Type: dataset.Date},
			{Name: "price", Type: dataset.Number, Declared: true},
		},
		Index: dataset.Index{Key: "symbol", Date: "day", Unique: true},
	}
}

func loadPrices(t *testing.T, rows engine.Engine, id string) {
	t.Helper()
	l, err := rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_1", DatasetID: id, Schema: pricesSchema(),
		Duplicates: engine.Ignore, Time: time.Unix(2, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	symbols, days, prices := dataset.NewVector(dataset.String, 3), dataset.NewVector(dataset.Date, 3),
		dataset.NewVector(dataset.Number, 3)
	for i, symbol := range []string{"MSFT", "a/b", "MSFT"} {
		symbols.AppendBytes([]byte(symbol))
		days.AppendInt(int64(i))
		prices.AppendFloat(float64(i) + 0.5)
	}
	if err := l.Append(t.Context(), &dataset.Batch{
		Rows:    3,
		Vectors: []dataset.Vector{symbols, days, prices},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// answered is a completely read response.
type answered struct {
	status int
	header http.Header
	text   string
}

func ask(t *testing.T, server *httptest.Server, method, path string, header map[string]string) answered {
	t.Helper()
	return send(t, server, method, path, "", header)
}

func send(t *testing.T, server *httptest.Server, method, path, body string, header map[string]string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{response.StatusCode, response.Header, string(text)}
}

func TestReadData(t *testing.T) {
	t.Parallel()
	server := serveRows(t)
	bearer := map[string]string{"Authorization": "Bearer sk_right"}
	for _, tc := range []struct {
		name, path string
		header     map[string]string
		status     int
		want       string
	}{
		{"by bearer", "/v1/data/demo/prices", bearer, 200, `[{"day":"1970-01-03","price":2.5,"symbol":"MSFT"}]`},
		{
			"by query", "/v1/data/demo/PRICES/MSFT?last=2&filter=price&token=sk_right", nil, 200,
			`[{"price":2.5},{"price":0.5}]`,
		},
		{"a key with a slash", "/v1/data/demo/prices/a%2Fb?filter=price", bearer, 200, `[{"price":1.5}]`},
		{
			"CSV by header", "/v1/data/demo/prices/MSFT?filter=price&token=sk_right",
			map[string]string{"Accept": "text/csv"},
			200, "price\n2.5\n",
		},
		{
			"JSON by header", "/v1/data/demo/prices/MSFT?filter=price&token=sk_right",
			map[string]string{"Accept": "application/json, text/csv"},
			200, `[{"price":2.5}]`,
		},
		{"no token", "/v1/data/demo/prices", nil, 401, ""},
		{"a wrong token", "/v1/data/demo/prices", map[string]string{"Authorization": "Bearer sk_wrong"}, 401, ""},
		{"a wrong parameter", "/v1/data/demo/prices?lst=1", bearer, 400, ""},
		{"a long query", "/v1/data/demo/prices?symbol=eq." + strings.Repeat("x", 64<<10), bearer, 414, ""},
		{"no such dataset", "/v1/data/demo/nothing", bearer, 404, ""},
		{"no such workspace", "/v1/data/other/prices", bearer, 404, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, server, http.MethodGet, tc.path, tc.header)
			if got.status != tc.status || tc.want != "" && got.text != tc.want {
				t.Fatalf("got %d %s", got.status, got.text)
			}
			if tc.status != 200 {
				var p api.Problem
				if err := json.Unmarshal([]byte(got.text), &p); err != nil || p.Status != tc.status || p.Detail == "" {
					t.Errorf("got %s", got.text)
				}
			} else if got.header.Get("Cache-Control") != "private, no-cache" {
				t.Errorf("rows may be cached: %v", got.header)
			}
		})
	}
}

func TestDeleteData(t *testing.T) {
	t.Parallel()
	server := serveRows(t)
	bearer := map[string]string{"Authorization": "Bearer sk_right"}
	text := ask(t, server, http.MethodDelete, "/v1/data/demo/prices/MSFT?from=1970-01-02&token=sk_right", nil).text
	if !strings.Contains(text, `"success":true,"message":"deleted 1 records","deleted":1`) {
		t.Errorf("got %s", text)
	}
	if got := ask(t, server, http.MethodDelete, "/v1/data/demo/prices/MSFT?last=1", bearer); got.status != 400 {
		t.Errorf("got %d %s", got.status, got.text)
	}
	text = ask(t, server, http.MethodGet, "/v1/data/demo/prices?limit=9&filter=symbol&sort=asc", bearer).text
	if text != `[{"symbol":"MSFT"},{"symbol":"a/b"}]` {
		t.Errorf("left are %s", text)
	}
}

func TestUploadData(t *testing.T) {
	t.Parallel()
	server := serveRows(t)
	// The platform's own documents send CSV as JSON.
	header := map[string]string{"Authorization": "Bearer sk_right", "Content-Type": "application/json"}
	text := send(t, server, http.MethodPost, "/v1/data/demo/prices",
		"symbol,day,price\nNEW,2024-01-02,1\nNEW,2024-01-03,x\n", header).text
	want := `{"success":true,"message":"Data upload of 51B for Prices completed","rows":1,"duplicates":0,"rejected":1,"errors":[{"line":3,"column":"price","value":"x","reason":`
	if !strings.HasPrefix(text, want) {
		t.Errorf("got %s", text)
	}
	if got := send(t, server, http.MethodPost, "/v1/data/demo/prices?x=1", "[]", header); got.status != 400 {
		t.Errorf("got %d %s", got.status, got.text)
	}
	if text := ask(t, server, http.MethodGet, "/v1/data/demo/prices/NEW?filter=price", header).
		text; text != `[{"price":1}]` {
		t.Errorf("rows are %s", text)
	}
}
