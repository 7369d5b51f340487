package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry"
)

func TestMetricsShowRequests(t *testing.T) {
	t.Parallel()
	m, err := telemetry.NewMetrics()
	if err != nil {
		t.Fatal(err)
	}
	m.Request(t.Context(), http.MethodGet, "/v1/whoami", http.StatusOK, time.Millisecond)
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	const want = `http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/v1/whoami"} 1`
	if !strings.Contains(w.Body.String(), want) {
		t.Errorf("got:\n%s", w.Body)
	}
}
