// Package sandbox has the pages about the embedded stand-in for AWS.
package sandbox

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
	t.Page("GET /sandbox", h.sandbox)
	t.Page("GET /sandbox/events", h.Streams(h.sandboxEvents))
	t.Page("GET /sandbox/calls/{sequence}", h.sandboxCall)
	t.Page("POST /sandbox/faults", h.sandboxBreak)
	t.Page("POST /sandbox/faults/{id}/remove", h.sandboxRemoveFault)
}
