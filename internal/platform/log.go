package platform

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
)

// logLine is a message of the log as the platform writes it.
type logLine struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
	Severity  string `json:"severity"`
	Level     int    `json:"level"`
	JobID     string `json:"jobId,omitempty"`

	at time.Time
}

func line(at time.Time, jobID, message string) logLine {
	return logLine{at.UnixMilli(), message, "info", 30, jobID, at}
}

// The spans of a log.
const (
	defaultPeriod = time.Hour
	minPeriod     = 15 * time.Minute
	maxPeriod     = 30 * 24 * time.Hour
)

func (p *Platform) logRoute() Route {
	return Route{
		ID: "platform-logs", Method: http.MethodGet, Path: "/v1/logs/{ws}", Tag: tag,
		Summary:     "List events, newest first: steps of jobs, and changes",
		Description: "Tokens that may read the audit log also get changes.",
		Query:       []Parameter{{"period", "", "How far back to read: 15m to 30d, such as 1h or 7d. Default 1h."}},
		Handle:      answering(p.listLog),
	}
}

func (p *Platform) listLog(r *http.Request, call Call) (any, error) {
	span, err := period(parameter(r, "period"))
	if err != nil {
		return nil, err
	}
	since := p.config.Now().Add(-span)
	loads, err := p.loads(r, call)
	if err != nil {
		return nil, err
	}
	lines := []logLine{}
	for i := range loads {
		lines = append(lines, steps(&loads[i])...)
	}
	changes, err := p.changes(r, call, since)
	if err != nil {
		return nil, err
	}
	lines = slices.DeleteFunc(append(lines, changes...), func(l logLine) bool { return l.at.Before(since) })
	slices.Reverse(lines)
	slices.SortStableFunc(lines, func(a, b logLine) int { return b.at.Compare(a.at) })
	return lines, nil
}

// period parses a time span such as 15m, 1h or 7d.
func period(text string) (time.Duration, error) {
	if text == "" {
		return defaultPeriod, nil
	}
	n, err := strconv.Atoi(text[:len(text)-1])
	const day = 24 * time.Hour
	units := map[byte]time.Duration{'m': time.Minute, 'h': time.Hour, 'd': day, 'w': 7 * day}
	if err == nil && n > 0 && n < 1<<20 {
		if span := time.Duration(n) * units[text[len(text)-1]]; span >= minPeriod && span <= maxPeriod {
			return span, nil
		}
	}
	return 0, invalidValue("period", text, "15m to 30d, such as 1h or 7d")
}

// steps returns the lines of a load, the oldest first.
func steps(l *load.Load) []logLine {
	jobID := l.JobID()
	lines := []logLine{
		line(l.CreatedAt, jobID, "Creating data job for "+l.Dataset),
		line(l.CreatedAt, jobID, "jobId: "+jobID+" has been created"),
	}
	if l.StartedAt.IsZero() {
		return lines
	}
	lines = append(lines, line(l.StartedAt, jobID, "Status of job "+jobID+" changed to VALIDATING"))
	switch l.State {
	case load.Loaded:
		rows := strconv.FormatInt(l.Progress.Rows, 10)
		for _, status := range []string{"VALIDATED", "INGESTING", "INGESTED"} {
			lines = append(lines, line(l.EndedAt, jobID, "Status of job "+jobID+" changed to "+status))
		}
		lines = append(lines, line(l.EndedAt, jobID, "Ingested "+rows+" records into "+l.Dataset))
	case load.Failed, load.Cancelled:
		failed := line(l.EndedAt, jobID, strings.TrimSpace("Status of job "+jobID+" changed to ERROR. "+l.Fault))
		failed.Severity, failed.Level = "error", 50
		lines = append(lines, failed)
	default:
	}
	return lines
}

// changes returns the newest changes of the audit as lines, if the actor may read
// it.
func (p *Platform) changes(r *http.Request, call Call, since time.Time) ([]logLine, error) {
	resource := access.Resource{Workspace: call.Workspace, Kind: "audit"}
	if p.config.Audit == nil || !access.Allowed(call.Actor, access.AuditList, resource) {
		return nil, nil
	}
	found, err := p.config.Audit.List(r.Context(), call.Actor, call.Workspace, audit.Filter{Since: since},
		paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	lines := make([]logLine, 0, len(found.Items))
	for _, e := range slices.Backward(found.Items) {
		l := line(e.Time, "", e.Action+" "+e.Resource.ID+": "+string(e.Outcome))
		if e.Outcome == audit.Denied {
			l.Severity, l.Level = "warn", 40
		}
		lines = append(lines, l)
	}
	return lines, nil
}
