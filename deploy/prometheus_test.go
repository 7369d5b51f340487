// Package deploy_test checks the files of this folder with the programs that use them.
package deploy_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

const rulesFile = "prometheus/windlass.rules.yml"

// A firing is an alert, the series that fire it, and when it has to fire. Values are
// in promtool's notation: one a minute; "0+1x60" is 0, 1, 2, … 60.
type firing struct {
	at     string
	series map[string]string
}

var firings = map[string]firing{
	"WindlassDown":     {"5m", map[string]string{`up{job="windlass",instance="a"}`: "0x60"}},
	"WindlassNotReady": {"10m", map[string]string{`windlass_ready{check="rows"}`: "0x60"}},
	"WindlassErrors": {"30m", map[string]string{
		`http_server_request_duration_seconds_count{http_response_status_code="500"}`: "0+3x60",
		`http_server_request_duration_seconds_count{http_response_status_code="200"}`: "0+97x60",
	}},
	"WindlassSlowReads": {"40m", map[string]string{
		`windlass_read_duration_seconds_bucket{class="key",le="1"}`:    "0+9x60",
		`windlass_read_duration_seconds_bucket{class="key",le="2.5"}`:  "0+10x60",
		`windlass_read_duration_seconds_bucket{class="key",le="+Inf"}`: "0+10x60",
	}},
	"WindlassQueueStuck":     {"20m", map[string]string{`windlass_load_queue_oldest_age_seconds`: "1900x60"}},
	"WindlassLoadsFail":      {"30m", map[string]string{`windlass_loads_ended_total{outcome="failed"}`: "0+1x60"}},
	"WindlassLoadParked":     {"1m", map[string]string{`windlass_loads{state="parked"}`: "1x60"}},
	"WindlassScheduleLate":   {"10m", map[string]string{`windlass_schedule_lag_seconds`: "700x60"}},
	"WindlassEventsLate":     {"20m", map[string]string{`windlass_event_oldest_age_seconds`: "3700x60"}},
	"WindlassSegmentDamaged": {"1m", map[string]string{`windlass_segments{kind="damaged"}`: "1x60"}},
	"WindlassNodeLost":       {"5m", map[string]string{`windlass_nodes{state="lost"}`: "1x60"}},
	"WindlassNoLoader":       {"10m", map[string]string{`windlass_nodes{state="alive",role="load"}`: "0x60"}},
	"WindlassNoScheduler":    {"5m", map[string]string{`windlass_nodes{state="alive",role="schedule"}`: "0x60"}},
	"WindlassClockSkew":      {"10m", map[string]string{`windlass_clock_skew_seconds`: "-3x60"}},
	"WindlassCertificate": {"90m", map[string]string{
		`windlass_tls_certificate_expiry_timestamp_seconds`: "90000x120",
	}},
	"WindlassBackupOld":  {"40h", map[string]string{`windlass_backup_last_success_timestamp_seconds`: "60x2500"}},
	"WindlassAuditFails": {"10m", map[string]string{`windlass_audit_failures_total`: "0+1x60"}},
	"WindlassDialRefused": {"30m", map[string]string{
		`windlass_security_events_total{kind="dial.refused"}`: "0+1x60",
	}},
	"WindlassAttack": {"30m", map[string]string{
		`windlass_security_events_total{kind="token.unknown"}`: "0+600x60",
	}},
	"WindlassRejects": {"100m", map[string]string{
		`windlass_load_rows_total{result="rejected"}`: "0+6x120",
		`windlass_load_rows_total{result="inserted"}`: "0+94x120",
	}},
	"WindlassIntegrationFailing": {"20m", map[string]string{
		`windlass_integrations{part="read",state="failing"}`: "2x60",
	}},
	"WindlassIntegrationInsecure": {"1m", map[string]string{
		`windlass_integrations{part="read",state="insecure"}`: "1x60",
	}},
	"WindlassAWSThrottled": {"50m", map[string]string{
		`windlass_aws_calls_total{service="S3",code="SlowDown"}`: "0+120x60",
	}},
	"WindlassDiskLow": {"15m", map[string]string{
		`windlass_disk_free_bytes{volume="dir"}`: "150x60", `windlass_disk_reserve_bytes{volume="dir"}`: "100x60",
	}},
	"WindlassMemoryHigh": {"20m", map[string]string{
		`windlass_memory_used_bytes{job="windlass",instance="a",part="total"}`:   "120x60",
		`windlass_memory_budget_bytes{job="windlass",instance="a",part="total"}`: "100x60",
	}},
}

var alertName = regexp.MustCompile(`(?m)^ +- alert: (\w+)$`)

// TestEveryAlertFires checks with promtool that each alert fires for the series
// that should fire it, and that none fires for an idle service.
func TestEveryAlertFires(t *testing.T) {
	t.Parallel()
	promtool := programtest.Need(t, "promtool")
	rules, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	named := alertName.FindAllStringSubmatch(string(rules), -1)
	if len(named) != len(firings) {
		t.Errorf("%d alerts are shipped, and %d have a test", len(named), len(firings))
	}
	for _, found := range named {
		name := found[1]
		f, ok := firings[name]
		if !ok {
			t.Errorf("no series fire %s", name)
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if fired, out := fires(t, promtool, name, f.at, f.series); !fired {
				t.Errorf("it doesn't fire:\n%s", out)
			}
			if fired, out := fires(t, promtool, name, f.at, healthy(f.series)); fired {
				t.Errorf("it fires for a healthy service:\n%s", out)
			}
		})
	}
}

// healthy returns series with the values of a service that has no fault.
func healthy(series map[string]string) map[string]string {
	values := map[string]string{
		"up": "1x120", "windlass_ready": "1x120", "windlass_disk_free_bytes": "1000x120",
		"windlass_disk_reserve_bytes": "100x120", "windlass_memory_budget_bytes": "100x120",
		"windlass_memory_used_bytes": "105x120", "windlass_tls_certificate_expiry_timestamp_seconds": "9000000x120",
		"windlass_backup_last_success_timestamp_seconds": "140000x2500",
	}
	found := map[string]string{}
	for s := range series {
		name, _, _ := strings.Cut(s, "{")
		found[s] = values[name]
		switch {
		case found[s] != "":
		case strings.Contains(s, `"alive"`):
			found[s] = "1x120"
		case strings.Contains(s, `"200"`), strings.Contains(s, `"inserted"`), strings.HasSuffix(name, "_bucket"):
			found[s] = "0+100x120" // requests, rows and quick reads
		default:
			found[s] = "0x120"
		}
	}
	return found
}

// fires reports whether an alert fires at a time. It expects an alert that can't be,
// so that promtool prints the one that fires.
func fires(t *testing.T, promtool, alert, at string, series map[string]string) (fired bool, out string) {
	t.Helper()
	rules, err := filepath.Abs(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "rule_files: [%q]\ntests:\n  - interval: 1m\n    input_series:\n", rules)
	for s, values := range series {
		fmt.Fprintf(&b, "      - {series: '%s', values: '%s'}\n", s, values)
	}
	fmt.Fprintf(
		&b,
		"    alert_rule_test:\n      - {eval_time: %s, alertname: %s, exp_alerts: [{exp_labels: {never: here}}]}\n",
		at,
		alert,
	)
	path := filepath.Join(t.TempDir(), "test.yml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.CommandContext(t.Context(), promtool, "test", "rules", path).CombinedOutput()
	_, got, compared := strings.Cut(string(text), "got:[")
	if err == nil || !compared {
		t.Fatalf("promtool compared nothing: %v\n%s", err, text)
	}
	return strings.Contains(got, `alertname="`+alert+`"`), string(text)
}
