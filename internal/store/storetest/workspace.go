package storetest

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/store"
)

// Workspace creates a workspace and returns its ID, for tests of resources in a
// workspace.
func Workspace(t testing.TB, s *store.Store, name string) string {
	t.Helper()
	workspaceID := id.New("ws", time.Now()) //nolint:forbidigo // an identifier of a test
	_, err := s.DB().ExecContext(t.Context(), "INSERT INTO workspace (id, name, created_at) VALUES ($1, $2, 1)",
		workspaceID, name)
	if err != nil {
		t.Fatal(err)
	}
	return workspaceID
}

// Load stores a load that joins no other one.
func Load(t testing.TB, s *store.Store, made load.Load) {
	t.Helper()
	queued, err := s.QueueLoad(t.Context(), made)
	if err != nil {
		t.Fatal(err)
	}
	if queued.ID != made.ID {
		t.Fatalf("%s joined %s", made.ID, queued.ID)
	}
}
