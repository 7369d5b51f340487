package console

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
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
