package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

// OpenID signs people in at an OIDC issuer; *openid.SignIn fulfils it.
type OpenID interface {
	Name() string
	// Origin returns the origin that Begin sends the browser to; empty if no
	// policy can name it.
	Origin() string
	// Begin returns where the browser goes. With again the issuer asks the person
	// to sign in even if they are signed in there.
	Begin(ctx context.Context, again bool) (address string, flow openid.Flow, err error)
	Finish(ctx context.Context, flow openid.Flow, query url.Values) (workspace.Identity, error)
}

// Session keys of a sign-in at the issuer.
const (
	sessionOpenID   = "openid"   // a journey
	sessionIdentity = "identity" // a foundIdentity that waits to be connected
)

// journey is what waits in the session while a person is at the issuer.
type journey struct {
	Flow      openid.Flow
	Workspace string
	Next      string
	Member    string // who connects an identity; empty: somebody signs in
	Session   string // the session that connects it
}

// foundIdentity is who a member is to the issuer, until they connect it.
type foundIdentity struct {
	workspace.Identity

	Member, Session string // who found it, in which session
	At              time.Time
}

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

// travel sends a browser to the issuer. Who connects an identity, or confirms in
// an open session that it is them, signs in there again: an open session at the
// issuer isn't enough.
func (c *Console) travel(w http.ResponseWriter, r *http.Request, waiting journey) error {
	again := waiting.Member != "" || c.sessions.GetString(r.Context(), sessionMember) != ""
	address, flow, err := c.config.OpenID.Begin(r.Context(), again)
	if err != nil {
		return err
	}
	waiting.Flow = flow
	text, err := json.Marshal(waiting)
	if err != nil {
		return err
	}
	c.sessions.Put(r.Context(), sessionOpenID, text)
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// openIDReturn takes a browser that comes back from the issuer. It never connects
// an identity: who set out to connect one is shown it first.
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
		c.foundIdentity(w, r, waiting, identity, err)
		return
	}
	var member workspace.Member
	if err == nil {
		member, err = c.config.Members.SignInByIdentity(r.Context(), waiting.Workspace, identity, originOf(r))
	}
	c.enter(w, r, member, err, signInPage{Workspace: waiting.Workspace, Next: localPath(waiting.Next)})
}

// foundIdentity keeps who the member is to the issuer, and shows it.
func (c *Console) foundIdentity(w http.ResponseWriter, r *http.Request, waiting journey, identity workspace.Identity,
	err error,
) {
	v, visitErr := c.visit(r)
	if visitErr != nil || v.actor.ID != waiting.Member || c.session(v) != waiting.Session { //nolint:contextcheck // the visit carries the context
		c.fail(w, r, problem.New(problem.Unauthenticated, "You are no longer signed in.").
			WithHint("Sign in and connect the identity again."))
		return
	}
	if err == nil {
		var text []byte
		if text, err = json.Marshal(foundIdentity{
			identity, waiting.Member, waiting.Session,
			c.config.Now(),
		}); err == nil {
			c.sessions.Put(r.Context(), sessionIdentity, text)
			c.redirect(w, r, "/account/identity")
			return
		}
	}
	if !rejected(err) && !problem.Is(err, problem.Unauthenticated) {
		c.fail(w, r, err)
		return
	}
	if err := c.showAccount(w, v, http.StatusUnprocessableEntity, accountForm{rejection: err}); err != nil { //nolint:contextcheck // the visit has it
		c.fail(w, r, err)
	}
}

// session returns the ID of the visit's session.
func (c *Console) session(v *visit) string { return c.sessions.GetString(v.Context(), sessionID) }
