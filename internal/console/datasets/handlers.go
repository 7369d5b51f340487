// Package datasets is the pages about datasets.
package datasets

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
	t.Page("GET /datasets", h.datasets)
	t.Page("GET /datasets/{name}", h.dataset)
	t.Page("GET /datasets/{name}/remove", h.Asks(h.datasetRemoval))
	t.Page("POST /datasets/{name}/remove", h.Removes(h.datasetRemoval))
	t.Page("POST /datasets/{name}/restore", h.datasetRestore)
}
