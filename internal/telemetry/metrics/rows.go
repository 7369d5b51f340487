package metrics

import "github.com/prometheus/client_golang/prometheus"

type rowsMetrics struct {
	compactions *prometheus.CounterVec
}

func (r *rowsMetrics) register(m *Metrics) {
	r.compactions = m.counter("compactions_total", "Compactions of datasets.", "outcome")
	zero(r.compactions, "done", "conflict", "failed", "skipped_disk")
}

// Compacted counts a compaction: done, conflict, failed or skipped_disk.
func (m *Metrics) Compacted(outcome string) { m.rows.compactions.WithLabelValues(outcome).Inc() }
