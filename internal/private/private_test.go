//go:build unix

package private_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/internal/private"
)

func modes(t *testing.T, dir string) map[string]os.FileMode {
	t.Helper()
	found := map[string]os.FileMode{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			found[path[len(dir):]] = info.Mode().Perm()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestAttackFileModesOpenFolder checks that files that others could read
// become unreadable for them.
func TestAttackFileModesOpenFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.MkdirAll(filepath.Join(dir, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"windlass.db", "deep/rows"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := private.Folder(dir); err != nil {
		t.Fatal(err)
	}
	if err := private.Files(dir); err != nil {
		t.Fatal(err)
	}
	for path, mode := range modes(t, dir) {
		if path != "/link" && mode&0o077 != 0 {
			t.Errorf("%s has mode %o", path, mode)
		}
	}
	if info, err := os.Stat(outside); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("a file outside was changed: %v %v", info, err)
	}
}

func TestAttackFileModesNewFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "state")
	if err := private.Folder(dir); err != nil {
		t.Fatal(err)
	}
	if got := modes(t, dir)[""]; got != 0o700 {
		t.Errorf("mode %o, want 700", got)
	}
	if err := private.Folder(filepath.Join(dir)); err != nil {
		t.Errorf("the second start: %v", err)
	}
}
