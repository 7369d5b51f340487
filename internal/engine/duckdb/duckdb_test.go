package duckdb_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/duckdb"
	"github.com/windlass-io/windlass/internal/engine/enginetest"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Main(m, open)) }

func open(ctx context.Context, dir string) (engine.Engine, error) {
	return duckdb.Open(ctx, duckdb.Config{Path: filepath.Join(dir, "rows.duckdb"), MemoryBytes: 128 << 20})
}

func TestEngine(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, open)
}

func TestASecondProcessIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = first.Close() })
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), enginetest.ChildVariable+"="+dir)
	said, err := child.CombinedOutput()
	if err == nil || !strings.Contains(string(said), "in use by another process") {
		t.Errorf("the second process: %v\n%s", err, said)
	}
}
