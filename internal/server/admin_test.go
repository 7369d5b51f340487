package server_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/server"
)

// TestPublicMetrics requests metrics and profiles on the public listener.
func TestPublicMetrics(t *testing.T) {
	t.Parallel()
	s := openWith(t, t.TempDir(), nil, server.Config{
		MetricsAllowed: func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer right" },
	})
	t.Cleanup(func() { _ = s.Close() })
	for _, tc := range []struct {
		path, token string
		status      int
	}{
		{"/metrics", "", 401},
		{"/metrics", "Bearer wrong", 403},
		{"/metrics", "Bearer right", 200},
		{"/debug/pprof/", "Bearer right", 404},
		{"/debug/pprof/heap", "Bearer right", 404},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, tc.path, nil)
		if tc.token != "" {
			r.Header.Set("Authorization", tc.token)
		}
		s.Handler().ServeHTTP(w, r)
		if w.Code != tc.status {
			t.Errorf("%s with %q: %d", tc.path, tc.token, w.Code)
		}
	}
	nobody := openWith(t, t.TempDir(), nil, server.Config{})
	t.Cleanup(func() { _ = nobody.Close() })
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	r.Header.Set("Authorization", "Bearer right")
	nobody.Handler().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("without anyone allowed: %d", w.Code)
	}
}

// TestAdminListener reads metrics and profiles there, and refuses a page whose
// host name resolves to this machine.
func TestAdminListener(t *testing.T) {
	t.Parallel()
	admin, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	run(t, openWith(t, t.TempDir(), nil, server.Config{Admin: admin}))
	for _, tc := range []struct {
		host, path, want string
		status           int
	}{
		{"", "/metrics", "# HELP", 200},
		{"localhost:9180", "/debug/pprof/goroutine?debug=1", "goroutine profile", 200},
		{"", "/healthz", "ok", 200},
		{"evil.example.com", "/metrics", "localhost", 403},
		{"", "/v1/whoami", "", 404},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin.Addr().String()+tc.path,
			nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = tc.host
		transport := &http.Transport{DisableKeepAlives: true}
		response, err := transport.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		text := new(strings.Builder)
		_, err = copyAll(text, response)
		if err != nil || response.StatusCode != tc.status || !strings.Contains(text.String(), tc.want) {
			t.Errorf("%s at %q: %s %.100s", tc.path, tc.host, response.Status, text)
		}
	}
}
