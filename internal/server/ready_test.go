package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// health is the response of /readyz.
type health struct {
	Status, Node, Version string
	Checks                []struct{ Name, Status, Fault, Detail, Since string }
}

// check returns a check of the health.
func (h *health) check(name string) (status, fault, detail string) {
	for _, c := range h.Checks {
		if c.Name == name {
			return c.Status, c.Fault, c.Detail
		}
	}
	return "", "", ""
}

func ready(t *testing.T, handler http.Handler) (status int, text string, found health) {
	t.Helper()
	w := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1/readyz", nil)
	handler.ServeHTTP(w, request)
	text = w.Body.String()
	if err := json.Unmarshal(w.Body.Bytes(), &found); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return w.Code, text, found
}

// TestReadyNamesNoPath: a folder of rows that belongs to another state is named
// by both identities, and only the admin listener returns its path.
func TestReadyNamesNoPath(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	t.Cleanup(func() { _ = s.Close() })
	status, text, found := ready(t, s.Handler())
	if status != http.StatusOK || found.Status != "ready" || !strings.HasPrefix(found.Node, "node_") ||
		len(found.Checks) < 8 {
		t.Errorf("%d %s, want ready", status, text)
	}
	identity := filepath.Join(dir, "rows", "ID")
	was, err := os.ReadFile(identity)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(identity, []byte("rows_other\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status, text, found = ready(t, s.Handler())
	rows, fault, _ := found.check("rows")
	if status != http.StatusServiceUnavailable || found.Status != "failing" || rows != "failed" ||
		strings.Contains(text, dir) || !strings.Contains(fault, "rows_other") ||
		!strings.Contains(fault, strings.TrimSpace(string(was))) {
		t.Errorf("public: %d %s, want both identities and no path", status, text)
	}
	status, text, found = ready(t, s.AdminHandler())
	if _, _, detail := found.check("rows"); status != http.StatusServiceUnavailable || !strings.Contains(detail, dir) {
		t.Errorf("admin: %d %s, want the path", status, text)
	}
}

// TestReadyWithoutRoom: a disk below the reserve is reported, and reads go on.
func TestReadyWithoutRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := openWith(t, dir, map[string]string{"disk_reserve": "1000000GiB"}, server.Config{})
	t.Cleanup(func() { _ = s.Close() })
	status, text, found := ready(t, s.Handler())
	if disk, fault, _ := found.check("disk"); status != http.StatusOK || found.Status != "degraded" ||
		disk != "failed" ||
		fault != "below the reserve" {
		t.Errorf("public: %d %s, want the disk", status, text)
	}
	_, text, found = ready(t, s.AdminHandler())
	if _, _, detail := found.check("disk"); !strings.Contains(detail, "MiB") {
		t.Errorf("admin: %s, want how much is free", text)
	}
}

// TestReadyWithAnotherKey: a master key that was replaced or removed while the service
// runs is reported.
func TestReadyWithAnotherKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	t.Cleanup(func() { _ = s.Close() })
	if status, text, found := ready(t, s.Handler()); status != http.StatusOK || found.Status != "ready" {
		t.Fatalf("%d %s", status, text)
	}
	writeKey(t, dir, strings.Repeat("cd", 32))
	status, text, found := ready(t, s.Handler())
	if key, fault, _ := found.check("key"); status != http.StatusServiceUnavailable || key != "failed" ||
		!strings.Contains(fault, "master key") {
		t.Errorf("with another key: %d %s", status, text)
	}
	if err := os.Remove(filepath.Join(dir, "master.key")); err != nil {
		t.Fatal(err)
	}
	status, text, found = ready(t, s.Handler())
	if key, _, _ := found.check("key"); status != http.StatusServiceUnavailable || key != "failed" {
		t.Errorf("without a key: %d %s", status, text)
	}
}

// TestReadyWithoutRoles: a node names the roles that no live node has.
func TestReadyWithoutRoles(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	s := openWith(t, t.TempDir(), map[string]string{
		"database": address(), "rows": address(), "master_key": strings.Repeat("ab", 32), "roles": "serve",
	}, server.Config{})
	t.Cleanup(func() { _ = s.Close() })
	status, text, found := ready(t, s.Handler())
	if status != http.StatusOK || found.Status != "degraded" {
		t.Errorf("%d %s, want degraded", status, text)
	}
	for name, want := range map[string]string{
		"loaders": "no node runs loads", "schedulers": "no node runs schedules",
	} {
		if status, fault, _ := found.check(name); status != "failed" || fault != want {
			t.Errorf("%s is %s (%s), want %s", name, status, fault, want)
		}
	}
	if key, _, _ := found.check("key"); key != "ok" {
		t.Errorf("key is %s: %s", key, text)
	}
}
