package signin

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/workspace"
)

// openIDBegin redirects a browser to the issuer to sign in.
func (h *Handlers) openIDBegin(w http.ResponseWriter, r *http.Request) {
	if h.OpenID() == nil {
		h.NotFound(w, r)
		return
	}
	query := r.URL.Query()
	if err := h.Travel(w, r, shell.Journey{
		Workspace: query.Get("workspace"),
		Next:      shell.LocalPath(query.Get("next")),
	}); err != nil {
		h.Fail(w, r, err)
	}
}

// openIDReturn handles a browser that returns from the issuer. It never connects
// an identity; it first shows the identity to the member who is connecting it.
func (h *Handlers) openIDReturn(w http.ResponseWriter, r *http.Request) {
	if h.OpenID() == nil {
		h.NotFound(w, r)
		return
	}
	waiting, err := h.Journey(r)
	if err != nil {
		h.Fail(w, r, err)
		return
	}
	identity, err := h.OpenID().Finish(r.Context(), waiting.Flow, r.URL.Query())
	if waiting.Member != "" {
		h.Connect(w, r, waiting, identity, err)
		return
	}
	var member workspace.Member
	if err == nil {
		member, err = h.Members.SignInByIdentity(r.Context(), waiting.Workspace, identity, shell.OriginOf(r))
	}
	h.enter(w, r, member, err, signInPage{Workspace: waiting.Workspace, Next: shell.LocalPath(waiting.Next)})
}
