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

// Any reports whether the filter leaves anything out that it need not.
func (f auditFilter) Any() bool { return f != auditFilter{} }

// query returns the path of the page with one member of the filter changed.
func (f auditFilter) query(name, value string) string {
	set := map[string]string{
		"actor": f.Actor, "action": f.Action, "resource": f.Resource,
		"outcome": f.Outcome, "since": f.Since, "until": f.Until,
	}
	if f.Reads {
		set["reads"] = "true"
	}
	return filterPath("/audit", set, name, value)
}

// filterPath returns the path of a page with the members of a filter that are
// set, one of them changed; an empty value removes it.
func filterPath(path string, set map[string]string, name, value string) string {
	set[name] = value
	q := url.Values{}
	for key, v := range set {
		if v != "" {
			q.Set(key, v)
		}
	}
	return path + "?" + q.Encode()
}
