package e2e

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/windlass-io/windlass/e2e/browsertest"
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
)

// binary is the windlass command, built once for the package.
var binary string

func TestMain(m *testing.M) {
	sqltest.Worker()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if err := browsertest.Overlap(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	dir, err := os.MkdirTemp("", "windlass-e2e")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "windlass")
	build := exec.CommandContext(context.Background(), "go", "build", "-o", binary, "../cmd/windlass")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building windlass:", err)
		return 1
	}
	return m.Run()
}

// freeAddress returns a free loopback address.
func freeAddress(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
