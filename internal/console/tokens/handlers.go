// Package tokens is the pages about API tokens.
package tokens

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
	t.Page("GET /tokens", h.tokens)
	t.Page("GET /tokens/new", h.tokenNew)
	t.Page("POST /tokens/new", h.tokenCreate)
	t.Page("GET /tokens/{id}", h.token)
	t.Page("POST /tokens/{id}", h.tokenChange)
	t.Page("POST /tokens/{id}/reviewed", h.tokenReviewed)
	t.Page("POST /tokens/{id}/adopt", h.tokenAdopt)
	t.Page("GET /tokens/{id}/revoke", h.Asks(h.tokenRevocation))
	t.Page("POST /tokens/{id}/revoke", h.Removes(h.tokenRevocation))

	t.Keep("POST /tokens/new", "", tokenFields...)
	t.Keep("POST /tokens/{id}", "", tokenFields...)
}
