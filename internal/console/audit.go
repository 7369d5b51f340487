package console

import (
	"net/http"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/paging"
)

// auditPage is the audit log.
type auditPage struct {
	shell
	Entries []entryView
	Filter  auditFilter
	Kinds   []string // of the actions, as in "integration"
	Actions []string
	Next    string
	Chain   *chainView // nil: it was not walked
}

// entryView is an entry.
type entryView struct {
	Time                            time.Time
	Actor, Kind, Address, ActorPath string
	Action, Resource, ResourcePath  string
	Outcome                         string // "allowed", "denied" or "done"
	Reason, RequestID               string
	AWSRequestIDs                   []string
	Detail                          map[string]string
	Seq                             int64
}

// Chip returns the chip that shows the outcome.
func (e entryView) Chip() chip {
	switch audit.Outcome(e.Outcome) {
	case audit.Denied:
		return chip{"bad", "ban", "Denied"}
	case audit.Done:
		return chip{"calm", "circle-check", "Done"}
	case audit.Allowed:
	}
	return chip{"good", "check", "Allowed"}
}

// audit lists the entries, newest first.
func (c *Console) audit(w http.ResponseWriter, v *visit) error {
	return c.showAudit(w, v, nil)
}

func (c *Console) showAudit(w http.ResponseWriter, v *visit, chain *chainView) error {
	q := v.URL.Query()
	filter := readAuditFilter(q)
	found, err := c.config.Audit.List(v.Context(), v.actor, v.workspace, filter.filter(),
		paging.Request{Cursor: q.Get("cursor")})
	if err != nil {
		return err
	}
	p := &auditPage{shell: c.shell(v, "Audit log", "/audit"), Filter: filter, Chain: chain}
	p.Kinds, p.Actions = actionNames()
	for _, e := range found.Items {
		p.Entries = append(p.Entries, viewEntry(e, filter))
	}
	if found.Next != "" {
		p.Next = filter.query("cursor", found.Next)
	}
	c.show(w, v.Request, http.StatusOK, "audit", p)
	return nil
}

func viewEntry(e audit.Entry, f auditFilter) entryView {
	v := entryView{
		Time: e.Time, Actor: e.Actor.Name, Kind: string(e.Actor.Kind), Address: e.Address,
		Action: e.Action, Resource: e.Resource.ID, Outcome: string(e.Outcome), Reason: e.Reason,
		RequestID: e.RequestID, AWSRequestIDs: e.AWSRequestIDs, Detail: e.Detail, Seq: e.Seq,
	}
	if v.Actor == "" {
		v.Actor = e.Actor.ID
	}
	if e.Actor.ID != "" {
		v.ActorPath = f.query("actor", e.Actor.ID)
	}
	if e.Resource.ID == "" {
		v.Resource = e.Resource.Kind
	} else {
		v.ResourcePath = f.query("resource", e.Resource.ID)
	}
	return v
}

// actionNames are the actions and their kinds, in the order of the table.
func actionNames() (kinds, actions []string) {
	for _, a := range access.Actions() {
		kind, _, _ := strings.Cut(string(a), ".")
		if len(kinds) == 0 || kinds[len(kinds)-1] != kind {
			kinds = append(kinds, kind)
		}
		actions = append(actions, string(a))
	}
	return kinds, actions
}
