package server_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store"
)

// TestRestoreRepeatsRevocations restores a backup with an audit export that is newer: a
// token that was revoked and a provider that was removed meanwhile stay so.
func TestRestoreRepeatsRevocations(t *testing.T) {
	t.Parallel()
	b := startIn(t, filepath.Join(t.TempDir(), "state"), nil, "")
	token := func(name, scope string) (made struct{ ID, Token string }) {
		b.must(t, &made, http.MethodPost, "/v1/workspaces/main/tokens", b.token,
			`{"name":"`+name+`","kind":"secret","scopes":[`+scope+`]}`)
		return made
	}
	before := b.export(t)
	reads := `{"action":"data.read","dataset":"*"}`
	revoked, kept := token("revoked", reads), token("kept", reads)
	var ci struct{ ID string }
	b.must(t, &ci, http.MethodPost, "/v1/workspaces/main/providers", b.token, `{"name":"ci","kind":"github"}`)
	place := backup.NewFolder(t.TempDir())
	b.backup(t, place, server.BackupOptions{})
	b.must(t, nil, http.MethodDelete, "/v1/workspaces/main/tokens/"+revoked.ID+"?confirm=revoked", b.token, "")
	b.must(t, nil, http.MethodDelete, "/v1/workspaces/main/providers/"+ci.ID, b.token, "")
	later := token("later", reads)
	b.must(t, nil, http.MethodDelete, "/v1/workspaces/main/tokens/"+later.ID+"?confirm=later", b.token, "")
	after := b.export(t)
	text, err := os.ReadFile(after)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.jsonl")
	if err := os.WriteFile(changed, []byte(strings.ReplaceAll(string(text), revoked.ID, kept.ID)), 0o600); err != nil {
		t.Fatal(err)
	}

	restore := func(dir, export string) (backup.Restored, error) {
		return server.Restore(t.Context(), b.config(t), place, &server.RestoreOptions{
			Dir: dir, KeyFile: filepath.Join(b.dir, "master.key"), Revocations: export,
		})
	}
	dir := filepath.Join(t.TempDir(), "restored")
	for name, export := range map[string]string{"changed": changed, "older": before} {
		if _, err := restore(dir, export); !problem.Is(err, problem.Refused) {
			t.Errorf("with an export that is %s: %v", name, err)
		}
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("a refused restore wrote the folder: %v", err)
	}
	done, err := restore(dir, after)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range done.Revoked {
		lines = append(lines, r.String())
	}
	if got := strings.Join(lines, "\n"); len(lines) != 3 ||
		!strings.Contains(got, "Repeated: token.revoke "+revoked.ID) ||
		!strings.Contains(got, "Repeated: provider.remove "+ci.ID) ||
		!strings.Contains(got, "Nothing to repeat: token.revoke "+later.ID) {
		t.Errorf("%s", got)
	}
	restored := startIn(t, dir, nil, b.token)
	for text, want := range map[string]int{revoked.Token: http.StatusUnauthorized, kept.Token: http.StatusOK} {
		if got := restored.call(t, http.MethodGet, "/v1/whoami", text, ""); got.status != want {
			t.Errorf("%d %s, want %d", got.status, got.text, want)
		}
	}
	if got := restored.call(t, http.MethodGet, "/v1/workspaces/main/providers/ci", b.token, ""); got.status != 404 {
		t.Errorf("the provider is back: %d %s", got.status, got.text)
	}
	again, err := os.ReadFile(restored.export(t))
	if err != nil || strings.Count(string(again), "Repeated after a restore") != 2 {
		t.Errorf("the audit doesn't have both: %s, %v", again, err)
	}
}

// export writes the audit of the workspace to a file.
func (b *backups) export(t *testing.T) string {
	t.Helper()
	state, err := store.Open(t.Context(), store.Config{DSN: filepath.Join(b.dir, "windlass.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close() //nolint:errcheck // nothing was written
	service := audit.New(audit.Config{Store: state, Checker: access.NewChecker(audit.NewRecorder(state), time.Now)})
	var home struct{ Workspace string }
	b.must(t, &home, http.MethodGet, "/v1/whoami", b.token, "")
	found, err := service.Export(t.Context(), access.Actor{Kind: access.System, ID: access.Setup}, home.Workspace)
	var text bytes.Buffer
	if err == nil {
		err = found.Write(t.Context(), &text)
	}
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	if err == nil {
		err = os.WriteFile(path, text.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}
