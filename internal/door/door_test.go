package door_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/door"
)

func TestEnter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		peer, address string
		answer        func(http.ResponseWriter)
		status        int
	}{
		"IPv4, silent": {"192.0.2.7:4711", "192.0.2.7", func(http.ResponseWriter) {}, 0},
		"IPv6, written": {
			"[2001:db8::1]:80", "2001:db8::1",
			func(w http.ResponseWriter) { _, _ = w.Write([]byte("ok")) }, 200,
		},
		"no port, two codes": {
			"somewhere", "somewhere",
			func(w http.ResponseWriter) { w.WriteHeader(404); w.WriteHeader(500) }, 404,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			recorder, entered := door.Enter(w, r, time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC))
			got := door.From(entered.Context())
			if got.Address != c.address || !strings.HasPrefix(got.ID, "req_") || w.Header().
				Get("X-Request-Id") != got.ID {
				t.Errorf("entered as %+v, header %q", got, w.Header().Get("X-Request-Id"))
			}
			c.answer(recorder)
			if recorder.Status != c.status {
				t.Errorf("the status is %d, want %d", recorder.Status, c.status)
			}
			if recorder.Unwrap() != http.ResponseWriter(w) {
				t.Error("the writer below is another")
			}
		})
	}
	if got := door.From(t.Context()); got != (door.Request{}) {
		t.Errorf("outside of a request: %+v", got)
	}
}
