package server_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestSecondNode starts a second node on one state in PostgreSQL, whose rows are in
// local files: it ends with an error that names the first. A third takes over after
// the first has ended, with its folder and its key.
func TestSecondNode(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)()
	first, second := t.TempDir(), t.TempDir()
	config := func(dir string) server.Config {
		return configOf(flagged(t, dir, map[string]string{"database": address}), server.Config{})
	}
	s, err := server.Open(t.Context(), config(first))
	if err != nil {
		t.Fatal(err)
	}
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	refused(t, config(second), "Another node serves this state: "+machine+" at ", "seen ", first)
	refused(t, config(first), "in use by another process")

	if _, err := server.DrainNode(t.Context(), config(second), machine, true); err != nil {
		t.Fatal(err)
	}
	all, err := server.Nodes(t.Context(), config(second))
	live, draining := 0, 0
	for i := range all {
		if all[i].State == node.Live {
			live++
		}
		if !all[i].DrainingAt.IsZero() { // it may be lost by now: nothing beats for it here
			draining++
		}
	}
	if err != nil || draining != 1 || live != 0 {
		t.Errorf("nodes %+v, %v: want one that drains and none that is live", all, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	refused(t, config(second), "doesn't have the rows of this state")
	if err := os.Rename(filepath.Join(first, "rows"), filepath.Join(second, "rows")); err != nil {
		t.Fatal(err)
	}
	refused(t, config(second), "The state has a master key, but this node has none")
	writeKey(t, second, strings.Repeat("ab", 32))
	refused(t, config(second), "This node's master key doesn't match the state's")
	lost := config(second)
	if err := server.AcceptMasterKey(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	if s, err = server.Open(t.Context(), lost); err != nil {
		t.Fatalf("with a key that was accepted: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := server.AcceptMasterKey(t.Context(), config(first)); err != nil {
		t.Fatal(err)
	}
	refused(t, lost, "This node's master key doesn't match the state's")
	key, err := os.ReadFile(filepath.Join(first, "master.key"))
	if err != nil {
		t.Fatal(err)
	}
	writeKey(t, second, string(key))
	if s, err = server.Open(t.Context(), config(second)); err != nil {
		t.Fatalf("with the rows and the key of the first: %v", err)
	}
	if status, text, _ := ready(t, s.Handler()); status != http.StatusOK {
		t.Errorf("%d %s", status, text)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := server.RotateMasterKey(t.Context(), config(second), ""); err != nil {
		t.Fatal(err)
	}
	if _, err := server.FinishMasterKey(t.Context(), config(second)); err != nil {
		t.Fatal(err)
	}
	if s, err = server.Open(t.Context(), config(second)); err != nil {
		t.Fatalf("with a new master key: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func writeKey(t *testing.T, dir, key string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "master.key"), []byte(key), 0o600); err != nil {
		t.Fatal(err)
	}
}

// refused opens a server that must not start.
func refused(t *testing.T, config server.Config, want ...string) {
	t.Helper()
	s, err := server.Open(t.Context(), config)
	if err == nil {
		_ = s.Close()
		t.Fatalf("it starts; want %q", want)
	}
	for _, part := range want {
		if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), part) {
			t.Errorf("refused by %v; want %q", err, part)
		}
	}
}

// TestDrainedNode: a node that drains is not ready, within five seconds.
func TestDrainedNode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	t.Cleanup(func() { _ = s.Close() })
	if status, text, found := ready(t, s.Handler()); status != http.StatusOK || found.Status != "ready" {
		t.Fatalf("%d %q", status, text)
	}
	run(t, s)
	machine, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	cfg := configOf(flagged(t, dir, nil), server.Config{})
	if _, err := server.DrainNode(t.Context(), cfg, machine, true); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		status, text, found := ready(t, s.Handler())
		if status == http.StatusServiceUnavailable && found.Status == "draining" {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d %q, want draining", status, text)
		}
	}
}
