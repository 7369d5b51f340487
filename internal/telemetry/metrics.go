package telemetry

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
)

// Metrics measures the service. No key, token, claim or name of a customer's
// thing is ever an attribute.
//
//	http.server.request.duration  seconds; http.request.method, http.route, http.response.status_code
//	windlass.http.rejected        count; reason: rate, concurrency, streams, bytes, connections, size, count,
//	                              queue, spool, slow_body, slow_reader
//	windlass.security.events      events of the security log before folding; kind
//	windlass.signins              sign-ins; method (password, link, oidc, cli), outcome (ok, failed, limited)
type Metrics struct {
	registry *prometheus.Registry
	requests metric.Float64Histogram
	rejected metric.Int64Counter
	events   metric.Int64Counter
	signIns  metric.Int64Counter
}

// NewMetrics returns the instruments; they are read at [Metrics.Handler].
func NewMetrics() (*Metrics, error) {
	registry := prometheus.NewRegistry()
	reader, err := exporter.New(exporter.WithRegisterer(registry), exporter.WithoutScopeInfo())
	if err != nil {
		return nil, fmt.Errorf("making the metrics exporter: %w", err)
	}
	provider := sdk.NewMeterProvider(sdk.WithReader(reader))
	meter := provider.Meter("github.com/windlass-io/windlass")
	requests, err := meter.Float64Histogram("http.server.request.duration",
		metric.WithUnit("s"), metric.WithDescription("Duration of HTTP requests."),
		metric.WithExplicitBucketBoundaries(.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10))
	if err != nil {
		return nil, fmt.Errorf("making the request histogram: %w", err)
	}
	rejected, err := meter.Int64Counter("windlass.http.rejected",
		metric.WithDescription("Requests and connections that a limit ended."))
	if err != nil {
		return nil, fmt.Errorf("making the counter of rejected requests: %w", err)
	}
	events, err := meter.Int64Counter("windlass.security.events",
		metric.WithDescription("Events of the security log, before folding."))
	if err != nil {
		return nil, fmt.Errorf("making the counter of security events: %w", err)
	}
	signIns, err := meter.Int64Counter("windlass.signins",
		metric.WithDescription("Sign-ins and attempts to sign in."))
	if err != nil {
		return nil, fmt.Errorf("making the counter of sign-ins: %w", err)
	}
	return &Metrics{registry: registry, requests: requests, rejected: rejected, events: events, signIns: signIns}, nil
}

// SecurityEvent counts an event of the security log.
func (m *Metrics) SecurityEvent(ctx context.Context, kind string) {
	m.events.Add(ctx, 1, metric.WithAttributes(attribute.String("kind", kind)))
}

// SignIn counts a sign-in, or an attempt.
func (m *Metrics) SignIn(ctx context.Context, method, outcome string) {
	m.signIns.Add(ctx, 1, metric.WithAttributes(attribute.String("method", method),
		attribute.String("outcome", outcome)))
}

// Rejected counts a request or connection that a limit ended.
func (m *Metrics) Rejected(ctx context.Context, reason string) {
	m.rejected.Add(ctx, 1, metric.WithAttributes(attribute.String("reason", reason)))
}

// Request records one request. route is the pattern, never the path.
func (m *Metrics) Request(ctx context.Context, method, route string, status int, took time.Duration) {
	m.requests.Record(ctx, took.Seconds(), metric.WithAttributes(
		attribute.String("http.request.method", method),
		attribute.String("http.route", route),
		attribute.Int("http.response.status_code", status)))
}

// Handler serves the metrics in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
