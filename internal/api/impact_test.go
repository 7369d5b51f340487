package api_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/token"
)

// sized is an engine as datasets see it.
type sized struct{ engine.Engine }

func (s sized) Size(ctx context.Context, id string) (rows, bytes int64, err error) {
	stats, err := s.Stats(ctx, id)
	return stats.Rows, stats.Bytes, err
}

// nobody has no members, as if the makers of all tokens had left.
type nobody struct{}

func (nobody) Holder(context.Context, string) (access.Actor, error) {
	return access.Actor{}, problem.New(problem.Unauthenticated, "no")
}

func (nobody) SessionHolder(context.Context, string, time.Time) (access.Actor, error) {
	return access.Actor{}, problem.New(problem.Unauthenticated, "Nobody is here.")
}

// removable is an API with one of each thing that can be removed, each in use:
// the key "legacy" by the source "prices", the source by a load, the dataset
// "Prices" by the token "site".
type removable struct {
	server *httptest.Server
	client *client.Client
	store  *store.Store
	owner
}

func openRemovable(t *testing.T) *removable {
	t.Helper()
	state := storetest.Open(t)
	rows := segmenttest.Open(t, state)
	r := &removable{store: state, owner: owner{storetest.Workspace(t, state, "demo")}}
	r.fill(t, rows)
	checker := access.NewChecker(audit.NewRecorder(state), time.Now)
	a, err := api.New(api.Config{
		Version: "test", Authenticator: r, Workspaces: r, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{
			Datasets:    dataset.New(dataset.Config{Checker: checker, Store: state, Rows: sized{rows}, Now: time.Now}),
			Sources:     source.New(source.Config{Checker: checker, Store: state, Now: time.Now}),
			Credentials: credential.New(credential.Config{Checker: checker, Store: state, Now: time.Now}),
			Tokens:      token.New(token.Config{Checker: checker, Store: state, Members: nobody{}, Now: time.Now}),
			Rows:        rows,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.server = httptest.NewServer(a.Handler())
	t.Cleanup(r.server.Close)
	if r.client, err = client.New(client.Config{URL: r.server.URL, Token: "sk_right", Workspace: "demo"}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *removable) fill(t *testing.T, rows engine.Engine) {
	t.Helper()
	at, w := time.Unix(1, 0), r.workspace
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	loadPrices(t, rows, "ds_1")
	must(r.store.InsertDataset(t.Context(), dataset.Dataset{
		ID: "ds_1", Workspace: w, Name: "Prices",
		Schema: pricesSchema(), CreatedAt: at, UpdatedAt: at,
	}))
	must(r.store.InsertCredential(t.Context(), credential.Credential{
		ID: "cred_1", Workspace: w, Name: "legacy",
		AccessKeyID: "AKIAIOSFODNN7EXAMPLE", CreatedAt: at,
	}))
	must(r.store.InsertSource(t.Context(), source.Source{
		ID: "src_1", Workspace: w, Name: "prices",
		CredentialID: "cred_1", Bucket: "acme", Pattern: "*", Version: 1, CreatedAt: at, UpdatedAt: at,
	}))
	storetest.Load(t, r.store, load.Load{
		ID: "load_1", Workspace: w, SourceID: "src_1", Dataset: "other",
		State: load.Queued, CreatedAt: at,
	})
	must(r.store.InsertToken(t.Context(), token.Token{
		ID: "tok_site", Workspace: w, Kind: token.Publishable, Name: "site", Maker: "mem_1", Tail: "0000",
		Hash: token.HashOf("pk_site"), CreatedAt: at, UsedAt: time.Unix(60, 0),
		Scopes: []access.Scope{{Action: access.DataRead, Dataset: "ds_1"}},
	}))
	must(r.store.InsertToken(t.Context(), token.Token{
		ID: "tok_all", Workspace: w, Kind: token.Publishable, Name: "all", Tail: "0000", Hash: token.HashOf("pk_all"),
		CreatedAt: at,
		Scopes:    []access.Scope{{Action: access.DataRead, Dataset: "*"}},
	}))
}

// Authenticate also accepts a publishable token for the dataset.
func (r *removable) Authenticate(ctx context.Context, text string) (access.Actor, error) {
	if text == "pk_site" {
		scopes := []access.Scope{{Action: access.DataRead, Dataset: "ds_1"}}
		return access.Actor{
			Kind: access.Publishable, ID: "tok_site", Member: "mem_1", Role: access.Owner,
			Workspace: r.workspace, Scopes: scopes,
		}, nil
	}
	return r.owner.Authenticate(ctx, text)
}

// call sends a request and returns the status and the problem document.
func (r *removable) call(t *testing.T, method, path, text string) (int, client.Error) {
	t.Helper()
	got := ask(t, r.server, method, "/v1/workspaces/demo"+path, map[string]string{"Authorization": "Bearer " + text})
	var e client.Error
	if got.text != "" {
		if err := json.Unmarshal([]byte(got.text), &e); err != nil {
			t.Fatalf("%s: %v", got.text, err)
		}
	}
	return got.status, e
}

// TestConfirmation checks that each destructive action needs the resource's
// name. Without it, nothing happens and the refusal has the document of GET
// …/impact.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		path, confirm, stops string
		rows                 int64
		undo                 string
	}{
		{"/datasets/prices", "Prices", "token site", 3, "24h"},
		{"/sources/prices", "prices", "load other", 0, ""},
		{"/credentials/legacy", "legacy", "source prices", 0, ""},
		{"/tokens/tok_site", "site", "token site", 0, ""},
	} {
		t.Run(c.path, func(t *testing.T) {
			t.Parallel()
			r := openRemovable(t)
			for _, query := range []string{
				"", "?confirm=", "?confirm=x", "?confirm=" + strings.ToUpper(c.confirm),
				"?force=true",
			} {
				status, e := r.call(t, http.MethodDelete, c.path+query, "sk_right")
				if status != http.StatusConflict || e.Code != "conflict" || e.Impact == nil {
					t.Fatalf("DELETE %s: %d %+v", query, status, e)
				}
				got := *e.Impact
				var stops []string
				for _, s := range got.Stops {
					stops = append(stops, s.Kind+" "+s.Name)
				}
				if got.Confirm != c.confirm || strings.Join(stops, ",") != c.stops || got.Deletes.Rows != c.rows ||
					got.Undo != c.undo || !strings.Contains(e.Hint, c.confirm) {
					t.Errorf("DELETE %s: %+v, %q", query, got, e.Hint)
				}
			}
			looked := ask(t, r.server, http.MethodGet, "/v1/workspaces/demo"+c.path+"/impact",
				map[string]string{"Authorization": "Bearer sk_right"})
			if looked.status != http.StatusOK || !strings.Contains(looked.text, `"confirm":"`+c.confirm+`"`) {
				t.Errorf("impact: %d %s", looked.status, looked.text)
			}
			if status, e := r.call(t, http.MethodDelete, c.path+"?confirm="+c.confirm,
				"sk_right"); status != http.StatusNoContent {
				t.Errorf("confirmed: %d %+v", status, e)
			}
		})
	}
}

// The impact names tokens and other resources, so a caller who may not act must not
// see it.
func TestAttackImpactWithoutPermission(t *testing.T) {
	t.Parallel()
	r := openRemovable(t)
	for _, path := range []string{"/datasets/ds_1", "/sources/prices", "/credentials/legacy", "/tokens/tok_site"} {
		for _, c := range [][2]string{
			{http.MethodGet, path + "/impact"},
			{http.MethodDelete, path},
			{http.MethodDelete, path + "?confirm=Prices"},
		} {
			status, e := r.call(t, c[0], c[1], "pk_site")
			if status != http.StatusForbidden || e.Impact != nil || strings.Contains(e.Detail+e.Hint, "site") {
				t.Errorf("%s %s: %d %+v", c[0], c[1], status, e)
			}
		}
	}
}

func TestRestoreDataset(t *testing.T) {
	t.Parallel()
	r := openRemovable(t)
	if err := r.client.RemoveDataset(t.Context(), "prices", "Prices"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.Dataset(t.Context(), "ds_1"); !client.IsCode(err, "not_found") {
		t.Errorf("after the removal: %v", err)
	}
	removed, err := r.client.RemovedDatasets(t.Context())
	if err != nil || len(removed) != 1 || removed[0].Rows != 3 || removed[0].RemovedAt.IsZero() {
		t.Errorf("removed: %+v, %v", removed, err)
	}
	restored, err := r.client.RestoreDataset(t.Context(), "prices")
	if err != nil || restored.ID != "ds_1" || restored.Rows != 3 {
		t.Errorf("restored: %+v, %v", restored, err)
	}
	if _, err := r.client.RestoreDataset(t.Context(), "prices"); !client.IsCode(err, "not_found") {
		t.Errorf("restored twice: %v", err)
	}
}
