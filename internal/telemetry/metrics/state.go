package metrics

import (
	"maps"
	"math"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Snapshot is the state of the service at a time, for the gauges.
type Snapshot struct {
	Loads          map[string]int // by state: queued, planning, reading, committing, parked
	OldestQueued   time.Duration
	Schedules      map[string]int // by state: enabled, paused
	ScheduleLag    time.Duration
	OldestEvent    time.Duration             // since the oldest bucket event that waits
	Integrations   map[string]map[string]int // by part and state
	OldestVerified time.Duration             // since the last verification of a used integration
	Datasets       int
	Rows           int64
	Segments       map[string]int            // by kind: live, damaged
	SegmentBytes   map[string]int64          // by kind
	Nodes          map[string]map[string]int // by role and state: alive, draining, lost
	LastBackup     time.Time                 // zero: there was none
	BackupDue      bool                      // backups are made on a schedule
	Notifications  map[string]int            // that wait, by channel
	Backlog        int64                     // bytes of segments that wait to be compacted
}

type stateMetrics struct {
	loads, schedules, integrations, segments, segmentBytes, nodes    *prometheus.GaugeVec
	oldestQueued, scheduleLag, oldestVerified, datasets, rows, ready *prometheus.GaugeVec
	lastBackup, notifications, oldestEvent, backlog                  *prometheus.GaugeVec
	transactions                                                     *prometheus.HistogramVec
}

func (s *stateMetrics) register(m *Metrics) {
	s.loads = m.gauge("loads", "Loads that have not ended, and parked ones.", "state")
	s.oldestQueued = m.gauge(
		"load_queue_oldest_age_seconds",
		"Age of the oldest load that waits for a worker; 0: none.",
	)
	s.schedules = m.gauge("schedules", "Schedules.", "state")
	s.scheduleLag = m.gauge("schedule_lag_seconds", "How late the latest due run is; 0: none is.")
	s.oldestEvent = m.gauge("event_oldest_age_seconds",
		"Age of the oldest bucket event that waits to be loaded or received; 0: none does.")
	s.integrations = m.gauge("integrations", "Integrations.", "part", "state")
	s.oldestVerified = m.gauge(
		"verification_oldest_age_seconds",
		"Time since the oldest last verification of an integration in use.",
	)
	s.datasets = m.gauge("datasets", "Datasets.")
	s.rows = m.gauge("rows", "Rows of all datasets.")
	s.segments = m.gauge("segments", "Segment files.", "kind")
	s.segmentBytes = m.gauge("segment_bytes", "Bytes of segment files.", "kind")
	s.nodes = m.gauge("nodes", "Nodes of the state that have a role.", "role", "state")
	s.backlog = m.gauge("compaction_backlog_bytes", "Bytes of segment files that wait to be compacted.")
	s.lastBackup = m.gauge("backup_last_success_timestamp_seconds", "When the last backup was made; 0: never, NaN: never, and none is expected.")
	s.notifications = m.gauge("notifications_waiting", "Notifications that wait to be sent.", "channel")
	s.ready = m.gauge("ready", "Whether a check of /readyz passes: 1 or 0.", "check")
	s.transactions = m.histogram("db_transaction_duration_seconds",
		"Time of a transaction that writes, with its retries and its wait for a connection.", quick, "db")
}

// Transaction counts a transaction that wrote to a database: state or rows.
func (m *Metrics) Transaction(db string, took time.Duration) {
	m.state.transactions.WithLabelValues(db).Observe(seconds(took))
}

// Ready sets whether a check of the service's health passes.
func (m *Metrics) Ready(check string, ok bool) {
	value := 0.0
	if ok {
		value = 1
	}
	m.state.ready.WithLabelValues(check).Set(value)
}

// States that are exported even if nothing has them, so that an alert sees 0.
var (
	loadStates        = []string{"queued", "planning", "reading", "committing", "parked"}
	scheduleStates    = []string{"enabled", "paused"}
	integrationParts  = []string{"read", "write", "vending", "rotation"}
	integrationStates = []string{
		"reserved", "unverified", "propagating", "verified", "failing", "insecure", "disabled",
	}
	segmentKinds = []string{"live", "damaged"}
	nodeStates   = []string{"alive", "draining", "lost"}
	channels     = []string{"webhook", "slack", "email"}
	nodeRoles    = []string{"serve", "load", "schedule"}
)

// Set sets the gauges of the state.
func (m *Metrics) Set(at *Snapshot) {
	s := &m.state
	for _, group := range []struct {
		gauge  *prometheus.GaugeVec
		known  []string
		values map[string]int
	}{
		{s.loads, loadStates, at.Loads},
		{s.schedules, scheduleStates, at.Schedules},
		{s.segments, segmentKinds, at.Segments},
		{s.notifications, channels, at.Notifications},
	} {
		for _, state := range group.known {
			group.gauge.WithLabelValues(state).Set(float64(group.values[state]))
		}
	}
	for _, role := range nodeRoles {
		gauge := s.nodes.MustCurryWith(prometheus.Labels{"role": role})
		for _, state := range nodeStates {
			gauge.WithLabelValues(state).Set(float64(at.Nodes[role][state]))
		}
	}
	for _, part := range integrationParts {
		gauge := s.integrations.MustCurryWith(prometheus.Labels{"part": part})
		for _, state := range integrationStates {
			gauge.WithLabelValues(state).Set(float64(at.Integrations[part][state]))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(at.SegmentBytes)) {
		s.segmentBytes.WithLabelValues(kind).Set(float64(at.SegmentBytes[kind]))
	}
	s.oldestQueued.WithLabelValues().Set(seconds(at.OldestQueued))
	s.scheduleLag.WithLabelValues().Set(seconds(at.ScheduleLag))
	s.oldestEvent.WithLabelValues().Set(seconds(at.OldestEvent))
	s.backlog.WithLabelValues().Set(float64(at.Backlog))
	s.oldestVerified.WithLabelValues().Set(seconds(at.OldestVerified))
	s.datasets.WithLabelValues().Set(float64(at.Datasets))
	s.rows.WithLabelValues().Set(float64(at.Rows))
	made := math.NaN()
	switch {
	case !at.LastBackup.IsZero():
		made = float64(at.LastBackup.Unix())
	case at.BackupDue:
		made = 0
	}
	s.lastBackup.WithLabelValues().Set(made)
}
