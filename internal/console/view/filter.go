package view

import (
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/console/page"
)

// AuditFilter narrows the log; it is the query.
type AuditFilter struct {
	Actor    string // ID
	Action   string // "integration.create", or "integration." for all of its kind
	Resource string // ID
	Outcome  string
	Since    string // day, UTC: "2026-11-22"
	Until    string // day, UTC, itself included
	Reads    bool   // with the entries about reads of data
}

// ReadAuditFilter parses the filter in a query.
func ReadAuditFilter(q url.Values) AuditFilter {
	return AuditFilter{
		Actor: q.Get("actor"), Action: q.Get("action"), Resource: q.Get("resource"), Outcome: q.Get("outcome"),
		Since: page.Day(q.Get("since")), Until: page.Day(q.Get("until")), Reads: q.Get("reads") == "true",
	}
}

// Filter converts the filter for the audit.
func (f AuditFilter) Filter() audit.Filter {
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

// Any reports whether the filter leaves anything out that it need not.
func (f AuditFilter) Any() bool { return f != AuditFilter{} }

// Query returns the path of the page with one member of the filter changed.
func (f AuditFilter) Query(name, value string) string {
	set := map[string]string{
		"actor": f.Actor, "action": f.Action, "resource": f.Resource,
		"outcome": f.Outcome, "since": f.Since, "until": f.Until,
	}
	if f.Reads {
		set["reads"] = "true"
	}
	return FilterPath("/audit", set, name, value)
}

// FilterPath returns the path of a page with the members of a filter that are
// set, one of them changed; an empty value removes it.
func FilterPath(path string, set map[string]string, name, value string) string {
	set[name] = value
	q := url.Values{}
	for key, v := range set {
		if v != "" {
			q.Set(key, v)
		}
	}
	return path + "?" + q.Encode()
}
