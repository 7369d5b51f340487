package console

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// accountPage is how the member signs in, where they are signed in, and their
// personal tokens.
type accountPage struct {
	shell
	Email, Role string
	Password    bool   // whether there is one
	Fresh       bool   // the current password isn't needed
	Identity    string // "subject at issuer"; empty: none
	OpenID      string // name of the issuer; empty: none is configured
	Sessions    []browserView
	Created     *createdToken
	TokenName   string // of the personal token, as it was typed
}

// accountForm is what a form of the page came to.
type accountForm struct {
	created   *createdToken
	rejection error
}

func (c *Console) account(w http.ResponseWriter, v *visit) error {
	return c.showAccount(w, v, http.StatusOK, accountForm{})
}

func (c *Console) showAccount(w http.ResponseWriter, v *visit, status int, form accountForm) error {
	member, err := c.config.Members.SignedIn(v.Context(), v.actor.ID)
	if err != nil {
		return err
	}
	p := &accountPage{
		shell: c.shell(v, "Your account", "/account"), Email: member.Email, Role: string(member.Role),
		Password: member.PasswordHash != "",
		Fresh:    c.fresh(v), Created: form.created, TokenName: cmp.Or(v.draft.Get("name"), v.PostFormValue("name")),
	}
	if member.Identity != (workspace.Identity{}) {
		p.Identity = member.Identity.Subject + " at " + member.Identity.Issuer
	}
	if c.config.OpenID != nil {
		p.OpenID = c.config.OpenID.Name()
		allowForms(w, c.config.OpenID.Origin()) // the form that connects an identity leads to the issuer
	}
	open, err := c.config.Members.Sessions(v.Context(), v.actor, v.workspace, v.actor.ID)
	if err != nil {
		return err
	}
	p.Sessions = viewBrowsers(open, c.session(v))
	p.Problem = viewProblem(form.rejection)
	c.show(w, v.Request, status, "account", p)
	return nil
}

// accountDone shows the account again when a change was refused, sends a stale
// session to sign in, and goes on when the change was made.
func (c *Console) accountDone(w http.ResponseWriter, v *visit, done string, err error) error {
	if access.IsStale(err) {
		c.askAgain(w, v, "/account")
		return nil
	}
	if rejected(err) {
		return c.showAccount(w, v, rejectedStatus(w, err), accountForm{rejection: err})
	}
	if err == nil {
		err = c.secured(v)
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, "/account?done="+done)
	return nil
}

// secured keeps this session, under a new token, when all others have ended.
func (c *Console) secured(v *visit) error {
	member, err := c.config.Members.SignedIn(v.Context(), v.actor.ID)
	if err != nil {
		return err
	}
	if err := c.dropSession(v.Request); err != nil {
		return err
	}
	return c.startSession(v.Request, member)
}

func (c *Console) accountPassword(w http.ResponseWriter, v *visit) error {
	next := secret.New(v.PostFormValue("password"))
	var err error
	if !next.Equal(secret.New(v.PostFormValue("again"))) {
		err = problem.New(problem.Invalid, "The two new passwords differ.").
			WithFindings(problem.Finding{Path: "again", Message: "This is not the same."})
	} else {
		err = c.config.Members.ChangePassword(v.Context(), v.actor, secret.New(v.PostFormValue("current")), next)
	}
	if err == nil { // the browser stays known under the new password
		err = c.rememberDevice(w, v)
	}
	return c.accountDone(w, v, "password-changed", err)
}

func (c *Console) rememberDevice(w http.ResponseWriter, v *visit) error {
	member, err := c.config.Members.SignedIn(v.Context(), v.actor.ID)
	if err != nil {
		return err
	}
	return c.keepDevice(w, v.Request, member)
}

func (c *Console) accountDisconnect(w http.ResponseWriter, v *visit) error {
	return c.accountDone(w, v, "identity-removed", c.config.Members.RemoveIdentity(v.Context(), v.actor, v.workspace,
		v.actor.ID))
}

// accountSessionEnd ends one of the member's sessions.
func (c *Console) accountSessionEnd(w http.ResponseWriter, v *visit) error {
	if err := c.config.Members.EndSession(v.Context(), v.actor, v.workspace, v.actor.ID,
		v.PathValue("id")); err != nil {
		return err
	}
	c.redirect(w, v.Request, "/account?done=session-ended")
	return nil
}

// accountSignOut ends every session of the member but this one.
func (c *Console) accountSignOut(w http.ResponseWriter, v *visit) error {
	if err := c.config.Members.EndSessions(v.Context(), v.actor, v.workspace, v.actor.ID); err != nil {
		return err
	}
	if err := c.secured(v); err != nil {
		return err
	}
	c.redirect(w, v.Request, "/account?done=signed-out")
	return nil
}

// accountToken mints a personal token and shows it, once.
func (c *Console) accountToken(w http.ResponseWriter, v *visit) error {
	made, text, err := c.config.Tokens.Mint(v.Context(), v.actor, v.workspace,
		token.Draft{Kind: token.Personal, Name: strings.TrimSpace(v.PostFormValue("name"))})
	if access.IsStale(err) {
		c.askAgain(w, v, "/account", "name")
		return nil
	}
	if rejected(err) {
		return c.showAccount(w, v, http.StatusUnprocessableEntity, accountForm{rejection: err})
	}
	if err != nil {
		return err
	}
	return c.showAccount(w, v, http.StatusOK, accountForm{created: &createdToken{made.Name, text.Reveal()}})
}
