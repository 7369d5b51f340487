package api_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/clientaddr"
	"github.com/windlass-io/windlass/internal/limit"
)

// serveLimited runs an API with limits, behind a proxy that is trusted.
func serveLimited(t *testing.T, config limit.Config) *httptest.Server {
	t.Helper()
	config.Now = func() time.Time { return time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC) }
	a, err := api.New(api.Config{
		Version: "test", Authenticator: oneToken{}, Workspaces: oneWorkspace{}, Logger: slog.New(slog.DiscardHandler),
		Now:     time.Now,
		Limiter: limit.New(config),
	})
	if err != nil {
		t.Fatal(err)
	}
	proxies, err := clientaddr.Parse("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(proxies.Handler(a.Handler(), time.Now, nil))
	t.Cleanup(server.Close)
	return server
}

func from(address, token string) map[string]string {
	return map[string]string{"X-Forwarded-For": address, "Authorization": "Bearer " + token}
}

// TestAttackFloodTokens guesses tokens from one address: it is slowed down with
// 429, its valid token and other addresses are not.
func TestAttackFloodTokens(t *testing.T) {
	t.Parallel()
	server := serveLimited(t, limit.Config{})
	statuses := map[int]int{}
	var last answered
	for i := range 320 {
		last = ask(t, server, http.MethodGet, "/v1/whoami", from("203.0.113.1", fmt.Sprintf("sk_%032x", i)))
		statuses[last.status]++
	}
	if statuses[401] != 300 || statuses[429] != 20 || last.header.Get("Retry-After") != "1" ||
		!strings.Contains(last.text, `"code":"rate_limited"`) {
		t.Errorf("answers %v, then %v %s", statuses, last.header, last.text)
	}
	if got := ask(t, server, http.MethodGet, "/v1/whoami", from("203.0.113.1", "sk_right")); got.status != 200 {
		t.Errorf("the valid token: %d %s", got.status, got.text)
	}
	if got := ask(t, server, http.MethodGet, "/v1/whoami", from("203.0.113.2", "sk_wrong")); got.status != 401 {
		t.Errorf("another address: %d", got.status)
	}
	if got := ask(t, server, http.MethodGet, "/v1/whoami", map[string]string{
		"X-Forwarded-For": "1.2.3.4, 203.0.113.1",
		"Authorization":   "Bearer sk_wrong",
	}); got.status != 429 {
		t.Errorf("an address that the client made up is counted: %d", got.status)
	}
}

func TestRateHeaders(t *testing.T) {
	t.Parallel()
	server := serveLimited(t, limit.Config{TokenRate: 12})
	for i, want := range []struct {
		status              int
		limit, policy, wait string
	}{
		{200, `"minute";r=1;t=5`, `"minute";q=12;w=60`, ""},
		{200, `"minute";r=0;t=10`, `"minute";q=12;w=60`, ""},
		{429, `"minute";r=0;t=10`, `"minute";q=12;w=60`, "5"},
	} {
		got := ask(t, server, http.MethodGet, "/v1/whoami", from("203.0.113.1", "sk_right"))
		if got.status != want.status || got.header.Get("RateLimit") != want.limit ||
			got.header.Get("RateLimit-Policy") != want.policy || got.header.Get("Retry-After") != want.wait {
			t.Errorf("answer %d: %d %v", i, got.status, got.header)
		}
	}
}

// TestAttackFloodBodies announces bodies that are too large or not allowed: the
// refusal is sent before the body is read.
func TestAttackFloodBodies(t *testing.T) {
	t.Parallel()
	server := serveRows(t)
	for name, tc := range map[string]struct {
		path, token string
		length      int64
		status      int
	}{
		"no token":              {"/v1/data/demo/prices", "", 100, 401},
		"an unknown token":      {"/v1/data/demo/prices", "sk_wrong", 100, 401},
		"another workspace":     {"/v1/data/other/prices", "sk_right", 100, 404},
		"a dataset that is not": {"/v1/data/demo/nothing?create=false", "sk_right", 100, 404},
		"too large an upload":   {"/v1/data/demo/prices", "sk_right", 513 << 20, 413},
		"too large an exchange": {"/v1/ci/credentials", "sk_right", 1 << 20, 404}, // no CI access here
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			never, end := io.Pipe() // a body that never arrives
			t.Cleanup(func() { _ = end.Close() })
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+tc.path, never)
			if err != nil {
				t.Fatal(err)
			}
			request.ContentLength = tc.length
			request.Header.Set("Expect", "100-continue") // otherwise net/http waits for a small body
			if tc.token != "" {
				request.Header.Set("Authorization", "Bearer "+tc.token)
			}
			client := &http.Client{
				Transport: &http.Transport{ExpectContinueTimeout: time.Minute},
				Timeout:   20 * time.Second,
			}
			response, err := client.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != tc.status {
				t.Errorf("the status is %d, want %d", response.StatusCode, tc.status)
			}
		})
	}
}
