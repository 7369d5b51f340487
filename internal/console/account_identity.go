package console

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// identityConnectPage shows who the member is to the issuer, before they connect
// it.
type identityConnectPage struct {
	shell
	OpenID          string // name of the issuer
	Issuer, Subject string
	Connected       string // the identity that it replaces; empty: none
}

// accountIdentity sends a member to the issuer, who proves with a fresh session
// or their password that it is them.
func (c *Console) accountIdentity(w http.ResponseWriter, v *visit) error {
	if c.config.OpenID == nil {
		c.noPage(w, v.Request)
		return nil
	}
	if err := c.config.Members.Prove(v.Context(), v.actor, secret.New(v.PostFormValue("current"))); err != nil {
		return c.accountDone(w, v, "", err)
	}
	return c.travel(w, v.Request, journey{Member: v.actor.ID, Session: c.session(v)})
}

// accountIdentityFound shows the identity that waits to be connected.
func (c *Console) accountIdentityFound(w http.ResponseWriter, v *visit) error {
	found, ok := c.waitingIdentity(v)
	if !ok {
		c.redirect(w, v.Request, "/account")
		return nil
	}
	member, err := c.config.Members.SignedIn(v.Context(), v.actor.ID)
	if err != nil {
		return err
	}
	p := &identityConnectPage{
		shell: c.shell(v, "Connect an identity", "/account", crumb{"Your account", "/account"},
			crumb{Name: "Connect an identity"}),
		OpenID: c.config.OpenID.Name(), Issuer: found.Issuer, Subject: found.Subject,
	}
	if member.Identity.Subject != "" {
		p.Connected = member.Identity.Subject + " at " + member.Identity.Issuer
	}
	c.show(w, v.Request, http.StatusOK, "identity_connect", p)
	return nil
}

// accountIdentityConnect connects the identity that was shown.
func (c *Console) accountIdentityConnect(w http.ResponseWriter, v *visit) error {
	found, ok := c.waitingIdentity(v)
	c.sessions.Remove(v.Context(), sessionIdentity)
	if !ok || found.Issuer != v.PostFormValue("issuer") || found.Subject != v.PostFormValue("subject") {
		return c.accountDone(w, v, "", problem.New(problem.Conflict, "No identity waits to be connected.").
			WithHint("Connect it again."))
	}
	proven := v.actor
	proven.Fresh = true // the way to the issuer began with a proof, a short while ago
	return c.accountDone(w, v, "identity-connected", c.config.Members.LinkIdentity(v.Context(), proven, found.Identity))
}

// waitingIdentity returns the identity that this member found in this session, a
// short while ago.
func (c *Console) waitingIdentity(v *visit) (foundIdentity, bool) {
	var found foundIdentity
	text := c.sessions.GetBytes(v.Context(), sessionIdentity)
	if text == nil || c.config.OpenID == nil || json.Unmarshal(text, &found) != nil {
		return foundIdentity{}, false
	}
	inTime := c.config.Now().Before(found.At.Add(openid.FlowLifetime))
	return found, inTime && found.Member == v.actor.ID && found.Session == c.session(v)
}

// sessionIdentity is where the session keeps a foundIdentity that waits to be
// connected.
const sessionIdentity = "identity"

// foundIdentity is who a member is to the issuer, until they connect it.
type foundIdentity struct {
	workspace.Identity

	Member, Session string // who found it, in which session
	At              time.Time
}

// connect keeps who the member is to the issuer, and shows it.
func (c *Console) connect(w http.ResponseWriter, r *http.Request, waiting journey, identity workspace.Identity,
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
