package store_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestOpenAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a dir", "st?te %41#.db")
	for range 2 {
		s, err := store.Open(t.Context(), store.Config{DSN: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode().Perm())
	}
}

func TestOpenNothing(t *testing.T) {
	t.Parallel()
	if _, err := store.Open(t.Context(), store.Config{}); err == nil {
		t.Error("no DSN was accepted")
	}
}

// TestOpenAtOnce opens one new file from several processes: one migrates, the
// others wait for it.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("STORE_TEST_OPEN"); path != "" {
		s, err := store.Open(t.Context(), store.Config{DSN: path})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return
	}
	path := filepath.Join(t.TempDir(), "state.db")
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOpenAtOnce$")
			c.Env = append(os.Environ(), "STORE_TEST_OPEN="+path)
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	group.Wait()
}

func TestEach(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
