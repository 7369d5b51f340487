package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

// OpenID signs people in at an OIDC issuer; *openid.SignIn fulfils it.
type OpenID interface {
	Name() string
	Begin(ctx context.Context) (address string, flow openid.Flow, err error)
	Finish(ctx context.Context, flow openid.Flow, query url.Values) (workspace.Identity, error)
}

// sessionOpenID is where a session keeps who is on the way to the issuer.
const sessionOpenID = "openid"

// journey is what waits in the session while a person is at the issuer.
type journey struct {
	Flow      openid.Flow
	Workspace string
	Next      string
	Member    string // who connects an identity; empty: somebody signs in
}

// openIDBegin sends a browser to the issuer: to sign in or, when somebody is
// signed in, to connect their identity.
func (c *Console) openIDBegin(w http.ResponseWriter, r *http.Request) {
	if c.config.OpenID == nil {
		c.noPage(w, r)
		return
	}
	address, flow, err := c.config.OpenID.Begin(r.Context())
	if err != nil {
		c.fail(w, r, err)
		return
	}
	query := r.URL.Query()
	waiting := journey{Flow: flow, Workspace: query.Get("workspace"), Next: localPath(query.Get("next"))}
	if v, err := c.visit(r); err == nil {
		waiting.Member = v.actor.ID
	}
	text, err := json.Marshal(waiting)
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.sessions.Put(r.Context(), sessionOpenID, text)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// openIDReturn takes a browser that comes back from the issuer.
func (c *Console) openIDReturn(w http.ResponseWriter, r *http.Request) {
	if c.config.OpenID == nil {
		c.noPage(w, r)
		return
	}
	var waiting journey
	if text := c.sessions.PopBytes(r.Context(), sessionOpenID); text != nil {
		if err := json.Unmarshal(text, &waiting); err != nil {
			c.fail(w, r, err)
			return
		}
	}
	identity, err := c.config.OpenID.Finish(r.Context(), waiting.Flow, r.URL.Query())
	if waiting.Member != "" {
		c.connect(w, r, waiting.Member, identity, err)
		return
	}
	var member workspace.Member
	if err == nil {
		member, err = c.config.Members.SignInByIdentity(r.Context(), waiting.Workspace, identity, originOf(r))
	}
	c.enter(w, r, member, err, signInPage{Workspace: waiting.Workspace, Next: localPath(waiting.Next)})
}

// connect lets an identity sign the member in who set out to connect it, and
// who is signed in still.
func (c *Console) connect(w http.ResponseWriter, r *http.Request, memberID string, identity workspace.Identity, err error) {
	v, visitErr := c.visit(r)
	if visitErr != nil || v.actor.ID != memberID {
		c.fail(w, r, problem.New(problem.Unauthenticated, "You are not signed in any more.").WithHint("Sign in, and connect the identity again."))
		return
	}
	if err == nil {
		err = c.config.Members.SetIdentity(r.Context(), v.actor, v.workspace, v.actor.ID, identity)
	}
	if err == nil {
		err = c.secured(r)
	}
	if err == nil {
		c.redirect(w, r, "/account?done=identity-connected")
		return
	}
	if !rejected(err) && !problem.Is(err, problem.Unauthenticated) {
		c.fail(w, r, err)
		return
	}
	if err := c.showAccount(w, v, http.StatusUnprocessableEntity, nil, err); err != nil { //nolint:contextcheck // the visit has it
		c.fail(w, r, err)
	}
}
