// Package policies is the pages that check, question and write IAM policies.
package policies

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
}

// New returns the pages inside a shell.
func New(s *shell.Shell) *Handlers { return &Handlers{s} }

// Routes adds the pages to the table.
func (h *Handlers) Routes(t *shell.Table) {
	t.Page("GET /policies", h.policies)
	t.Page("POST /policies", h.policiesJudge)
	t.Page("GET /policies/least", h.policiesLeast)
}
