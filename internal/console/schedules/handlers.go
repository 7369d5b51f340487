// Package schedules is the pages about schedules.
package schedules

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
	t.Page("GET /schedules", h.list)
	t.Page("GET /schedules/new", h.add)
	t.Page("POST /schedules/new", h.create)
	t.Page("GET /schedules/{id}", h.show)
	t.Page("GET /schedules/{id}/edit", h.edit)
	t.Page("POST /schedules/{id}/edit", h.update)
	t.Page("POST /schedules/{id}/runs", h.run)
	t.Page("POST /schedules/{id}/pause", h.pause)
	t.Page("POST /schedules/{id}/resume", h.resume)
	t.Page("GET /schedules/{id}/remove", h.Asks(h.removal))
	t.Page("POST /schedules/{id}/remove", h.Removes(h.removal))

	t.Keep("POST /schedules/new", "", fields...)
	t.Keep("POST /schedules/{id}/edit", "", fields...)
}
