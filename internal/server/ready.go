package server

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/config"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/node"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// readyTime limits the time of /readyz.
const readyTime = 2 * time.Second

// maxSkew is the largest difference between the clock and the state's that
// isn't reported.
const maxSkew = 2 * time.Second

// The values of status in a health report.
const (
	statusReady    = "ready"
	statusDegraded = "degraded" // it serves, but someone should look at it
	statusFailing  = "failing"
	statusDraining = "draining"
	checkOK        = "ok"
	checkFailed    = "failed"
)

// health is the response of /readyz.
type health struct {
	Status  string        `json:"status"`
	Node    string        `json:"node"`
	Version string        `json:"version"`
	Checks  []healthCheck `json:"checks"`

	damaged int // files with rows
}

// healthCheck is one check of the health. Optional fields have paths and causes,
// and only the admin listener returns them.
type healthCheck struct {
	Name   string    `json:"name"`
	Status string    `json:"status"`
	Fault  string    `json:"fault,omitempty"`   // what is wrong, without a path
	Detail string    `json:"detail,omitempty"`  // the cause
	Since  time.Time `json:"since,omitzero"`    // when it began to fail
	TookMS int64     `json:"took_ms,omitempty"` // how long the check took
	soft   bool      // a failure degrades the service, and doesn't stop it
}

// readyz reports whether requests can be answered, by checks of what the service
// needs. A failed check is named; a damaged file or a disk that is nearly full
// doesn't stop the service. Only the admin listener is detailed.
func (s *Server) readyz(detailed bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		report := s.examine(r.Context())
		if !detailed {
			for i := range report.Checks {
				c := &report.Checks[i]
				c.Detail, c.Since, c.TookMS = "", time.Time{}, 0
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if report.Status == statusFailing || report.Status == statusDraining {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(report)
	}
}

// examine checks the service's health, within two seconds.
func (s *Server) examine(ctx context.Context) health {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	report := health{Status: statusReady, Node: s.node.ID(), Version: s.config.Version}
	rows := s.rowsHealth(ctx)
	report.damaged = len(rows.found.Damaged)
	for _, c := range []struct {
		name string
		soft bool
		do   func(context.Context) (fault string, err error)
	}{
		{"state", false, s.checkState},
		{"schema", false, s.checkSchema},
		{"key", false, s.checkKey},
		{"rows", false, func(context.Context) (string, error) { return rows.fault, rows.err }},
		{"node", false, s.checkNode},
		{"audit", false, s.checkAudit},
		{"files", true, func(context.Context) (string, error) { return rows.damage() }},
		{"disk", true, func(context.Context) (string, error) { return rows.disk() }},
		{"clock", true, s.checkClock},
		{"loaders", true, s.checkLoaders},
		{"schedulers", true, s.checkSchedulers},
		{"certificate", true, s.checkCertificate},
	} {
		report.add(s.check(ctx, c.name, c.soft, c.do))
	}
	if report.Status != statusFailing && s.node.Draining() {
		report.Status = statusDraining
	}
	return report
}

func (h *health) add(c healthCheck) {
	h.Checks = append(h.Checks, c)
	switch {
	case c.Status == checkOK:
	case !c.soft:
		h.Status = statusFailing
	case h.Status == statusReady:
		h.Status = statusDegraded
	}
}

// check runs one check. It logs when the check begins to fail.
func (s *Server) check(ctx context.Context, name string, soft bool,
	do func(context.Context) (string, error),
) healthCheck {
	begin := s.config.Now()
	fault, err := do(ctx)
	c := healthCheck{Name: name, Status: checkOK, soft: soft, TookMS: s.config.Now().Sub(begin).Milliseconds()}
	if err == nil {
		s.failing.end(name)
		return c
	}
	c.Status, c.Fault, c.Detail = checkFailed, fault, err.Error()
	var first bool
	if c.Since, first = s.failing.begin(name, begin); first {
		s.config.Logger.ErrorContext(ctx, telemetry.NotReady, "check", name, "cause", err)
	}
	return c
}

// failing records since when checks have failed. It is safe for concurrent use.
type failing struct {
	mu    sync.Mutex
	since map[string]time.Time
}

func (f *failing) begin(name string, now time.Time) (since time.Time, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if since, ok := f.since[name]; ok {
		return since, false
	}
	if f.since == nil {
		f.since = map[string]time.Time{}
	}
	f.since[name] = now
	return now, true
}

func (f *failing) end(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.since, name)
}

func (s *Server) checkState(ctx context.Context) (string, error) {
	return "the state's database doesn't respond", s.store.Ping(ctx)
}

func (s *Server) checkSchema(ctx context.Context) (string, error) {
	version, known, err := s.store.SchemaVersion(ctx)
	if err == nil && version != known {
		err = fmt.Errorf("the state has schema %d; this release needs %d", version, known)
	}
	return "the state's schema doesn't match this release", err
}

func (s *Server) checkNode(context.Context) (string, error) {
	if last := s.node.LastSeen(); !last.IsZero() && s.config.Now().Sub(last) > node.Lost {
		return "this node couldn't renew its entry in the list of nodes",
			fmt.Errorf("last renewed at %s", last.UTC().Format(time.RFC3339))
	}
	return "", nil
}

func (s *Server) checkAudit(context.Context) (string, error) {
	return "the audit can't be written", s.audits.recent(s.config.Now())
}

func (s *Server) checkClock(context.Context) (fault string, err error) {
	if skew := s.node.Skew().Abs(); skew >= maxSkew {
		err = fmt.Errorf("%s away from the clock of the state's database", skew.Round(time.Millisecond))
	}
	return "this machine's clock differs from the clock of the state's database", err
}

// checkKey returns an error if the master key doesn't open what the state has sealed.
func (s *Server) checkKey(ctx context.Context) (fault string, err error) {
	return "the master key doesn't open the state's secrets", s.key.check(ctx)
}

// checkLoaders returns an error if no node runs loads.
func (s *Server) checkLoaders(ctx context.Context) (fault string, err error) {
	fault, err = s.checkRole(ctx, config.RoleLoad)
	return cmp.Or(fault, "no node runs loads"), err
}

// checkSchedulers returns an error if no node runs schedules, notifications, backups and
// clean-up.
func (s *Server) checkSchedulers(ctx context.Context) (fault string, err error) {
	fault, err = s.checkRole(ctx, config.RoleSchedule)
	return cmp.Or(fault, "no node runs schedules"), err
}

// checkRole returns an error if no live node has a role.
func (s *Server) checkRole(ctx context.Context, role string) (fault string, err error) {
	if s.config.Settings.HasRole(role) && !s.node.Draining() {
		return "", nil
	}
	all, now, err := s.store.Nodes(ctx)
	if err != nil {
		return "the nodes can't be listed", err
	}
	for i := range all {
		if n := &all[i]; n.Has(role) && n.StateAt(now) == node.Live {
			return "", nil
		}
	}
	return "", fmt.Errorf("no live node has the role %s", role)
}

// certificateSoon is how long before its expiry a certificate is reported.
const certificateSoon = 7 * 24 * time.Hour

func (s *Server) checkCertificate(context.Context) (string, error) {
	until := s.certificateUntil()
	if until.IsZero() || until.Sub(s.config.Now()) > certificateSoon {
		return "", nil
	}
	return "the certificate expires within seven days, or has expired", fmt.Errorf("it is valid until %s",
		until.UTC().Format(time.RFC3339))
}

// rowsReport is the health of the rows, or what is wrong.
type rowsReport struct {
	found segment.Health
	fault string
	err   error
}

func (s *Server) rowsHealth(ctx context.Context) rowsReport {
	if s.tables != nil {
		return s.tablesHealth(ctx)
	}
	found, err := s.files.Health(ctx)
	fault := "the folder with rows can't be read"
	var other *segment.FolderError
	if errors.As(err, &other) {
		fault = other.Error()
	}
	return rowsReport{found, fault, err}
}

// tablesHealth returns the health of rows in a database.
func (s *Server) tablesHealth(ctx context.Context) rowsReport {
	err := s.tables.Health(ctx)
	fault := "the database with the rows doesn't respond"
	var other *postgres.IdentityError
	if errors.As(err, &other) {
		fault = other.Error()
	}
	return rowsReport{fault: fault, err: err}
}

func (r *rowsReport) damage() (string, error) {
	if n := len(r.found.Damaged); n > 0 {
		return fmt.Sprintf("%d damaged or missing", n), fmt.Errorf("damaged: %q", r.found.Damaged)
	}
	return "", nil
}

func (r *rowsReport) disk() (string, error) {
	if r.found.Short != "" {
		return "below the reserve", errors.New(r.found.Short)
	}
	return "", nil
}
