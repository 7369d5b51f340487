package cli_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// measured is the engine as datasets see it.
type measured struct{ *segment.Engine }

func (m measured) Size(ctx context.Context, datasetID string) (rows, bytes int64, err error) {
	stats, err := m.Stats(ctx, datasetID)
	return stats.Rows, stats.Bytes, err
}

// serveSchemas serves the dataset "prices": id and price are texts, and the guessed
// index is still unique.
func serveSchemas(t testing.TB) string {
	t.Helper()
	s := storetest.Open(t)
	workspace := storetest.Workspace(t, s, "demo")
	rows := segmenttest.Open(t, s)
	now := time.Now()
	schema := dataset.Schema{
		Columns: []dataset.Column{
			{Name: "id", Type: dataset.String, AllowNull: true}, {Name: "price", Type: dataset.String, AllowNull: true},
		},
		Index: dataset.Index{Key: "id", Guessed: true, Distinct: true, Reason: "id is complete."},
	}
	err := s.InsertDataset(t.Context(), dataset.Dataset{
		ID: "ds_1", Workspace: workspace, Name: "prices", Schema: schema, CreatedAt: now, UpdatedAt: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	load, err := rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_1", Schema: schema, Duplicates: engine.Ignore, Time: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := &dataset.Batch{Rows: 2, Vectors: []dataset.Vector{
		dataset.NewVector(dataset.String, 2),
		dataset.NewVector(dataset.String, 2),
	}}
	for i, text := range []string{"a", "b", "1.5", "n/k"} {
		batch.Vectors[i/2].AppendBytes([]byte(text))
	}
	if err := load.Append(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if _, err := load.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	checker := access.NewChecker(audit.NewRecorder(s), time.Now)
	datasets := dataset.New(dataset.Config{Checker: checker, Store: s, Rows: measured{rows}, Now: time.Now})
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: clerk{workspace}, Workspaces: clerk{workspace},
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{
			Datasets: datasets, Rows: rows,
			Schemas: alter.New(alter.Config{Datasets: datasets, Store: s, Rows: rows, Now: time.Now}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler.Handler())
	t.Cleanup(web.Close)
	return web.URL
}

func TestSchemaScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/schema",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "WINDLASS_URL="+serveSchemas(env.T().(testing.TB)), "WINDLASS_TOKEN=sk_right",
				"WINDLASS_WORKSPACE=demo", "HOME="+env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status(t, noInput),
		},
	})
}
