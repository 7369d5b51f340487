package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type vendingMetrics struct {
	vended        *prometheus.CounterVec
	durations     *prometheus.HistogramVec
	jwks          *prometheus.CounterVec
	verifications *prometheus.CounterVec
	verifying     *prometheus.HistogramVec
}

func (v *vendingMetrics) register(m *Metrics) {
	v.vended = m.counter("vending_total", "Requests for credentials.", "kind", "outcome")
	for _, kind := range []string{"circleci", "github", "gitlab", "buildkite", "terraform", "custom", "member"} {
		zero(v.vended.MustCurryWith(prometheus.Labels{"kind": kind}), "granted")
	}
	v.durations = m.histogram("vending_duration_seconds", "Time of an exchange, with AssumeRole.", quick)
	v.durations.WithLabelValues()
	v.jwks = m.counter("jwks_fetches_total", "Fetches of the key sets of issuers.", "outcome")
	zero(v.jwks, "ok", "failed", "kept")
	v.verifications = m.counter("verifications_total", "Verifications of integrations that ended.", "outcome")
	zero(v.verifications, "verified", "failing", "insecure", "propagating")
	v.verifying = m.histogram("verification_duration_seconds", "Time of one verification.", slow)
	v.verifying.WithLabelValues()
}

// Vended counts a request for credentials. kind is of the provider, or member;
// outcome is granted, the step that refused, or error.
func (m *Metrics) Vended(kind, outcome string, took time.Duration) {
	m.vending.vended.WithLabelValues(kind, outcome).Inc()
	m.vending.durations.WithLabelValues().Observe(seconds(took))
}

// JWKSFetched counts a fetch of a key set: ok, failed or kept.
func (m *Metrics) JWKSFetched(outcome string) { m.vending.jwks.WithLabelValues(outcome).Inc() }

// Verified counts a verification that ended in a state.
func (m *Metrics) Verified(state string, took time.Duration) {
	m.vending.verifications.WithLabelValues(state).Inc()
	m.vending.verifying.WithLabelValues().Observe(seconds(took))
}
