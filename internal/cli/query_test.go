//go:build cgo

package cli_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/view"
)

func TestMain(m *testing.M) {
	sqltest.Worker()
	os.Exit(m.Run())
}

// querier is the one token of the one workspace.
type querier struct{ workspace string }

func (q querier) Authenticate(_ context.Context, token string) (access.Actor, error) {
	actor := access.Actor{
		Kind: access.Secret, ID: "tok_1", Workspace: q.workspace, Member: "mem_1", Role: access.Viewer,
		Scopes: []access.Scope{{Action: access.DataQuery}},
	}
	if token == "sk_editor" {
		actor.Role, actor.Scopes = access.Editor, access.AllScopes()
	}
	return actor, nil
}

func (q querier) Resolve(context.Context, string) (string, error) { return q.workspace, nil }

// TestQuery runs "windlass query" against a service with a dataset of three rows.
func TestQuery(t *testing.T) {
	t.Parallel()
	runQueries(t, "testdata/query", "sk_right")
}

// TestView runs "windlass view" against the same service.
func TestView(t *testing.T) {
	t.Parallel()
	runQueries(t, "testdata/view", "sk_editor")
}

func runQueries(t *testing.T, dir, token string) {
	t.Helper()
	address := serveQueries(t)
	var input string // of the next command
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(env *testscript.Env) error {
			env.Setenv("WINDLASS_URL", address)
			env.Setenv("WINDLASS_TOKEN", token)
			env.Setenv("WINDLASS_WORKSPACE", "demo")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"input": func(ts *testscript.TestScript, _ bool, args []string) { input = ts.ReadFile(args[0]) },
			"status": status(t, func() string {
				text := input
				input = ""
				return text
			}, ".sql", ".csv", ".parquet"),
		},
	})
}

func serveQueries(t *testing.T) (address string) {
	t.Helper()
	state := storetest.Open(t)
	rows := segmenttest.Open(t, state)
	who := querier{storetest.Workspace(t, state, "demo")}
	schema := dataset.Schema{Columns: []dataset.Column{
		{Name: "symbol", Type: dataset.String},
		{Name: "price", Type: dataset.Decimal, Precision: 10, Scale: 2},
	}}
	err := state.InsertDataset(t.Context(), dataset.Dataset{
		ID: "ds_prices", Workspace: who.workspace, Name: "prices", Schema: schema, CreatedAt: time.Unix(1, 0),
		UpdatedAt: time.Unix(1, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_prices", Schema: schema, Duplicates: engine.Ignore, Time: time.Unix(2, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	symbols, prices := dataset.NewVector(dataset.String, 3), dataset.NewVectorOf(schema.Columns[1], 3)
	for i, symbol := range []string{"AAPL", "MSFT", "MSFT"} {
		symbols.AppendBytes([]byte(symbol))
		prices.AppendWide(dataset.NewInt128([]int64{110, 120, 210}[i]))
	}
	if err = l.Append(t.Context(), &dataset.Batch{Rows: 3, Vectors: []dataset.Vector{symbols, prices}}); err == nil {
		_, err = l.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	recorder := audit.NewRecorder(state)
	checker := access.NewChecker(recorder, time.Now)
	statements := sqltest.Open(t, rows)
	queries := query.New(query.Config{
		Checker: checker, Notes: recorder, Datasets: state, Workspaces: state, Engine: statements, Now: time.Now,
	})
	views, err := view.New(view.Config{
		Checker: checker, Store: state, Workspaces: state, Engine: statements, Runner: queries, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(views.Close)
	a, err := api.New(api.Config{
		Version: "test", Authenticator: who, Workspaces: who, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{Query: queries, Views: views},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	return server.URL
}
