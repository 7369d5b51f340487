package api_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/api"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// TestRequests checks what precedes a handler: the headers of every answer, which
// refusal comes first, and the route in the metrics and the log.
func TestRequests(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path, header string
		status               int
		route                string
	}{
		"a route":                     {"GET", "/v1/whoami?a=1", "", 200, "GET /v1/whoami"},
		"a malformed query":           {"GET", "/v1/whoami?a=%zz", "", 400, "/v1/"},
		"an encoding":                 {"GET", "/v1/whoami", "Content-Encoding: br", 415, "/v1/"},
		"no route":                    {"GET", "/v1/nowhere", "", 404, "/v1/"},
		"no route, a malformed query": {"GET", "/v1/nowhere?a=%zz", "", 404, "/v1/"},
		"no route, an encoding":       {"GET", "/v1/nowhere", "Content-Encoding: br", 404, "/v1/"},
		"no method":                   {"PATCH", "/v1/whoami", "", 405, "/v1/"},
		"no method, a query":          {"PATCH", "/v1/whoami?a=%zz", "", 405, "/v1/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var observed string
			a, err := api.New(api.Config{
				Version: "test", Authenticator: oneToken{}, Workspaces: oneWorkspace{},
				Logger: telemetry.Logger(&log, "json", "info"), Now: time.Now,
				Observe: func(_, route string, _ int, _ time.Duration) { observed = route },
			})
			if err != nil {
				t.Fatal(err)
			}
			mux := http.NewServeMux()
			mux.Handle("/v1/", a.Handler())
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), tc.method, tc.path, nil)
			r.Header.Set("Authorization", "Bearer sk_right")
			r.Header.Set("Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
			if header, value, ok := strings.Cut(tc.header, ": "); ok {
				r.Header.Set(header, value)
			}
			mux.ServeHTTP(w, r)
			if w.Code != tc.status || observed != tc.route {
				t.Errorf("status %d, route %q, want %d and %q: %s", w.Code, observed, tc.status, tc.route, w.Body)
			}
			h := w.Header()
			if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Vary"), "Origin") {
				t.Errorf("the headers are %v", h)
			}
			for _, want := range []string{
				`"request_id":"` + h.Get("X-Request-Id") + `"`, `"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`,
				`"msg":"` + telemetry.RequestServed + `"`,
			} {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the log lacks %s: %s", want, &log)
				}
			}
		})
	}
}
