// Package notifications is the pages about notifications.
package notifications

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
	t.Page("GET /notifications", h.list)
	t.Page("GET /notifications/new", h.add)
	t.Page("POST /notifications/new", h.create)
	t.Page("GET /notifications/{id}", h.show)
	t.Page("GET /notifications/{id}/edit", h.edit)
	t.Page("POST /notifications/{id}/edit", h.update)
	t.Page("POST /notifications/{id}/test", h.test)
	t.Page("POST /notifications/{id}/rotate", h.rotate)
	t.Page("POST /notifications/{id}/enable", h.enable)
	t.Page("POST /notifications/{id}/disable", h.disable)
	t.Page("POST /notifications/{id}/deliveries/{delivery}/retry", h.retry)
	t.Page("GET /notifications/{id}/remove", h.Asks(h.removal))
	t.Page("POST /notifications/{id}/remove", h.Removes(h.removal))

	t.Keep("POST /notifications/new", "", "name", "kind", "to", "events", "datasets")
	t.Keep("POST /notifications/{id}/edit", "", "name", "to", "events", "datasets")
}
