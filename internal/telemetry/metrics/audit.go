package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type auditMetrics struct {
	appends  *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

func (a *auditMetrics) register(m *Metrics) {
	a.appends = m.histogram("audit_append_duration_seconds", "Time of one write to the audit.", quick, "kind")
	a.failures = m.counter("audit_failures_total", "Writes to the audit that failed; their acts were refused.")
	a.failures.WithLabelValues().Add(0)
}

// AuditAppended counts a write to the audit: each (entries) or summary.
func (m *Metrics) AuditAppended(kind string, took time.Duration, err error) {
	m.audit.appends.WithLabelValues(kind).Observe(seconds(took))
	if err != nil {
		m.audit.failures.WithLabelValues().Inc()
	}
}
