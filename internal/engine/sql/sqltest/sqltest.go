// Package sqltest runs SQL in tests. The test's own program also serves as the
// process of a query.
package sqltest

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/worker"
)

// Worker runs the process of a query if the program was started as one. Call
// it first in TestMain.
func Worker() {
	if len(os.Args) != 2 || os.Args[1] != sql.WorkerCommand {
		return
	}
	if err := worker.Run(os.Stdin, os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Command starts the process of a query.
func Command(t testing.TB) []string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return []string{program, sql.WorkerCommand}
}

// Open opens an engine over rows; change changes its configuration.
func Open(t testing.TB, rows sql.Rows, change ...func(*sql.Config)) *sql.Engine {
	t.Helper()
	config := sql.Config{
		Rows: rows, Command: Command(t), Dir: filepath.Join(t.TempDir(), "sql"), Logger: slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&config)
	}
	e, err := sql.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
