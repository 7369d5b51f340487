// Package logs is the pages of the audit log and the security log.
package logs

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
	t.Page("GET /audit", h.audit)
	t.Page("GET /audit/export", h.auditExport)
	t.Page("POST /audit/verification", h.auditVerify)
	t.Page("GET /security", h.security)
}
