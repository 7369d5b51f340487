// Package ci has the pages about CI access: providers, grants, and the access
// that they allow.
package ci

import (
	"embed"
	"net/http"

	"github.com/windlass-io/windlass/internal/console/shell"
)

// Templates are the templates of the pages.
//
//go:embed template
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	*shell.Shell
	Services
}

// New returns the pages inside a shell.
func New(s *shell.Shell, services Services) *Handlers { return &Handlers{s, services} }

// Routes adds the pages to the table.
func (h *Handlers) Routes(t *shell.Table) {
	t.Page("GET /ci", h.ci)
	t.Page("GET /ci/access", h.ciAccess)
	t.Page("POST /ci/access", h.providerAdd)
	t.Page("GET /ci/grants/new", h.grantNew)
	t.Page("POST /ci/grants/new", h.grantCreate)
	t.Page("GET /ci/revoke/{kind}/{id}", h.revoke)
	t.Page("POST /ci/revoke/{kind}/{id}", h.revoked)
	t.Page("GET /ci/explain", h.explain)
	t.Page("POST /ci/explain", h.explained)
	t.Page("GET /reach", h.ciReach)
	t.Open("GET /ci/reach", reachMoved)

	t.Keep("POST /ci/access", "", providerFields...)
	t.Keep("POST /ci/grants/new", "", grantFields...)
}

// reachMoved redirects from the address that the page had before.
func reachMoved(w http.ResponseWriter, r *http.Request) {
	path := "/reach"
	if r.URL.RawQuery != "" {
		path += "?" + r.URL.RawQuery
	}
	http.Redirect(w, r, path, http.StatusPermanentRedirect) //nolint:gosec // the path is fixed; only its query is the caller's
}
