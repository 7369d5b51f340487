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
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// clerk accepts every token as a session of an owner of one workspace.
type clerk struct{ workspace string }

func (c clerk) Authenticate(context.Context, string) (access.Actor, error) {
	return access.Actor{
		Kind: access.Member, ID: "mem_1", Name: "owner@example.com", Workspace: c.workspace, Member: "mem_1",
		Role: access.Owner,
	}, nil
}

func (c clerk) Resolve(context.Context, string) (string, error) { return c.workspace, nil }

// anyBucket is an access key that declares every bucket.
type anyBucket struct{}

func (anyBucket) Access(context.Context, access.Actor, string, string, string) (object.Access, error) {
	return object.Access{}, problem.New(problem.Unavailable, "There is no bucket.")
}

func (anyBucket) Declared(_ context.Context, _ access.Actor, _, id string) (string, []object.Location, error) {
	return id, nil, nil
}

// planner runs an API with schedules and the source "prices", and returns its
// address.
func planner(t testing.TB) string {
	t.Helper()
	s := storetest.Open(t)
	workspace := storetest.Workspace(t, s, "demo")
	checker := access.NewChecker(audit.NewRecorder(s), time.Now)
	err := s.InsertSource(t.Context(), source.Source{
		ID: "src_1", Workspace: workspace, Name: "prices", CredentialID: "cred_1", Bucket: "acme-data",
		Pattern: "*.csv",
		Version: 1, CreatedAt: time.Now(), UpdatedAt: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	sources := source.New(source.Config{Checker: checker, Store: s, Credentials: anyBucket{}, Now: time.Now})
	loads := load.New(load.Config{Checker: checker, Store: s, Sources: sources, Now: time.Now})
	schedules := schedule.New(schedule.Config{
		Checker: checker, Store: s, Sources: sources, Loads: loads, Logger: slog.New(slog.DiscardHandler),
		Now: time.Now,
	})
	feeds := feed.NewService(feed.Config{Checker: checker, Store: s, Sources: sources, Now: time.Now})
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: clerk{workspace}, Workspaces: clerk{workspace},
		Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{
			Schedules: schedules, Loads: loads,
			Feeds: feeds, Sources: sources,
			Pipelines: pipeline.New(pipeline.Config{
				Sources: sources, Feeds: feeds, Schedules: schedules, Loads: loads, Store: s,
			}),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler.Handler())
	t.Cleanup(web.Close)
	return web.URL
}

// TestScheduleScripts runs scripts against a service with the source "prices".
func TestScheduleScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/schedule",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "WINDLASS_URL="+planner(env.T().(testing.TB)), "WINDLASS_TOKEN=sk_right",
				"WINDLASS_WORKSPACE=demo", "HOME="+env.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status(t, noInput),
		},
	})
}
