package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/sandboxtest"
)

// TestAttackRebinding calls the sandbox's own endpoints like a web page whose
// host name resolves to this machine.
func TestAttackRebinding(t *testing.T) {
	t.Parallel()
	server := sandboxtest.Start(t)
	for host, want := range map[string]int{
		"": 200, "localhost:9090": 200, "evil.example.com:9090": 403,
		"_sandbox.evil.example.com": 403,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(server.URL, "/")+
			"/_sandbox/decisions", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%q: %d, want %d", host, response.StatusCode, want)
		}
	}
}
