package e2e

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// TestWalkthrough runs the commands of docs/walkthrough, page by page, as
// printed, with other addresses.
func TestWalkthrough(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/walkthrough/*.md")
	if err != nil || len(pages) < 2 {
		t.Fatalf("found %d pages: %v", len(pages), err)
	}
	for _, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) {
			t.Parallel()
			programtest.Need(t, "aws")
			programtest.Need(t, "curl")
			programtest.Need(t, "openssl")
			programtest.Need(t, "python3")
			script := commandsOf(t, page)
			script = strings.Replace(script, "SANDBOX=127.0.0.1:9090", "SANDBOX="+freeAddress(t), 1)
			script = strings.Replace(script, "SERVE=127.0.0.1:8080", "SERVE="+freeAddress(t), 1)
			script = strings.Replace(script, "ISSUER=127.0.0.1:9191", "ISSUER="+freeAddress(t), 1)
			runScript(t, script)
		})
	}
}

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// commandsOf returns the shell commands of a page, with each line echoed and the
// first failure ending the script.
func commandsOf(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatalf("%s has no commands", page)
	}
	var b strings.Builder
	b.WriteString("set -Eeuo pipefail\ntrap 'echo \"FAILED at: $BASH_COMMAND\" >&2; tail -n 20 \"$DIR\"/*.log >&2 || true' ERR\n")
	for _, block := range blocks {
		b.Write(mustFail.ReplaceAll(block[1], []byte("if $1; then echo 'was not refused' >&2; false; fi")))
	}
	return b.String()
}

// mustFail finds commands that a page says are refused: "! command". In bash a
// failing "!" doesn't end the script, so the test rewrites it.
var mustFail = regexp.MustCompile(`(?m)^ *! ((?:.*\\\n)*.*)$`)

func runScript(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), "bash", "-c", script)
	command.Dir = dir
	command.Env = append(os.Environ(),
		"PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"HOME="+dir, "TMPDIR="+dir, "AWS_CA_BUNDLE=", "AWS_PROFILE=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+filepath.Join(dir, "no-config"), "AWS_SHARED_CREDENTIALS_FILE="+
			filepath.Join(dir, "no-credentials"))
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGKILL) }
	command.WaitDelay = 10 * time.Second
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	if command.Process != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // processes that the page left running
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, output.String())
	}
}
