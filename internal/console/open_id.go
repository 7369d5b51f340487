package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/workspace"
)

// openIDBegin sends a browser to the issuer to sign in.
func (c *Console) openIDBegin(w http.ResponseWriter, r *http.Request) {
	if c.config.OpenID == nil {
		c.noPage(w, r)
		return
	}
	query := r.URL.Query()
	if err := c.travel(w, r, journey{
		Workspace: query.Get("workspace"),
		Next:      localPath(query.Get("next")),
	}); err != nil {
		c.fail(w, r, err)
	}
}

// openIDReturn takes a browser that comes back from the issuer. It never connects
// an identity: who set out to connect one is shown it first.
func (c *Console) openIDReturn(w http.ResponseWriter, r *http.Request) {
	if c.config.OpenID == nil {
		c.noPage(w, r)
		return
	}
	waiting, err := c.journey(r)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	identity, err := c.config.OpenID.Finish(r.Context(), waiting.Flow, r.URL.Query())
	if waiting.Member != "" {
		c.connect(w, r, waiting, identity, err)
		return
	}
	var member workspace.Member
	if err == nil {
		member, err = c.config.Members.SignInByIdentity(r.Context(), waiting.Workspace, identity, originOf(r))
	}
	c.enter(w, r, member, err, signInPage{Workspace: waiting.Workspace, Next: localPath(waiting.Next)})
}
