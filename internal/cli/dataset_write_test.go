package cli_test

import (
	"crypto/rand"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestWriteScripts runs scripts against a service without datasets, with a token
// for the workspace "demo".
func TestWriteScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/write",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "WINDLASS_URL="+serveWrites(t), "WINDLASS_TOKEN=sk_right",
				"WINDLASS_WORKSPACE=demo", "HOME="+env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status(t, func() string { return `{"station":"c","level":3}` }, ".json", ".jsonl", ".csv"),
		},
	})
}

func serveWrites(t *testing.T) (address string) {
	t.Helper()
	state := storetest.Open(t)
	rows := segmenttest.Open(t, state)
	who := clerk{storetest.Workspace(t, state, "demo")}
	checker := access.NewChecker(audit.NewRecorder(state), time.Now)
	datasets := dataset.New(dataset.Config{Checker: checker, Store: state, Rows: measured{rows}, Now: time.Now})
	a, err := api.New(api.Config{
		Version: "test", Authenticator: who, Workspaces: who, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{Datasets: datasets, Rows: rows, Delivery: delivery.New(delivery.Config{
			Checker: checker, Datasets: state, Indexes: datasets, Schemas: state,
			Rows: rows, Random: rand.Reader, Now: time.Now,
		})},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a.Handler())
	t.Cleanup(server.Close)
	return server.URL
}
