package account

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// identityConnectPage shows the member's identity at the issuer, before they
// connect it.
type identityConnectPage struct {
	page.Frame
	OpenID          string // name of the issuer
	Issuer, Subject string
	Connected       string // the identity that it replaces; empty: none
}

// accountIdentity sends a member to the issuer, after they confirmed with a
// fresh session or their password that it is them.
func (h *Handlers) accountIdentity(w http.ResponseWriter, v *shell.Visit) error {
	if h.OpenID() == nil {
		h.NotFound(w, v.Request)
		return nil
	}
	if err := h.Members.Prove(v.Context(), v.Actor, secret.New(v.PostFormValue("current"))); err != nil {
		return h.accountDone(w, v, "", err)
	}
	return h.Travel(w, v.Request, shell.Journey{Member: v.Actor.ID, Session: h.SessionID(v)})
}

// accountIdentityFound shows the identity that waits to be connected.
func (h *Handlers) accountIdentityFound(w http.ResponseWriter, v *shell.Visit) error {
	found, ok := h.waitingIdentity(v)
	if !ok {
		h.Redirect(w, v.Request, "/account")
		return nil
	}
	member, err := h.Members.SignedIn(v.Context(), v.Actor.ID)
	if err != nil {
		return err
	}
	p := &identityConnectPage{
		Frame: h.Frame(v, "Connect an identity", "/account", page.Crumb{Name: "Your account", Path: "/account"},
			page.Crumb{Name: "Connect an identity"}),
		OpenID: h.OpenID().Name(), Issuer: found.Issuer, Subject: found.Subject,
	}
	if member.Identity.Subject != "" {
		p.Connected = member.Identity.Subject + " at " + member.Identity.Issuer
	}
	h.Show(w, v.Request, http.StatusOK, "account/identity", p)
	return nil
}

// accountIdentityConnect connects the identity that was shown.
func (h *Handlers) accountIdentityConnect(w http.ResponseWriter, v *shell.Visit) error {
	found, ok := h.waitingIdentity(v)
	h.Sessions().Remove(v.Context(), sessionIdentity)
	if !ok || found.Issuer != v.PostFormValue("issuer") || found.Subject != v.PostFormValue("subject") {
		return h.accountDone(w, v, "", problem.New(problem.Conflict, "There is no identity to connect.").
			WithHint("Connect it again."))
	}
	proven := v.Actor
	proven.Fresh = true // the member has just confirmed who they are, before going to the issuer
	return h.accountDone(w, v, "identity-connected", h.Members.LinkIdentity(v.Context(), proven, found.Identity))
}

// waitingIdentity returns the identity that this member found in this session, a
// short while ago.
func (h *Handlers) waitingIdentity(v *shell.Visit) (foundIdentity, bool) {
	var found foundIdentity
	text := h.Sessions().GetBytes(v.Context(), sessionIdentity)
	if text == nil || h.OpenID() == nil || json.Unmarshal(text, &found) != nil {
		return foundIdentity{}, false
	}
	inTime := h.Now().Before(found.At.Add(openid.FlowLifetime))
	return found, inTime && found.Member == v.Actor.ID && found.Session == h.SessionID(v)
}

// sessionIdentity is the session's key for a foundIdentity that waits to be
// connected.
const sessionIdentity = "identity"

// foundIdentity is a member's identity at the issuer, before they connect it.
type foundIdentity struct {
	workspace.Identity

	Member, Session string // the member and the session that found it
	At              time.Time
}

// Connect stores the member's identity at the issuer in the session, and shows it.
func (h *Handlers) Connect(w http.ResponseWriter, r *http.Request, waiting shell.Journey, identity workspace.Identity,
	err error,
) {
	v, visitErr := h.Visit(r)
	if visitErr != nil || v.Actor.ID != waiting.Member || h.SessionID(v) != waiting.Session { //nolint:contextcheck // the visit carries the context
		h.Fail(w, r, problem.New(problem.Unauthenticated, "You are no longer signed in.").
			WithHint("Sign in and connect the identity again."))
		return
	}
	if err == nil {
		var text []byte
		if text, err = json.Marshal(foundIdentity{
			identity, waiting.Member, waiting.Session,
			h.Now(),
		}); err == nil {
			h.Sessions().Put(r.Context(), sessionIdentity, text)
			h.Redirect(w, r, "/account/identity")
			return
		}
	}
	if !shell.Rejected(err) && !problem.Is(err, problem.Unauthenticated) {
		h.Fail(w, r, err)
		return
	}
	if err := h.showAccount(w, v, http.StatusUnprocessableEntity, accountForm{rejection: err}); err != nil { //nolint:contextcheck // the visit has it
		h.Fail(w, r, err)
	}
}
