package console

import (
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
)

// auditFilter narrows the log; it is the query.
type auditFilter struct {
	Actor    string // ID
	Action   string // "integration.create", or "integration." for all of its kind
	Resource string // ID
	Outcome  string
	Since    string // day, UTC: "2026-11-22"
	Until    string // day, UTC, itself included
	Reads    bool   // with the entries that only tell that data was read
}

func readAuditFilter(q url.Values) auditFilter {
	return auditFilter{
		Actor: q.Get("actor"), Action: q.Get("action"), Resource: q.Get("resource"), Outcome: q.Get("outcome"),
		Since: dayOf(q.Get("since")), Until: dayOf(q.Get("until")), Reads: q.Get("reads") == "true",
	}
}

// dayOf gives a day as it is written, or "" for what is none.
func dayOf(text string) string {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}

// filter is what the audit is asked.
func (f auditFilter) filter() audit.Filter {
	asked := audit.Filter{
		Actor: f.Actor, Action: f.Action, Resource: f.Resource, Outcome: audit.Outcome(f.Outcome),
		Reads: f.Reads,
	}
	if since, err := time.Parse(time.DateOnly, f.Since); err == nil {
		asked.Since = since
	}
	if until, err := time.Parse(time.DateOnly, f.Until); err == nil {
		asked.Until = until.AddDate(0, 0, 1)
	}
	return asked
}

// Any says whether the filter leaves anything out that it need not.
func (f auditFilter) Any() bool { return f != auditFilter{} }

// query is the filter as a query, with one member changed.
func (f auditFilter) query(name, value string) string {
	q := url.Values{}
	for key, v := range map[string]string{
		"actor": f.Actor, "action": f.Action, "resource": f.Resource,
		"outcome": f.Outcome, "since": f.Since, "until": f.Until,
	} {
		if v != "" {
			q.Set(key, v)
		}
	}
	if f.Reads {
		q.Set("reads", "true")
	}
	if q.Del(name); value != "" {
		q.Set(name, value)
	}
	return "/audit?" + q.Encode()
}
