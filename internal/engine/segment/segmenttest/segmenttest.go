// Package segmenttest opens engines for tests.
package segmenttest

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/engine/segment"
)

// Open opens an engine over a state, in a temporary folder of the test.
func Open(t testing.TB, state segment.State) *segment.Engine {
	t.Helper()
	e, err := OpenIn(t.Context(), t.TempDir(), state)
	if err != nil {
		t.Fatalf("opening the rows: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("closing the rows: %v", err)
		}
	})
	return e
}

// OpenIn opens an engine over a state whose rows are in a folder.
func OpenIn(ctx context.Context, dir string, state segment.State) (*segment.Engine, error) {
	return segment.Open(ctx, segment.Config{
		Dir: filepath.Join(dir, "rows"), State: state, Now: time.Now, Logger: slog.New(slog.DiscardHandler), //nolint:forbidigo // the clock of tests
		MemoryBytes: 64 << 20, ReserveBytes: 1 << 20,
	})
}
