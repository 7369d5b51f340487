// Package credentials is the pages about access keys, and the overview of
// everything that opens a bucket.
package credentials

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
	t.Page("GET /sources/credentials", h.credentials)
	t.Page("GET /sources/credentials/new", h.credentialNew)
	t.Page("POST /sources/credentials/new", h.credentialAdd)
	t.Page("GET /sources/credentials/{id}", h.credential)
	t.Page("POST /sources/credentials/{id}/verification", h.credentialVerify)
	t.Page("GET /sources/credentials/{id}/remove", h.Asks(h.credentialRemoval))
	t.Page("POST /sources/credentials/{id}/remove", h.Removes(h.credentialRemoval))

	t.Keep("POST /sources/credentials/new", "", "name", "access_key_id", "endpoint", "region")
}
