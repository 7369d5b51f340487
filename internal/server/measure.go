package server

import (
	"context"
	"math"
	"net/http"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/metrics"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// measureEvery is the interval for setting the gauges of the state.
const measureEvery = 15 * time.Second

// measure sets the gauges of the state until ctx ends.
func (s *Server) measure(ctx context.Context) {
	ticker := time.NewTicker(measureEvery)
	defer ticker.Stop()
	for {
		if err := s.snapshot(ctx); err != nil && ctx.Err() == nil {
			s.config.Logger.ErrorContext(ctx, telemetry.MetricsNotCollected, "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// snapshot counts the things in the state and the rows.
func (s *Server) snapshot(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, measureEvery)
	defer cancel()
	now := s.config.Now()
	counts, err := s.store.Count(ctx, now)
	if err != nil {
		return err
	}
	nodes, at, err := s.store.Nodes(ctx)
	if err != nil {
		return err
	}
	backedUp, err := s.store.LastBackup(ctx)
	if err != nil {
		return err
	}
	report := s.examine(ctx)
	for _, c := range report.Checks {
		s.metrics.Ready(c.Name, c.Status == checkOK)
	}
	s.metrics.Set(&metrics.Snapshot{
		Loads: counts.Loads, OldestQueued: since(now, counts.OldestQueued),
		Schedules: counts.Schedules, ScheduleLag: since(now, counts.OldestDue),
		Integrations: counts.Integrations, OldestVerified: since(now, counts.OldestVerified),
		Datasets: counts.Datasets, Rows: counts.Rows,
		Segments:      map[string]int{"live": counts.Segments, "damaged": report.damaged},
		SegmentBytes:  map[string]int64{"live": counts.SegmentBytes},
		Nodes:         nodesByRole(nodes, at),
		LastBackup:    backedUp,
		BackupDue:     s.config.Settings.BackupTimes() != nil,
		Notifications: counts.Notifications,
		OldestEvent:   since(now, counts.OldestEvent),
		Backlog:       counts.Backlog,
	})
	return nil
}

// since returns how long ago a time was; 0 for a zero time.
func since(now, then time.Time) time.Duration {
	if then.IsZero() {
		return 0
	}
	return now.Sub(then)
}

// stateNames has the values of the label state.
var stateNames = map[node.State]string{node.Live: "alive", node.Draining: "draining", node.Gone: "lost"}

// lostCounts is how long a lost node counts as lost, so that its alert ends.
const lostCounts = time.Hour

// nodesByRole counts nodes by role and state; one with two roles counts in both.
func nodesByRole(nodes []node.Node, now time.Time) map[string]map[string]int {
	counts := map[string]map[string]int{}
	for i := range nodes {
		if now.Sub(nodes[i].SeenAt) > lostCounts {
			continue
		}
		for _, role := range nodes[i].Roles {
			if counts[role] == nil {
				counts[role] = map[string]int{}
			}
			counts[role][stateNames[nodes[i].StateAt(now)]]++
		}
	}
	return counts
}

// register adds the metrics that are computed when they are read.
func (s *Server) register() {
	m := s.metrics
	m.Node(s.node.ID(), s.config.Settings.NodeRoles())
	workers := s.config.Settings.Loads
	if !s.config.Settings.HasRole(config.RoleLoad) {
		workers = 0
	}
	m.LoadWorkers(workers)
	for _, reason := range []store.Retry{store.Serialization, store.Deadlock} {
		m.Counter("db_retries_total", "Transactions that were retried.",
			map[string]string{"db": "state", "reason": string(reason)},
			func() float64 { return float64(s.store.Retries(reason)) })
	}
	m.Gauge("audit_waiting", "Entries and summaries of the audit that aren't stored yet.", nil, s.auditWaiting)
	m.Gauge("clock_skew_seconds", "By how much this machine's clock is ahead of the state database's.", nil,
		func() float64 { return s.node.Skew().Seconds() })
	m.Gauge("spool_bytes", "Bytes of responses and uploads that are buffered in memory and in files.", nil,
		func() float64 {
			memory, disk := s.spool.Used()
			return float64(memory + disk)
		})
	s.registerDatabases()
	s.registerCaches()
	s.registerMemory()
	if s.files != nil {
		s.registerDisk()
	}
	if s.tls != nil {
		m.Gauge("tls_certificate_expiry_timestamp_seconds", "When the certificate in use expires.", nil,
			func() float64 {
				if until := s.certificateUntil(); !until.IsZero() {
					return float64(until.Unix())
				}
				return math.NaN()
			})
	}
}

// countCalls counts and traces the calls of a client of the AWS SDK.
func (s *Server) countCalls() []func(*middleware.Stack) error {
	return []func(*middleware.Stack) error{s.metrics.CountCalls, traces.AWS}
}

// auditWaiting returns the number of entries and summaries that aren't stored yet.
func (s *Server) auditWaiting() float64 {
	waiting := s.recorder.Waiting()
	if s.reads != nil {
		waiting += s.reads.Waiting()
	}
	return float64(waiting)
}

func orNaN(value int64, err error) float64 {
	if err != nil {
		return math.NaN()
	}
	return float64(value)
}

// counted counts the requests of a listener.
func (s *Server) counted(listener string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.metrics.RequestBegan(listener)
		recorder := &door.Recorder{ResponseWriter: w}
		defer func() { s.metrics.RequestEnded(listener, recorder.Bytes) }()
		next.ServeHTTP(recorder, r)
	})
}

// timedAudit counts the writes to the audit, and keeps how the last one ended.
type timedAudit struct {
	audit.Appender
	metrics *metrics.Metrics
	now     func() time.Time

	mu     sync.Mutex
	failed error // of the last write
	at     time.Time
}

// AppendAudit appends to the audit.
func (a *timedAudit) AppendAudit(ctx context.Context, chains []audit.Chain) error {
	begin := time.Now()
	err := a.Appender.AppendAudit(ctx, chains)
	a.metrics.AuditAppended("each", time.Since(begin), err)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failed, a.at = err, a.now()
	return err
}

// timedSummaries counts the writes of summaries of reads.
type timedSummaries struct {
	audit.SummaryStore
	metrics *metrics.Metrics
}

// AddReads adds to the summaries.
func (t *timedSummaries) AddReads(ctx context.Context, summaries []audit.Summary) error {
	begin := time.Now()
	err := t.SummaryStore.AddReads(ctx, summaries)
	t.metrics.AuditAppended("summary", time.Since(begin), err)
	return err
}

// auditRecent is how long a failed write counts as recent.
const auditRecent = 15 * time.Second

// recent returns the error of the last write, if it is recent.
func (a *timedAudit) recent(now time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed == nil || now.Sub(a.at) > auditRecent {
		return nil
	}
	return a.failed
}
