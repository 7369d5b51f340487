package console

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/openid"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
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

// browserName names a browser and its system as people know them.
func browserName(agent string) string {
	name := firstIn(agent, "Firefox/", "Firefox", "Edg/", "Edge", "OPR/", "Opera", "Chrome/", "Chrome", "Safari/",
		"Safari", "curl/", "curl")
	system := firstIn(agent, "iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS X",
		"macOS", "Linux", "Linux")
	switch {
	case name == "" && system == "":
		return "Unknown browser"
	case name == "":
		return "Browser on " + system
	case system == "":
		return name
	}
	return name + " on " + system
}

// firstIn returns the name of the first mark that a text has; marks and names
// alternate.
func firstIn(text string, marks ...string) string {
	for i := 0; i+1 < len(marks); i += 2 {
		if strings.Contains(text, marks[i]) {
			return marks[i+1]
		}
	}
	return ""
}
