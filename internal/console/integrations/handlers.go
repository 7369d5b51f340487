// Package integrations is the pages about AWS integrations, their setup and their
// verification, and about the identity of the service.
package integrations

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
	t.Page("GET /sources/integrations/new", h.integrationNew)
	t.Page("POST /sources/integrations/new", h.integrationCreate)
	t.Page("POST /sources/integrations/role-arn", h.integrationRoleARN)
	t.Page("POST /sources/integrations/guide", h.integrationGuide)
	t.Page("GET /sources/integrations/{id}", h.integration)
	t.Page("GET /sources/integrations/{id}/added", h.integrationAdded)
	t.Page("GET /sources/integrations/{id}/edit", h.integrationEdit)
	t.Page("POST /sources/integrations/{id}/edit", h.integrationUpdate)
	t.Page("GET /sources/integrations/{id}/setup/{format}", h.integrationSetup)
	t.Page("GET /sources/integrations/{id}/remove", h.Asks(h.integrationRemoval))
	t.Page("POST /sources/integrations/{id}/remove", h.Removes(h.integrationRemoval))
	t.Page("POST /sources/integrations/{id}/restore", h.integrationRestore)
	t.Page("POST /sources/integrations/{id}/switch", h.integrationSwitch)
	t.Page("GET /sources/integrations/{id}/disable", h.Asks(h.integrationDisabling))
	t.Page("POST /sources/integrations/{id}/disable", h.Removes(h.integrationDisabling))
	t.Page("POST /sources/integrations/{id}/rotation", h.integrationRotate)
	t.Page("GET /sources/integrations/{id}/rotation/complete", h.Asks(h.rotationCompletion))
	t.Page("POST /sources/integrations/{id}/rotation/complete", h.Removes(h.rotationCompletion))
	t.Page("GET /sources/integrations/{id}/check", h.integrationCheck)
	t.Page("POST /sources/integrations/{id}/check", h.integrationChecked)
	t.Page("POST /sources/integrations/{id}/verifications", h.verify)
	t.Page("GET /sources/integrations/{id}/verifications/{verification}/report", h.verificationReport)
	t.Page("GET /sources/integrations/{id}/verifications/{verification}/events", h.Streams(h.verificationEvents))
	t.Page("GET /identity", h.identity)

	t.Keep("POST /sources/integrations/new", "", formFields...)
	t.Keep("POST /sources/integrations/{id}/edit", "", formFields...)
}
