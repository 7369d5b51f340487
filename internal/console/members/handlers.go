// Package members is the pages about the members of a workspace.
package members

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
	t.Page("GET /members", h.members)
	t.Page("GET /members/invite", h.memberInvite)
	t.Page("POST /members/invite", h.memberInvited)
	t.Page("GET /members/{id}", h.member)
	t.Page("POST /members/{id}/role", h.memberRole)
	t.Page("POST /members/{id}/link", h.memberLink)
	t.Page("POST /members/{id}/identity/remove", h.memberUnlink)
	t.Page("POST /members/{id}/sessions/end", h.memberSessionsEnd)
	t.Page("POST /members/{id}/sessions/{session}/end", h.memberSessionEnd)
	t.Page("GET /members/{id}/remove", h.memberRemove)
	t.Page("POST /members/{id}/remove", h.memberRemoved)
	t.Page("POST /members/{id}/tokens/{token}/adopt", h.memberTokenAdopt)

	t.Keep("POST /members/invite", "", "email", "role")
	t.Keep("POST /members/{id}/role", "/members/", "role")
}
