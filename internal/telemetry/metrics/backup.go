package metrics

import "github.com/prometheus/client_golang/prometheus"

type backupMetrics struct {
	backups *prometheus.CounterVec
	bytes   *prometheus.GaugeVec
}

func (b *backupMetrics) register(m *Metrics) {
	b.backups = m.counter("backups_total", "Automatic backup attempts of this node.", "outcome")
	for _, outcome := range []string{"ok", "failed"} {
		b.backups.WithLabelValues(outcome).Add(0)
	}
	b.bytes = m.gauge("backup_last_bytes", "Bytes that the last backup of this node added to its place.")
}

// BackupEnded counts an attempt at a backup: ok or failed.
func (m *Metrics) BackupEnded(outcome string) { m.backup.backups.WithLabelValues(outcome).Inc() }

// BackupMade counts the bytes that a backup added to its destination.
func (m *Metrics) BackupMade(bytes int64) { m.backup.bytes.WithLabelValues().Set(float64(bytes)) }
