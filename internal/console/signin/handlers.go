// Package signin is the console's pages of signing in, a person or a command.
package signin

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
	t.Open("GET /sign-in", h.signIn)
	t.Open("POST /sign-in", h.Form(h.signInPassword))
	t.Open("GET /sign-in/link/{token}", h.signInLink)
	t.Open("POST /sign-in/link", h.Form(h.signInRedeem))
	t.Open("GET /sign-in/openid", h.openIDBegin)
	t.Open("GET /sign-in/callback", h.openIDReturn)
	t.Open("POST /sign-out", h.signOut)
	t.Page("GET /login", h.login)
	t.Page("POST /login", h.loginAnswer)
	t.Page("GET /login/command", h.loginCommand)
	t.Page("POST /login/command", h.loginCommandAnswer)
}
