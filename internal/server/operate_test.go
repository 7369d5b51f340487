package server_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/windlass-io/windlass/internal/server"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/sandboxtest"
)

// shared is a buffer for concurrent reads and writes.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *shared) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestWhatAnOperatorSees loads, reads and fails, and expects each in the metrics and
// in the log, where no key of an object, value of a row, token or e-mail address is.
func TestWhatAnOperatorSees(t *testing.T) {
	t.Parallel()
	aws := sandboxtest.Start(t)
	keys := aws.Customer.Keys
	aws.MustBucket(t, keys, "acme-data")
	aws.MustPut(t, keys, "acme-data", "in/secret-object.csv", "id,n\nhidden-value,1\nb,x\n")
	log := &shared{}
	service := aws.Service.Keys
	c := &terminal{listenWith(t, map[string]string{
		"aws_endpoint": aws.URL, "database": filepath.Join(t.TempDir(), "state.db"), // whose migrations are logged
	}, server.Config{
		AWS: credentials.NewStaticCredentialsProvider(service.AccessKeyID, service.SecretAccessKey,
			service.SessionToken),
		Logger: telemetry.Logger(log, "json", "info"),
	}), t.TempDir()}
	c.must(t, nil, "POST", "/v1/workspaces/main/credentials", c.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	c.must(t, nil, "POST", "/v1/workspaces/main/datasets", c.token, `{"name":"d","columns":[
		{"name":"id","type":"string","required":true,"allow_null":false},
		{"name":"n","type":"integer","required":false,"allow_null":true}],"index":{"key":"id","unique":true}}`)
	c.expect(t, 0, nil, "source", "create", "--name", "src", "--credential", "key", "--bucket", "acme-data",
		"--pattern", "in/*")
	c.expect(t, 0, nil, "load", "start", "--source", "src", "--dataset", "d", "--max-rejected-percent", "90", "--wait")
	c.expect(t, 0, nil, "source", "create", "--name", "gone", "--credential", "key", "--bucket", "no-such-bucket",
		"--pattern", "in/*")
	c.expect(t, 1, nil, "load", "start", "--source", "gone", "--dataset", "e", "--wait")
	if got := c.ask(t, http.DefaultClient, "GET", "/v1/data/main/d/hidden-value?last=1", c.token,
		nil); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.text)
	}
	if got := c.ask(t, http.DefaultClient, "GET", "/v1/data/main/d/hidden-value?last=5", c.token, nil, "traceparent: "+
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"); got.status != 200 {
		t.Fatalf("%d %s", got.status, got.text)
	}
	expectMetrics(t, c.server)
	expectLog(t, log.String(), c.token, keys.SecretAccessKey)
}

func expectMetrics(t *testing.T, s *server.Server) {
	t.Helper()
	w := httptest.NewRecorder()
	s.AdminHandler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		`windlass_loads_ended_total\{outcome="loaded",trigger="manual"\} 1`,
		`windlass_loads_ended_total\{outcome="failed",trigger="manual"\} 1`,
		`windlass_load_rows_total\{result="inserted"\} 1`, `windlass_load_rows_total\{result="rejected"\} 1`,
		`windlass_aws_calls_total\{code="ok",operation="ListObjectsV2",service="S3"\} \d`,
		`windlass_aws_calls_total\{code="NoSuchBucket",operation="ListObjectsV2",service="S3"\} \d`,
		`windlass_reads_total\{class="last",outcome="ok"\} 1`, `windlass_reads_total\{class="key",outcome="ok"\} 1`,
		`windlass_read_rows_total\{class="last"\} 1`,
		`windlass_audit_append_duration_seconds_count\{kind="each"\} \d`, `windlass_ready\{check="rows"\} 1`,
		`windlass_loads\{state="queued"\} 0`, `windlass_nodes\{role="load",state="alive"\} 1`,
		`windlass_db_connections\{db="state",state="used"\} \d`, `windlass_disk_free_bytes\{volume="dir"\} \d`,
		`windlass_cache_requests_total\{cache="tokens",result="miss"\} [1-9]`,
		`windlass_cache_requests_total\{cache="datasets",result="hit"\} \d`,
		`windlass_cache_requests_total\{cache="footers",result="miss"\} [1-9]`,
		`windlass_db_transaction_duration_seconds_count\{db="state"\} [1-9]`,
		`windlass_memory_used_bytes\{part="total"\} [1-9]`, `windlass_memory_used_bytes\{part="sort"\} 0`,
		`windlass_clock_skew_seconds 0`, `windlass_audit_waiting \d`, `windlass_aws_retries_total\{service="S3"\} \d`,
		`windlass_load_workers\{state="idle"\} 2`,
		`http_server_request_duration_seconds_count\{http_request_method="POST",http_response_status_code="201",` +
			`http_route="POST /v1/workspaces/\{ws\}/datasets"\} 1`,
	} {
		if !regexp.MustCompile(want).MatchString(w.Body.String()) {
			t.Errorf("%s isn't there", want)
		}
	}
	series := strings.Count(w.Body.String(), "\n") - strings.Count(w.Body.String(), "\n#")
	if series > 3000 {
		t.Errorf("%d series", series)
	}
	expectShipped(t, w.Body.String())
	if t.Failed() {
		t.Log(w.Body)
	}
}

var (
	metricName = regexp.MustCompile(`\b(?:windlass|http_server|process|go)_[a-z_]+\b`)
	suffix     = regexp.MustCompile(`_(?:bucket|count|sum)$`)
)

// expectShipped checks that the service has each metric that the shipped rules and
// dashboard use.
func expectShipped(t *testing.T, metrics string) {
	t.Helper()
	for _, file := range []string{"prometheus/windlass.rules.yml", "grafana/windlass.json"} {
		text, err := os.ReadFile(filepath.Join("..", "..", "deploy", file))
		if err != nil {
			t.Fatal(err)
		}
		names := metricName.FindAllString(string(text), -1)
		if len(names) < 20 {
			t.Errorf("%s names only %d metrics", file, len(names))
		}
		for _, name := range names {
			known := strings.Contains(metrics, "# TYPE "+suffix.ReplaceAllString(name, "")+" ")
			if !known && !strings.HasPrefix(name, "windlass_tls_") { // this service has no certificate
				t.Errorf("%s uses %s, which the service doesn't have", file, name)
			}
		}
	}
}

func expectLog(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, want := range []string{
		`"msg":"service started"`, `"msg":"migration applied"`, `"msg":"node joined"`, `"msg":"load started"`,
		`"msg":"load ended"`, `"msg":"load failed"`, `"code":"no_bucket"`, `"node":"node_`,
		`"route":"GET /v1/data/{ws}/{dataset}/{key}"`, `"actor_kind":"secret"`, `"request_id":"req_`,
		`"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s isn't there", want)
		}
	}
	for _, secret := range append(secrets, "secret-object", "hidden-value", "owner@localhost") {
		if strings.Contains(text, secret) {
			t.Errorf("%q is there", secret)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}
