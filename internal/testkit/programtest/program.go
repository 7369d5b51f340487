// Package programtest finds the programs that tests run alongside Windlass.
package programtest

import (
	"os"
	"os/exec"
	"testing"
)

// Need returns the path of a program. Without it, the test is skipped with a message,
// or fails if CI is set, because .ci/run installs it.
func Need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed, and CI needs it", program)
	}
	t.Skipf("SKIPPED: %s is not installed; install it to run this test", program)
	return ""
}
