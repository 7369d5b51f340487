package ci_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/setup/ci"
)

// The script of the GitHub action and the orb must not send the job's token
// over plain HTTP to another machine.
func TestAttackPlainHTTPScript(t *testing.T) {
	t.Parallel()
	for address, sent := range map[string]bool{
		"http://windlass.invalid": false, "http://windlass.invalid:8080": false, "http://127.0.0.1.evil.invalid": false,
		"http://localhost.evil.invalid":      false,
		"http://127.0.0.1:8080@evil.invalid": false, "https://a@evil.invalid": false, "windlass.invalid": false,
		"ftp://windlass.invalid":   false,
		"https://windlass.invalid": true, "http://127.0.0.1:8080": true, "http://localhost": true,
		"http://localhost:8080/": true, "http://[::1]:8080": true,
	} {
		for _, insecure := range []string{"", "false", "true"} {
			folder := t.TempDir()
			called := filepath.Join(folder, "called")
			if err := os.WriteFile(filepath.Join(folder, "curl"), []byte("#!/bin/sh\ncat > "+called+"\nexit 22\n"),
				0o700); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "sh", "-c", ci.Script)
			cmd.Env = []string{
				"PATH=" + folder + ":" + os.Getenv("PATH"), "WINDLASS_URL=" + address, "WINDLASS_GRANT=app",
				"WINDLASS_ID_TOKEN=aaa.bbb.ccc", "WINDLASS_INSECURE_HTTP=" + insecure,
			}
			out, err := cmd.CombinedOutput()
			_, missing := os.Stat(called)
			want := sent ||
				insecure == "true" && strings.HasPrefix(address, "http://") && !strings.Contains(address, "@")
			if err == nil || (missing == nil) != want {
				t.Errorf("%s, insecure %q: sent %t, want %t\n%s", address, insecure, missing == nil, want, out)
			}
		}
	}
}
