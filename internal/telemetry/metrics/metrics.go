// Package metrics counts what the service does, for Prometheus. Names and labels
// are in docs/operate/metrics.md. Labels are closed sets: no workspace, dataset,
// source, token, member, key, bucket or address is ever one.
package metrics

import (
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/windlass-io/windlass/internal/security"
)

const namespace = "windlass"

// Buckets of durations, in seconds.
var (
	quick = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	slow  = []float64{.1, .5, 1, 5, 15, 60, 300, 900, 3600, 14400}
)

// Metrics has the instruments of one process. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	http     httpMetrics
	loads    loadMetrics
	aws      awsMetrics
	reads    readMetrics
	vending  vendingMetrics
	audit    auditMetrics
	rows     rowsMetrics
	state    stateMetrics
	backup   backupMetrics
	security *prometheus.CounterVec
	signIns  *prometheus.CounterVec
}

// New returns the instruments; they are read at [Metrics.Handler].
func New(version string) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.info("build_info", "The build: always 1.", prometheus.Labels{
		"version": version, "goversion": runtime.Version(), "cgo": cgo, "revision": revision(),
	})
	m.http.register(m)
	m.loads.register(m)
	m.aws.register(m)
	m.reads.register(m)
	m.vending.register(m)
	m.audit.register(m)
	m.rows.register(m)
	m.state.register(m)
	m.backup.register(m)
	m.security = m.counter("security_events_total", "Events of the security log, before folding.", "kind")
	for _, kind := range security.Kinds() {
		zero(m.security, string(kind))
	}
	m.signIns = m.counter("signins_total", "Sign-ins, and attempts to sign in.", //nolint:misspell // the name that alerts use
		"method", "outcome")
	for _, method := range []string{"password", "link", "oidc", "cli"} {
		zero(m.signIns.MustCurryWith(prometheus.Labels{"method": method}), "ok", "failed", "limited")
	}
	return m
}

// Handler serves the metrics in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Node registers this node's ID and roles.
func (m *Metrics) Node(id string, roles []string) {
	m.info("node_info", "This node.", prometheus.Labels{"node": id, "roles": strings.Join(roles, ",")})
}

// SecurityEvent counts an event of the security log.
func (m *Metrics) SecurityEvent(kind string) { m.security.WithLabelValues(kind).Inc() }

// SignIn counts a sign-in, or an attempt: by password, link, oidc or cli, that was
// ok, failed or limited.
func (m *Metrics) SignIn(method, outcome string) { m.signIns.WithLabelValues(method, outcome).Inc() }

// zero creates the series of values of a counter's only label: an alert sees no increase
// to the first value of a series.
func zero(counter *prometheus.CounterVec, values ...string) {
	for _, value := range values {
		counter.WithLabelValues(value).Add(0)
	}
}

// counter registers a counter of events, rows or bytes.
func (m *Metrics) counter(name, help string, labels ...string) *prometheus.CounterVec {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

// gauge registers a value that goes up and down.
func (m *Metrics) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	return v
}

// histogram registers a distribution of durations in seconds.
func (m *Metrics) histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	v := prometheus.NewHistogramVec(
		prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(v)
	return v
}

// info registers a gauge that is always 1, for its labels.
func (m *Metrics) info(name, help string, labels prometheus.Labels) {
	g := prometheus.NewGauge(
		prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help, ConstLabels: labels})
	g.Set(1)
	m.registry.MustRegister(g)
}

// Gauge registers a value that f returns when the metrics are read.
func (m *Metrics) Gauge(name, help string, labels map[string]string, f func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(
		prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help, ConstLabels: labels}, f))
}

// Counter registers a growing value that f returns when the metrics are read.
func (m *Metrics) Counter(name, help string, labels map[string]string, f func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help, ConstLabels: labels}, f))
}

func seconds(d time.Duration) float64 { return max(d, 0).Seconds() }
