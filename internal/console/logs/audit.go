package logs

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/paging"
)

// auditPage is the audit log.
type auditPage struct {
	page.Frame
	Entries []view.Entry
	Filter  view.AuditFilter
	Kinds   []string // of the actions, as in "integration"
	Actions []string
	Next    string
	Chain   *chainView // nil: it was not walked
}

// audit lists the entries, newest first.
func (h *Handlers) audit(w http.ResponseWriter, v *shell.Visit) error {
	return h.showAudit(w, v, nil)
}

func (h *Handlers) showAudit(w http.ResponseWriter, v *shell.Visit, chain *chainView) error {
	q := v.URL.Query()
	filter := view.ReadAuditFilter(q)
	found, err := h.Audit.List(v.Context(), v.Actor, v.Workspace, filter.Filter(),
		paging.Request{Cursor: q.Get("cursor")})
	if err != nil {
		return err
	}
	p := &auditPage{Frame: h.Frame(v, "Audit log", "/audit"), Filter: filter, Chain: chain}
	p.Kinds, p.Actions = actionNames()
	for _, e := range found.Items {
		p.Entries = append(p.Entries, view.EntryOf(e, filter))
	}
	if found.Next != "" {
		p.Next = filter.Query("cursor", found.Next)
	}
	h.Show(w, v.Request, http.StatusOK, "logs/audit", p)
	return nil
}

// actionNames returns the actions and their kinds, in the order of the table.
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
