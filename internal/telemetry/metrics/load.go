package metrics

import (
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/windlass-io/windlass/internal/load"
)

type loadMetrics struct {
	ended     *prometheus.CounterVec
	durations *prometheus.HistogramVec
	bytes     *prometheus.CounterVec
	objects   *prometheus.CounterVec
	rows      *prometheus.CounterVec
	retries   *prometheus.CounterVec
	workers   *prometheus.GaugeVec
	claims    *prometheus.CounterVec
	schedules *prometheus.CounterVec
	notified  *prometheus.CounterVec
	messages  *prometheus.CounterVec
}

func (l *loadMetrics) register(m *Metrics) {
	l.ended = m.counter("loads_ended_total", "Loads that ended.", "outcome", "trigger")
	for _, outcome := range []string{"loaded", "failed", "cancelled"} {
		for _, trigger := range []string{"manual", "schedule", "event", "upload"} {
			l.ended.WithLabelValues(outcome, trigger).Add(0) // an alert sees no increase to the first value
		}
	}
	l.durations = m.histogram("load_duration_seconds", "Time from the start of a load to its end.", slow, "outcome")
	l.bytes = m.counter("load_bytes_total", "Bytes that loads read, as stored in the bucket.")
	l.bytes.WithLabelValues().Add(0)
	l.objects = m.counter("load_objects_total", "Objects of loads.", "result")
	l.rows = m.counter("load_rows_total", "Rows of loads.", "result")
	zero(l.rows, "inserted", "duplicate", "removed", "rejected")
	l.retries = m.counter("load_retries_total", "Loads that wait for another attempt.", "reason")
	zero(l.retries, slices.Sorted(maps.Values(retryReasons))...)
	l.workers = m.gauge("load_workers", "Workers of this node.", "state")
	l.claims = m.counter("claims_total", "Looks at the queue of loads.", "result")
	l.schedules = m.counter("schedule_runs_total", "Runs of schedules.", "outcome")
	zero(l.schedules, "started", "caught_up", "skipped", "missed")
	l.notified = m.counter("notifications_total", "Attempts to send notifications.", "channel", "outcome")
	for _, channel := range channels {
		zero(l.notified.MustCurryWith(prometheus.Labels{"channel": channel}), "sent", "retried", "given_up")
	}
	l.messages = m.counter("event_messages_total", "Messages of bucket events that were received.", "result")
	zero(l.messages, "loaded", "known", "unmatched", "malformed")
}

// EventMessage counts a message of bucket events: loaded, known, unmatched or
// malformed.
func (m *Metrics) EventMessage(result string) { m.loads.messages.WithLabelValues(result).Inc() }

// LoadWorkers sets the number of loads that this node can run at once.
func (m *Metrics) LoadWorkers(count int) { m.loads.workers.WithLabelValues("idle").Set(float64(count)) }

// LoadRuns counts the loads that run: 1 at the begin, -1 at the end.
func (m *Metrics) LoadRuns(change int) {
	m.loads.workers.WithLabelValues("busy").Add(float64(change))
	m.loads.workers.WithLabelValues("idle").Sub(float64(change))
}

// LoadClaimed counts a read of the queue.
func (m *Metrics) LoadClaimed(result string) { m.loads.claims.WithLabelValues(result).Inc() }

// retryReasons has the values of the label reason; others are "other".
var retryReasons = map[string]string{
	"unavailable": "unavailable", load.CodeChanging: "changed", load.CodeDenied: "denied",
	load.CodeCrashed: "crashed", "damaged": "broken",
}

// LoadRetried counts a load that waits for another attempt.
func (m *Metrics) LoadRetried(code string) {
	reason := retryReasons[code]
	if reason == "" {
		reason = "other"
	}
	m.loads.retries.WithLabelValues(reason).Inc()
}

// LoadEnded counts a load that ended.
func (m *Metrics) LoadEnded(outcome, trigger string, p load.Progress, failed int, took time.Duration) {
	m.loads.ended.WithLabelValues(outcome, trigger).Inc()
	m.loads.durations.WithLabelValues(outcome).Observe(seconds(took))
	m.loads.bytes.WithLabelValues().Add(float64(p.BytesRead))
	m.loads.objects.WithLabelValues("loaded").Add(float64(max(p.ObjectsDone-int64(failed), 0)))
	m.loads.objects.WithLabelValues("known").Add(float64(p.Known))
	m.loads.objects.WithLabelValues("failed").Add(float64(failed))
	if outcome == string(load.Loaded) {
		m.loads.rows.WithLabelValues("inserted").Add(float64(p.Rows))
		m.loads.rows.WithLabelValues("duplicate").Add(float64(p.Duplicates))
		m.loads.rows.WithLabelValues("removed").Add(float64(p.RowsRemoved))
	}
	m.loads.rows.WithLabelValues("rejected").Add(float64(p.Rejected))
}

// Notified counts an attempt to send a notification: sent, retried or given_up.
func (m *Metrics) Notified(channel, outcome string) {
	m.loads.notified.WithLabelValues(channel, outcome).Inc()
}

// ScheduleRun counts a run of a schedule: started, caught_up, skipped or missed.
func (m *Metrics) ScheduleRun(outcome string, count int) {
	m.loads.schedules.WithLabelValues(outcome).Add(float64(count))
}
