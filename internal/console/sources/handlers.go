// Package sources is the pages about data sources.
package sources

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
	t.Page("GET /sources/data", h.sources)
	t.Page("GET /sources/data/new", h.sourceNew)
	t.Page("POST /sources/data/new", h.sourceCreate)
	t.Page("POST /sources/data/preview", h.sourceDraft)
	t.Page("GET /sources/data/{id}", h.source)
	t.Page("GET /sources/data/{id}/feeds/{feed}", h.feedEdit)
	t.Page("POST /sources/data/{id}/feeds/{feed}", h.feedUpdate)
	t.Page("GET /sources/data/{id}/edit", h.sourceEdit)
	t.Page("POST /sources/data/{id}/edit", h.sourceUpdate)
	t.Page("GET /sources/data/{id}/remove", h.Asks(h.sourceRemoval))
	t.Page("POST /sources/data/{id}/remove", h.Removes(h.sourceRemoval))
	t.Page("POST /sources/data/{id}/loads", h.loadStart)

	t.Keep("POST /sources/data/new", "", sourceFields...)
	t.Keep("POST /sources/data/{id}/edit", "", sourceFields...)
	t.Keep("POST /sources/data/{id}/feeds/{feed}", "", feedNames...)
}
