package segment_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/engine/segment"
)

// TestPinnedFiles checks that files that compaction replaced are kept while a pin
// exists, even over a restart, and deleted afterwards.
func TestPinnedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	e := must(t, dir, func(c *segment.Config) { c.Compact = false })
	for i := range 30 {
		e.mustLoad(t, "ds_a", i*10, i*10+10, 1)
	}
	before := e.files(t)
	if err := e.state.PinRows(t.Context(), "pin_1", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := e.Compact(t.Context(), "ds_a"); err != nil {
		t.Fatal(err)
	}
	expectKept := func() {
		t.Helper()
		now := e.files(t)
		for name := range before {
			if !now[name] {
				t.Errorf("%s is gone", name)
			}
		}
		if len(now) == len(before) {
			t.Error("compaction wrote nothing")
		}
	}
	expectKept()
	if err := e.SweepLeft(t.Context()); err != nil {
		t.Fatal(err)
	}
	expectKept()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	e = must(t, dir, func(c *segment.Config) { c.Compact = false })
	expectKept()
	if err := e.state.UnpinRows(t.Context(), "pin_1", time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := e.SweepLeft(t.Context()); err != nil {
		t.Fatal(err)
	}
	version, err := e.state.RowsDataset(t.Context(), "ds_a")
	if left := e.files(t); err != nil || len(left) != len(version.Segments) {
		t.Errorf("%d files for %d segments, %v", len(left), len(version.Segments), err)
	}
	e.expect(t, "ds_a", map[int]int{1: 300})
}

// files returns the names of the files with rows.
func (o *opened) files(t *testing.T) map[string]bool {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(o.dir, "ds_a", "*.parquet"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, path := range found {
		names[filepath.Base(path)] = true
	}
	return names
}
