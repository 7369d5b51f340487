package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/cli"
)

// sandboxRun is a "windlass sandbox" that runs in this process.
type sandboxRun struct {
	t        *testing.T
	Endpoint string
	Accounts []struct {
		Name            string
		AccessKeyID     string `json:"access_key_id"`
		SecretAccessKey string `json:"secret_access_key"`
	}
	cancel context.CancelFunc
	ended  chan int
	log    *lockedBuffer
}

// lockedBuffer is a buffer for concurrent reads and writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// startSandbox runs the command until the test ends, and reads its output.
func startSandbox(t *testing.T, args ...string) *sandboxRun {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	run := &sandboxRun{t: t, cancel: cancel, ended: make(chan int, 1), log: &lockedBuffer{}}
	out, in := io.Pipe()
	go func() {
		status := cli.Run(ctx, "test", append([]string{"sandbox", "--listen", "127.0.0.1:0", "--json"}, args...),
			cli.Streams{
				In: strings.NewReader(""), Out: in, Err: run.log, Getenv: func(string) string { return "" },
				Now: time.Now,
			})
		_ = in.Close()
		run.ended <- status
	}()
	if err := json.NewDecoder(out).Decode(run); err != nil {
		t.Fatalf("what it announces: %v\n%s", err, run.log.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	t.Cleanup(run.stop)
	return run
}

// stop ends the command like Ctrl-C.
func (r *sandboxRun) stop() {
	if r.ended == nil {
		return
	}
	r.cancel()
	if status := <-r.ended; status != 0 {
		r.t.Errorf("it ended with status %d:\n%s", status, r.log.String())
	}
	r.ended = nil
}

func (r *sandboxRun) get(path string) (int, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.Endpoint+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestSandboxCommand(t *testing.T) {
	t.Parallel()
	dir, keys := t.TempDir(), filepath.Join(t.TempDir(), "keys")
	run := startSandbox(t, "--dir", dir, "--keys", keys, "--log-format", "json", "--fault",
		"unavailable,service=s3,bucket=flaky")
	if status, text := run.get("/_sandbox/health"); status != 200 || !strings.Contains(text, "ready") {
		t.Errorf("health: %d %s", status, text)
	}
	for bucket, want := range map[string]int{"flaky": http.StatusServiceUnavailable, "none": http.StatusNotFound} {
		if status, text := run.get("/" + bucket + "/a"); status != want {
			t.Errorf("reading from %s: %d %s", bucket, status, text)
		}
	}
	if status, text := run.get("/_sandbox/faults"); status != 200 || !strings.Contains(text, `"hits":1`) {
		t.Errorf("faults: %d %s", status, text)
	}
	if status, text := run.get("/_sandbox/decisions?code=ServiceUnavailable"); status != 200 || !strings.Contains(text,
		`"effect":"refused"`) {
		t.Errorf("decisions: %d %s", status, text)
	}
	exports, err := os.ReadFile(filepath.Join(keys, "customer.env"))
	if err != nil || !strings.Contains(string(exports), "export AWS_ENDPOINT_URL="+run.Endpoint) ||
		!strings.Contains(string(exports), "AWS_SECRET_ACCESS_KEY=") {
		t.Errorf("the customer's keys: %s, %v", exports, err)
	}
	if info, err := os.Stat(filepath.Join(keys, "customer.env")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the keys' file: %v, %v", info.Mode(), err)
	}
	run.stop()
	var refused bool
	for line := range strings.Lines(run.log.String()) {
		var entry struct {
			Msg, Code, Action, Explanation string
			RequestID                      string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("the log has a line that is no JSON: %s", line)
		}
		refused = refused || entry.Msg == "call refused" && entry.Code == "ServiceUnavailable" &&
			entry.Action == "s3:GetObject" && entry.Explanation != "" && entry.RequestID != ""
	}
	if !refused || strings.Contains(run.log.String(), run.Accounts[0].SecretAccessKey) {
		t.Errorf("the log does not tell of the refusal, or tells a secret:\n%s", run.log.String())
	}

	again := startSandbox(t, "--dir", dir)
	if again.Accounts[1].SecretAccessKey != run.Accounts[1].SecretAccessKey {
		t.Error("the root's key is another after a restart")
	}
}

// TestSandboxAddress checks the error for a used port, and that the printed
// address is reachable if the sandbox listens on all addresses.
func TestSandboxAddress(t *testing.T) {
	t.Parallel()
	run := startSandbox(t)
	var output strings.Builder
	status := cli.Run(t.Context(), "test", []string{"sandbox", "--listen", strings.TrimPrefix(run.Endpoint, "http://")},
		cli.Streams{
			In: strings.NewReader(""), Out: io.Discard, Err: &output, Getenv: func(string) string { return "" },
			Now: time.Now,
		})
	if status != 2 || !strings.Contains(output.String(), "in use by another program") || !strings.Contains(output.String(),
		"port 0 picks a free one") {
		t.Errorf("status %d: %s", status, output.String())
	}
	everywhere := startSandbox(t, "--listen", ":0")
	if !strings.HasPrefix(everywhere.Endpoint, "http://localhost:") {
		t.Errorf("it is said to be reached at %s", everywhere.Endpoint)
	}
	if status, text := everywhere.get("/_sandbox/health"); status != 200 {
		t.Errorf("health: %d %s", status, text)
	}
}
