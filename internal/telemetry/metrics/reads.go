package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type readMetrics struct {
	reads     *prometheus.CounterVec
	durations *prometheus.HistogramVec
	rows      *prometheus.CounterVec
	bytes     *prometheus.CounterVec
}

func (r *readMetrics) register(m *Metrics) {
	r.reads = m.counter("reads_total", "Reads of datasets.", "class", "outcome")
	r.durations = m.histogram("read_duration_seconds", "Time until an answer is complete.", quick, "class")
	r.rows = m.counter("read_rows_total", "Rows that reads returned.", "class")
	r.bytes = m.counter("read_bytes_total", "Bytes of rows that reads returned.", "class")
	for _, class := range []string{"last", "key", "range", "batch", "scan"} {
		zero(r.reads.MustCurryWith(prometheus.Labels{"class": class}), "ok", "error", "cancelled")
		r.durations.WithLabelValues(class)
		zero(r.rows, class)
		zero(r.bytes, class)
	}
}

// Read counts a read of a class (last, key, range, batch, scan or query) that was
// ok, failed (error) or was cancelled by its client (cancelled).
func (m *Metrics) Read(class, outcome string, rows, bytes int64, took time.Duration) {
	m.reads.reads.WithLabelValues(class, outcome).Inc()
	m.reads.durations.WithLabelValues(class).Observe(seconds(took))
	m.reads.rows.WithLabelValues(class).Add(float64(rows))
	m.reads.bytes.WithLabelValues(class).Add(float64(bytes))
}
