package metrics

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type httpMetrics struct {
	requests *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	active   *prometheus.GaugeVec
	rejected *prometheus.CounterVec
}

func (h *httpMetrics) register(m *Metrics) {
	h.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "http_server_request_duration_seconds", Help: "Duration of HTTP requests.", Buckets: quick,
	}, []string{"http_request_method", "http_route", "http_response_status_code"})
	m.registry.MustRegister(h.requests)
	h.active = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "http_server_active_requests", Help: "HTTP requests in progress.",
	}, []string{"listener"})
	m.registry.MustRegister(h.active)
	h.bytes = m.counter("http_response_bytes_total", "Bytes of HTTP response bodies.", "listener")
	h.rejected = m.counter("http_rejected_total", "Requests and connections that a limit ended.", "reason")
	zero(h.rejected, "rate", "concurrency", "bytes", "connections", "streams", "size", "slow_header", "slow_body",
		"slow_reader")
}

// methods has the values of http_request_method; others are "_OTHER".
var methods = map[string]bool{
	"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true,
}

// Request counts a request that ended. route is the pattern, never the path.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	if !methods[method] {
		method = "_OTHER"
	}
	m.http.requests.WithLabelValues(method, route, strconv.Itoa(status)).Observe(seconds(took))
}

// RequestBegan counts a request in progress at a listener: public, admin or
// redirect.
func (m *Metrics) RequestBegan(listener string) { m.http.active.WithLabelValues(listener).Inc() }

// RequestEnded stops counting a request as in progress, and counts the bytes of
// its response.
func (m *Metrics) RequestEnded(listener string, bytes int64) {
	m.http.active.WithLabelValues(listener).Dec()
	m.http.bytes.WithLabelValues(listener).Add(float64(bytes))
}

// Rejected counts a request or connection that a limit ended.
func (m *Metrics) Rejected(_ context.Context, reason string) {
	m.http.rejected.WithLabelValues(reason).Inc()
}
