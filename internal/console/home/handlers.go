// Package home has the first page. It shows newcomers the steps to a first
// answer, and later an overview of the workspace.
package home

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
	t.Page("GET /{$}", h.home)
	t.Page("GET /attention", h.attentionShow)
	t.Page("GET /attention/count", h.attentionCount)
}
