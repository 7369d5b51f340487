// Package loads is the pages about loads.
package loads

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
	t.Page("GET /loads", h.loads)
	t.Page("GET /loads/{id}", h.load)
	t.Page("GET /loads/{id}/events", h.Streams(h.loadEvents))
	t.Page("GET /loads/{id}/rejects.csv", h.loadRejects)
	t.Page("POST /loads/{id}/cancel", h.loadCancel)
	t.Page("POST /loads/{id}/reload", h.loadReload)
}
