package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/cli"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// audited is a server that has only the audit log, and a command line for it.
type audited struct {
	store   *store.Store
	checker *access.RecordingChecker
	actor   access.Actor
	url     string
}

func serveAudit(t *testing.T) *audited {
	t.Helper()
	s := storetest.Open(t)
	a := &audited{store: s, checker: access.NewChecker(audit.NewRecorder(s), time.Now)}
	a.actor = access.Actor{
		Kind: access.Secret, ID: "tok_1", Name: "ops", Workspace: storetest.Workspace(t, s, "demo"),
		Member: "mem_1", Role: access.Owner, Scopes: append(access.AllScopes(),
			access.Scope{Action: access.ScopeAudit}),
	}
	handler, err := api.New(api.Config{
		Version: "test", Authenticator: a, Workspaces: a, Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		Services: api.Services{Audit: audit.New(audit.Config{Store: s, Checker: a.checker})},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler.Handler())
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// Authenticate accepts one token.
func (a *audited) Authenticate(_ context.Context, text string) (access.Actor, error) {
	if text != "sk_right" {
		return access.Actor{}, problem.New(problem.Unauthenticated, "This token is not known.")
	}
	return a.actor, nil
}

// Resolve knows one workspace.
func (a *audited) Resolve(_ context.Context, name string) (string, error) {
	if name != "demo" {
		return "", access.Missing("workspace", name)
	}
	return a.actor.Workspace, nil
}

// act records the decisions of a few requests.
func (a *audited) act(t *testing.T) {
	t.Helper()
	check := func(workspace string, action access.Action, kind, id string) {
		err := a.checker.Check(t.Context(), a.actor, action, access.Resource{Workspace: workspace, Kind: kind, ID: id})
		if err != nil && !problem.Is(err, problem.NotFound) {
			t.Fatal(err)
		}
	}
	check(a.actor.Workspace, access.IntegrationCreate, "integration", "")
	check(a.actor.Workspace, access.DataRead, "dataset", "ds_1")
	check("ws_2", access.IntegrationRead, "integration", "int_2")
}

func (a *audited) run(t *testing.T, args ...string) (status int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	env := map[string]string{
		"WINDLASS_URL": a.url, "WINDLASS_TOKEN": "sk_right", "WINDLASS_WORKSPACE": "demo",
		"HOME": t.TempDir(),
	}
	status = cli.Run(t.Context(), "test", args, cli.Streams{
		In: strings.NewReader(""), Out: &stdout, Err: &stderr, Now: time.Now,
		Getenv: func(name string) string { return env[name] },
	})
	return status, stdout.String(), stderr.String()
}

func TestAuditList(t *testing.T) {
	t.Parallel()
	a := serveAudit(t)
	a.act(t)
	status, out, errs := a.run(t, "audit", "list", "--json", "--since", "1h")
	var found []client.AuditEntry
	if err := json.Unmarshal([]byte(out), &found); status != 0 || err != nil {
		t.Fatalf("status %d, %v: %s%s", status, err, out, errs)
	}
	var actions []string
	for _, e := range found {
		actions = append(actions, e.Action+" "+e.Outcome)
	}
	if got := strings.Join(actions, ", "); got != "audit.list allowed, integration.read denied, integration.create allowed" {
		t.Errorf("entries %s", got)
	}
	status, out, errs = a.run(t, "audit", "list", "--action", "data.", "--reads")
	if status != 0 || !strings.Contains(out, "ds_1") || strings.Contains(out, "integration") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
	status, out, _ = a.run(t, "audit", "list", "--limit", "1")
	if status != 0 || strings.Count(out, "\n") != 2 {
		t.Errorf("status %d, want a head and one line: %s", status, out)
	}
	if status, _, _ := a.run(t, "audit", "list", "--outcome", "perhaps"); status != 1 {
		t.Errorf("an unknown outcome ends with %d, want 1", status)
	}
}

func TestAuditVerify(t *testing.T) {
	t.Parallel()
	a := serveAudit(t)
	a.act(t)
	status, out, errs := a.run(t, "audit", "verify", "--json")
	var report client.AuditReport
	if err := json.Unmarshal([]byte(out), &report); status != 0 || err != nil || !report.Holds || report.Entries != 4 {
		t.Fatalf("status %d, %v: %s%s", status, err, out, errs)
	}
	if status, out, _ := a.run(t, "audit", "verify", "--head", report.Head); status != 0 || !strings.HasPrefix(out,
		"All 5 entries are valid.") {
		t.Errorf("status %d: %s", status, out)
	}
	if status, _, errs := a.run(t, "audit", "verify", "--head", "4:beef"); status != 1 || !strings.Contains(errs,
		"64 hexadecimal") {
		t.Errorf("status %d: %s", status, errs)
	}
	_, err := a.store.DB().ExecContext(t.Context(),
		`UPDATE audit SET lines = replace(lines, 'denied', 'allowed') WHERE first = 3`)
	if err != nil {
		t.Fatal(err)
	}
	if status, out, _ := a.run(t, "audit", "verify"); status != 1 || !strings.HasPrefix(out, "Entry 3 isn't valid.") {
		t.Errorf("status %d: %s", status, out)
	}
}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	a := serveAudit(t)
	a.act(t)
	name := filepath.Join(t.TempDir(), "audit.jsonl")
	if status, _, errs := a.run(t, "audit", "export", "-o", name); status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	if status, _, _ := a.run(t, "audit", "export", "-o", name); status != 2 {
		t.Errorf("a file that is there was written over: status %d", status)
	}
	if status, out, errs := a.run(t, "audit", "verify", "--file", name); status != 0 || !strings.HasPrefix(out,
		"All 4 entries are valid.") {
		t.Errorf("status %d: %s%s", status, out, errs)
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, bytes.Replace(whole, []byte("denied"), []byte("allowed"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, out, _ := a.run(t, "audit", "verify", "--file", name); status != 1 || !strings.HasPrefix(out,
		"Entry 3 isn't valid.") {
		t.Errorf("status %d: %s", status, out)
	}
	_, err = a.store.DB().ExecContext(t.Context(), `UPDATE audit SET lines = 'x' WHERE first = 3`)
	if err != nil {
		t.Fatal(err)
	}
	if status, _, errs := a.run(t, "audit", "export"); status == 0 || !strings.Contains(errs,
		"the export ended after entry") {
		t.Errorf("an export that broke off: status %d: %s", status, errs)
	}
}

func TestExportOfNothing(t *testing.T) {
	t.Parallel()
	a := serveAudit(t)
	api, err := client.New(client.Config{URL: a.url, Token: "sk_right", Workspace: "demo"})
	if err != nil {
		t.Fatal(err)
	}
	if err := api.ExportAudit(t.Context(), io.Discard); err != nil { // its own decision is in it
		t.Error(err)
	}
}
