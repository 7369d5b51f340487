// Package account is the pages about one's own account.
package account

import (
	"embed"

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
	t.Page("GET /account", h.account)
	t.Page("POST /account/password", h.accountPassword)
	t.Page("POST /account/identity", h.accountIdentity)
	t.Page("GET /account/identity", h.accountIdentityFound)
	t.Page("POST /account/identity/connect", h.accountIdentityConnect)
	t.Page("POST /account/identity/remove", h.accountDisconnect)
	t.Page("POST /account/sessions/end", h.accountSignOut)
	t.Page("POST /account/sessions/{id}/end", h.accountSessionEnd)
	t.Page("POST /account/tokens", h.accountToken)

	t.Keep("POST /account/tokens", "/account", "name")
}
