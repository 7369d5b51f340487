package dir_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/dir"
	"github.com/windlass-io/windlass/internal/object/objecttest"
)

func mustOpen(t *testing.T, path string) *dir.Bucket {
	t.Helper()
	b, err := dir.Open("bucket", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
}

func TestConformance(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Bucket { return mustOpen(t, t.TempDir()) })
}

func TestNothingOutsideIsReached(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(outside, []byte("a,b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(folder, "link.csv")); err != nil {
		t.Fatal(err)
	}
	b := mustOpen(t, folder)
	for _, key := range []string{"link.csv", "../" + filepath.Base(outside), outside, "", "a//b", ".hidden"} {
		_, _, err := b.Read(t.Context(), key, object.ReadOptions{})
		var f *object.Failure
		if !errors.As(err, &f) {
			t.Errorf("Read(%q): got %v, want a refusal", key, err)
		}
	}
	page, err := b.List(t.Context(), "", "", 10)
	if err != nil || len(page.Objects) != 0 {
		t.Errorf("List: got %+v, %v; want nothing", page, err)
	}
}
