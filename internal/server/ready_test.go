package server_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/server"
)

func ready(t *testing.T, handler http.Handler) (status int, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/readyz", nil)
	handler.ServeHTTP(w, request)
	return w.Code, w.Body.String()
}

// TestReadyNamesNoPath: a folder of rows that belongs to another state is named
// by both identities, and only the admin listener returns its path.
func TestReadyNamesNoPath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	t.Cleanup(func() { _ = s.Close() })
	if status, text := ready(t, s.Handler()); status != http.StatusOK || text != "ok\n" {
		t.Errorf("%d %q, want ok", status, text)
	}
	identity := filepath.Join(dir, "rows", "ID")
	was, err := os.ReadFile(identity)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(identity, []byte("rows_other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, text := ready(t, s.Handler())
	if status != http.StatusServiceUnavailable || strings.Contains(text, dir) || !strings.Contains(text,
		"rows_other") ||
		!strings.Contains(text, strings.TrimSpace(string(was))) {
		t.Errorf("public: %d %q, want both identities and no path", status, text)
	}
	if status, text := ready(t, s.AdminHandler()); status != http.StatusServiceUnavailable ||
		!strings.Contains(text, dir) {
		t.Errorf("admin: %d %q, want the path", status, text)
	}
}

// TestReadyWithoutRoom: a disk below the reserve is told, and reads go on.
func TestReadyWithoutRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openWith(t, dir, map[string]string{"disk_reserve": "1000000GiB"}, server.Config{})
	t.Cleanup(func() { _ = s.Close() })
	status, text := ready(t, s.Handler())
	if status != http.StatusOK || text != "ok\ndisk: below the reserve\n" {
		t.Errorf("public: %d %q, want the disk", status, text)
	}
	if _, text := ready(t, s.AdminHandler()); !strings.Contains(text, "MiB") {
		t.Errorf("admin: %q, want how much is free", text)
	}
}
