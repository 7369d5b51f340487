package server_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestStockClient runs the platform's own client from npm, unchanged, against the
// service.
func TestStockClient(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"node", "npm"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Skipf("SKIPPED: %s is not installed; the platform's stock client is not tried", command)
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "stock"))); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--silent", "--no-audit", "--no-fund")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: the platform's stock client can't be installed from npm: %v\n%s", err, out)
	}
	s, aws := bucketed(t)
	get[object](t, s, "DELETE", "/credentials/main/KEY", "") // the client starts without one
	get[object](t, s, "DELETE", "/datasets/main/QUOTES", "")
	keys := aws.Customer.Keys
	run := exec.CommandContext(t.Context(), "node", "client.mjs", s.url, s.token, keys.AccessKeyID,
		keys.SecretAccessKey, "arn:aws:iam::222222222222:role/reader")
	run.Dir = dir
	out, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "called 42 functions") {
		t.Fatalf("%v\n%s", err, out)
	}
}
