package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/smithy-go"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/telemetry/metrics"
)

// read returns the metrics in Prometheus's text format.
func read(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := metrics.New("v1.2.3")
	m.Request(http.MethodGet, "/v1/whoami", http.StatusOK, time.Millisecond)
	m.Request("BREW", "/v1/whoami", http.StatusNotFound, time.Millisecond)
	m.LoadWorkers(2)
	m.LoadRuns(1)
	m.LoadEnded(
		"loaded",
		"schedule",
		load.Progress{Rows: 7, Rejected: 2, Duplicates: 1, ObjectsDone: 3, BytesRead: 90},
		1,
		2*time.Second,
	)
	m.LoadRetried("a code that is new")
	m.Read("last", "ok", 1, 120, time.Millisecond)
	m.AuditAppended("each", time.Millisecond, errors.New("the disk is full"))
	m.Ready("rows", false)
	m.EventMessage("malformed")
	m.Transaction("rows", time.Second)
	m.Set(&metrics.Snapshot{
		Loads: map[string]int{"queued": 4}, Integrations: map[string]map[string]int{"read": {"failing": 1}},
		Nodes: map[string]map[string]int{"load": {"alive": 3}}, OldestQueued: time.Minute,
		OldestEvent: time.Hour, Backlog: 5 << 20,
	})
	got := read(t, m)
	for _, want := range []string{
		`http_server_request_duration_seconds_count{http_request_method="GET",http_response_status_code="200",http_route="/v1/whoami"} 1`,
		`http_request_method="_OTHER",http_response_status_code="404"`,
		`windlass_build_info{`, `version="v1.2.3"} 1`,
		`windlass_load_workers{state="busy"} 1`, `windlass_load_workers{state="idle"} 1`,
		`windlass_loads_ended_total{outcome="loaded",trigger="schedule"} 1`,
		`windlass_load_rows_total{result="inserted"} 7`, `windlass_load_rows_total{result="rejected"} 2`,
		`windlass_load_objects_total{result="loaded"} 2`, `windlass_load_objects_total{result="failed"} 1`,
		`windlass_load_retries_total{reason="other"} 1`,
		`windlass_read_rows_total{class="last"} 1`,
		`windlass_audit_failures_total 1`, `windlass_audit_append_duration_seconds_count{kind="each"} 1`,
		`windlass_event_messages_total{result="malformed"} 1`, `windlass_event_messages_total{result="loaded"} 0`,
		`windlass_event_oldest_age_seconds 3600`, `windlass_compaction_backlog_bytes 5.24288e+06`,
		`windlass_db_transaction_duration_seconds_count{db="rows"} 1`,
		`windlass_aws_retries_total{service="S3"} 0`, `windlass_vending_total{kind="github",outcome="granted"} 0`,
		`windlass_ready{check="rows"} 0`,
		`windlass_loads{state="queued"} 4`, `windlass_loads{state="parked"} 0`,
		`windlass_integrations{part="read",state="failing"} 1`, `windlass_integrations{part="read",state="insecure"} 0`,
		`windlass_load_queue_oldest_age_seconds 60`, `windlass_nodes{role="load",state="lost"} 0`,
		`go_goroutines`, `process_resident_memory_bytes`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// TestBucketsAreFew checks that no histogram has more than 14 buckets.
func TestBucketsAreFew(t *testing.T) {
	t.Parallel()
	m := metrics.New("test")
	m.Request(http.MethodGet, "/", http.StatusOK, time.Second)
	m.LoadEnded("loaded", "manual", load.Progress{}, 0, time.Second)
	m.Vended("github", "granted", time.Second)
	m.Verified("verified", time.Second)
	m.Read("key", "ok", 1, 1, time.Second)
	m.AuditAppended("summary", time.Second, nil)
	m.Transaction("state", time.Second)
	buckets := map[string]int{}
	bucket := regexp.MustCompile(`(?m)^((?:windlass|http)_\w+)_bucket\{(.*?),?le="`)
	for _, found := range bucket.FindAllStringSubmatch(read(t, m), -1) {
		buckets[found[1]+found[2]]++
	}
	for name, count := range buckets {
		if count > 15 { // with +Inf
			t.Errorf("%s has %d buckets", name, count)
		}
	}
	if len(buckets) < 6 {
		t.Errorf("only %d histograms were found", len(buckets))
	}
}

func TestAWSCode(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"ok":           nil,
		"AccessDenied": &smithy.GenericAPIError{Code: "AccessDenied"},
		"other":        &smithy.GenericAPIError{Code: "SomethingACustomerMadeUp"},
		"cancelled":    context.Canceled,
	} {
		if got := metrics.AWSCode(err); got != want {
			t.Errorf("%v is %s, want %s", err, got, want)
		}
	}
}
