package storetest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/store"
)

// empty returns the file of a store that only has its schema. It is created
// once, because that takes most of the time of a test that needs a store.
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
	return os.ReadFile(path) //nolint:gosec // the test's own file
})

// Prepare writes an empty store to a SQLite file, so that opening it needn't
// create the schema.
func Prepare(t testing.TB, path string) {
	t.Helper()
	if err := Create(path); err != nil {
		t.Fatalf("preparing a store: %v", err)
	}
}

// Create is Prepare for code without a test. It leaves a file that exists as it is.
func Create(path string) error {
	file, err := empty()
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the test's own file
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = f.Write(file)
	return errors.Join(err, f.Close())
}
