package storetest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/store"
)

// empty is the file of a store that has its schema and nothing else. It never
// changes; to make it takes most of the time of a test that needs a store, and
// so it is made once.
var empty = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "storetest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "state.db")
	s, err := store.Open(context.Background(), store.Config{DSN: path})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // which leaves everything in the one file
		return nil, err
	}
	return os.ReadFile(path) //nolint:gosec // a file of our own
})

// Prepare puts an empty store into a SQLite file, so that whoever opens it next
// has no schema to make.
func Prepare(t testing.TB, path string) {
	t.Helper()
	file, err := empty()
	if err == nil {
		err = os.WriteFile(path, file, 0o600)
	}
	if err != nil {
		t.Fatalf("preparing a store: %v", err)
	}
}
