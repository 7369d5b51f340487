package e2e

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// cluster is a PostgreSQL of the test's own, which may be started again.
type cluster struct {
	address string
	folder  string
}

// newCluster starts PostgreSQL. It skips the test if PostgreSQL isn't available.
func newCluster(t *testing.T) cluster {
	t.Helper()
	if os.Getenv("WINDLASS_TEST_POSTGRES") == "" {
		t.Skip("SKIPPED: WINDLASS_TEST_POSTGRES is empty, so no PostgreSQL is started for this test")
	}
	folder, err := os.MkdirTemp("", "pg") //nolint:usetesting // the path of a socket has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	c := cluster{folder: folder}
	c.address = c.run(t, "start")
	t.Cleanup(func() { c.run(t, "stop") })
	return c
}

// restart ends PostgreSQL like a crash, and starts it again.
func (c cluster) restart(t *testing.T) { t.Helper(); c.run(t, "restart") }

func (c cluster) run(t *testing.T, what string) string {
	t.Helper()
	command := exec.CommandContext(context.WithoutCancel(t.Context()), "../.ci/postgres", what, c.folder)
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("PostgreSQL: %s: %v", what, err)
	}
	return strings.TrimSpace(string(out))
}
