package datasets

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// TestCodeSamplesRun checks that every sample is a complete program that
// prints the server's response.
func TestCodeSamplesRun(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer pk_1" || r.URL.Query().Get("price") != `eq.a'b"$` {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`[{"price":22.77}]`)) // the client may have disconnected
	}))
	t.Cleanup(server.Close)
	request := apiRequest{Key: "W 1", Last: 3, Column: "price", Operator: "eq", Value: `a'b"$`, Format: delivery.JSON}
	samples := codeSamples(request.address(server.URL, "main", "levels"), request.Format)
	for n, program := range []struct {
		name string
		args []string
		file string
	}{
		{name: "curl", args: []string{"sh"}, file: "sample.sh"},
		{name: "node", args: []string{"node"}, file: "sample.mjs"},
		{name: "python3", args: []string{"python3"}, file: "sample.py"},
		{name: "go", args: []string{"go", "run"}, file: "sample.go"},
	} {
		t.Run(samples[n].Label, func(t *testing.T) {
			t.Parallel()
			programtest.Need(t, program.name)
			file := filepath.Join(t.TempDir(), program.file)
			if err := os.WriteFile(file, []byte(samples[n].Text), 0o600); err != nil {
				t.Fatal(err)
			}
			command := exec.CommandContext(
				t.Context(),
				program.args[0],
				append(program.args[1:], file)...)
			command.Env = append(os.Environ(), "WINDLASS_TOKEN=pk_1")
			var faults bytes.Buffer
			command.Stderr = &faults
			out, err := command.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, faults.String())
			}
			if !strings.Contains(string(out), "22.77") {
				t.Errorf("it prints %q", out)
			}
		})
	}
}
