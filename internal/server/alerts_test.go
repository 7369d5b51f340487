package server_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/windlass-io/windlass/internal/disk"
	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// TestShippedAlerts lets Prometheus scrape a service with problems, and expects
// the shipped alerts, without their waiting times, to fire.
func TestShippedAlerts(t *testing.T) {
	t.Parallel()
	program := programtest.Need(t, "prometheus")
	dir := t.TempDir()
	free, _, err := disk.Space(dir)
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "windlass.db")
	l := startListeningWith(t, map[string]string{
		"database": state, "disk_reserve": fmt.Sprint(free * 6 / 10),
	})
	admin := httptest.NewServer(l.server.AdminHandler())
	t.Cleanup(admin.Close)
	p := startPrometheus(t, program, admin.URL)
	p.waitFor(t, "a first scrape", func() bool { return p.value(t, `windlass_loads_ended_total{outcome="failed"}`) != "" })
	for _, early := range []string{"WindlassLoadsFail", "WindlassScheduleLate", "WindlassIntegrationFailing"} {
		if slices.Contains(p.alerts(t), early) {
			t.Fatalf("a service without trouble fires %s", early)
		}
	}

	l.connect(t, "")
	l.aws.MustPut(t, l.aws.Customer.Keys, "acme-data", "in/a.csv", "id\n1\n")
	l.expect(t, 0, nil, "source", "create", "--name", "src", "--integration", "acme", "--bucket", "acme-data",
		"--pattern", "in/*.csv")
	l.expect(t, 0, nil, "load", "start", "--source", "src", "--dataset", "d", "--wait")
	l.expect(t, 0, nil, "schedule", "create", "--name", "hourly", "--source", "src", "--dataset", "d",
		"--cron", "0 * * * *")
	l.failLoads(t, 5)
	stopSchedules(t, state)
	l.breakRole(t)
	l.clock.advance(2 * time.Hour)
	l.expect(t, 1, nil, "integration", "verify", "acme")

	for _, want := range []string{
		"WindlassLoadsFail", "WindlassScheduleLate", "WindlassIntegrationFailing", "WindlassDiskLow",
	} {
		p.waitFor(t, want, func() bool { return slices.Contains(p.alerts(t), want) })
	}
	for panel, query := range panelQueries(t) {
		p.waitFor(t, "the panel "+panel, func() bool { return p.value(t, query) != "" })
	}
}

// panelQueries returns the queries of the shipped dashboard by panel and query, for this
// test's service.
func panelQueries(t *testing.T) map[string]string {
	t.Helper()
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "grafana", "windlass.json"))
	if err == nil {
		err = json.Unmarshal(text, &dashboard)
	}
	if err != nil {
		t.Fatal(err)
	}
	variables := strings.NewReplacer("$job", "windlass", "$instance", ".*", "$__rate_interval", "10s")
	queries := map[string]string{}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			queries[fmt.Sprint(panel.ID, panel.Title, target.RefID)] = variables.Replace(target.Expr)
		}
	}
	if len(queries) < 50 {
		t.Errorf("only %d queries were found", len(queries))
	}
	return queries
}

// failLoads runs loads of a bucket that isn't there.
func (l *listening) failLoads(t *testing.T, n int) {
	t.Helper()
	keys := l.aws.Customer.Keys
	l.must(t, nil, "POST", "/v1/workspaces/main/credentials", l.token, fmt.Sprintf(
		`{"name":"key","access_key_id":%q,"secret_access_key":%q,"region":"us-east-1"}`, keys.AccessKeyID,
		keys.SecretAccessKey))
	l.expect(t, 0, nil, "source", "create", "--name", "gone", "--credential", "key", "--bucket", "no-such-bucket",
		"--pattern", "in/*")
	for range n {
		l.expect(t, 1, nil, "load", "start", "--source", "gone", "--dataset", "e", "--wait")
	}
}

// stopSchedules makes the state refuse the writes of a schedule that fires.
func stopSchedules(t *testing.T, state string) {
	t.Helper()
	db, err := sql.Open("sqlite", state)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `CREATE TRIGGER stop BEFORE INSERT ON schedule_run
		BEGIN SELECT RAISE(ABORT, 'stopped by a test'); END`); err != nil {
		t.Fatal(err)
	}
}

// breakRole removes the permissions of the integration's role.
func (l *listening) breakRole(t *testing.T) {
	t.Helper()
	customer := l.aws.IAM(l.aws.Customer.Keys)
	listed, err := customer.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{
		RoleName: aws.String("windlass-acme"),
	})
	if err != nil || len(listed.PolicyNames) == 0 {
		t.Fatal(listed, err)
	}
	for _, name := range listed.PolicyNames {
		if _, err := customer.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{
			RoleName: aws.String("windlass-acme"), PolicyName: &name,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// prometheus is a Prometheus server that scrapes a service each second.
type prometheus struct{ url string }

var waitingTime = regexp.MustCompile(`for: \d+[mh]`)

func startPrometheus(t *testing.T, program, target string) *prometheus {
	t.Helper()
	dir := t.TempDir()
	rules, err := os.ReadFile(filepath.Join("..", "..", "deploy", "prometheus", "windlass.rules.yml"))
	if err != nil {
		t.Fatal(err)
	}
	config := `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [rules.yml]
scrape_configs: [{job_name: windlass, static_configs: [{targets: ["` + strings.TrimPrefix(target, "http://") + `"]}]}]
`
	for name, text := range map[string][]byte{
		"prometheus.yml": []byte(config), "rules.yml": waitingTime.ReplaceAll(rules, []byte("for: 0m")),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	address := "127.0.0.1:" + freePort(t)
	var log bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "--config.file="+filepath.Join(dir, "prometheus.yml"),
		"--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+address)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return &prometheus{"http://" + address}
}

// get sends a request to Prometheus; it returns false while there is no response.
func (p *prometheus) get(t *testing.T, path string, found any) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK && json.NewDecoder(response.Body).Decode(found) == nil
}

// alerts returns the names of the alerts that fire.
func (p *prometheus) alerts(t *testing.T) (names []string) {
	t.Helper()
	var found struct {
		Data struct {
			Alerts []struct {
				State  string
				Labels map[string]string
			}
		}
	}
	p.get(t, "/api/v1/alerts", &found)
	for _, a := range found.Data.Alerts {
		if a.State == "firing" {
			names = append(names, a.Labels["alertname"])
		}
	}
	return names
}

// value returns the first value of a query, or an empty string if there is none.
func (p *prometheus) value(t *testing.T, query string) string {
	t.Helper()
	var found struct {
		Data struct {
			Result []struct{ Value [2]any }
		}
	}
	if !p.get(t, "/api/v1/query?query="+url.QueryEscape(query), &found) || len(found.Data.Result) == 0 {
		return ""
	}
	return fmt.Sprint(found.Data.Result[0].Value[1])
}

func (p *prometheus) waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for range 60 {
		if holds() {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Errorf("%s never came; what fires is %v", what, p.alerts(t))
}

// freePort returns a free TCP port.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
