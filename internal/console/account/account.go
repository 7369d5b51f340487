package account

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// accountPage shows how the member signs in, where they are signed in, and
// their personal tokens.
type accountPage struct {
	page.Frame
	Email, Role string
	Password    bool   // whether there is one
	Fresh       bool   // the current password isn't needed
	Identity    string // "subject at issuer"; empty: none
	OpenID      string // name of the issuer; empty: none is configured
	Sessions    []view.Browser
	Created     *view.CreatedToken
	TokenName   string // of the personal token, as entered
}

// accountForm is the result of a form on the page.
type accountForm struct {
	created   *view.CreatedToken
	rejection error
}

func (h *Handlers) account(w http.ResponseWriter, v *shell.Visit) error {
	return h.showAccount(w, v, http.StatusOK, accountForm{})
}

func (h *Handlers) showAccount(w http.ResponseWriter, v *shell.Visit, status int, form accountForm) error {
	member, err := h.Members.SignedIn(v.Context(), v.Actor.ID)
	if err != nil {
		return err
	}
	p := &accountPage{
		Frame: h.Frame(v, "Your account", "/account"), Email: member.Email, Role: string(member.Role),
		Password: member.PasswordHash != "",
		Fresh:    h.Fresh(v), Created: form.created, TokenName: cmp.Or(v.Draft.Get("name"), v.PostFormValue("name")),
	}
	if member.Identity != (workspace.Identity{}) {
		p.Identity = member.Identity.Subject + " at " + member.Identity.Issuer
	}
	if h.OpenID() != nil {
		p.OpenID = h.OpenID().Name()
		shell.AllowForms(w, h.OpenID().Origin()) // the form that connects an identity leads to the issuer
	}
	open, err := h.Members.Sessions(v.Context(), v.Actor, v.Workspace, v.Actor.ID)
	if err != nil {
		return err
	}
	p.Sessions = view.Browsers(open, h.SessionID(v))
	p.Problem = page.ProblemOf(form.rejection)
	h.Show(w, v.Request, status, "account/account", p)
	return nil
}

// accountDone responds to a change: it shows the account again if the change
// was refused, asks a stale session to sign in, and redirects if the change
// was made.
func (h *Handlers) accountDone(w http.ResponseWriter, v *shell.Visit, done string, err error) error {
	if access.IsStale(err) {
		h.AskAgain(w, v, "/account")
		return nil
	}
	if shell.Rejected(err) {
		return h.showAccount(w, v, shell.RejectedStatus(w, err), accountForm{rejection: err})
	}
	if err == nil {
		err = h.secured(v)
	}
	if err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/account?done="+done)
	return nil
}

// secured keeps this session, with a new token, after all others were ended.
func (h *Handlers) secured(v *shell.Visit) error {
	member, err := h.Members.SignedIn(v.Context(), v.Actor.ID)
	if err != nil {
		return err
	}
	if err := h.DropSession(v.Request); err != nil {
		return err
	}
	return h.StartSession(v.Request, member)
}

func (h *Handlers) accountPassword(w http.ResponseWriter, v *shell.Visit) error {
	next := secret.New(v.PostFormValue("password"))
	var err error
	if !next.Equal(secret.New(v.PostFormValue("again"))) {
		err = problem.New(problem.Invalid, "The two new passwords differ.").
			WithFindings(problem.Finding{Path: "again", Message: "This password differs from the one above."})
	} else {
		err = h.Members.ChangePassword(v.Context(), v.Actor, secret.New(v.PostFormValue("current")), next)
	}
	if err == nil { // the browser stays known with the new password
		err = h.rememberDevice(w, v)
	}
	return h.accountDone(w, v, "password-changed", err)
}

func (h *Handlers) rememberDevice(w http.ResponseWriter, v *shell.Visit) error {
	member, err := h.Members.SignedIn(v.Context(), v.Actor.ID)
	if err != nil {
		return err
	}
	return h.KeepDevice(w, v.Request, member)
}

func (h *Handlers) accountDisconnect(w http.ResponseWriter, v *shell.Visit) error {
	return h.accountDone(w, v, "identity-removed", h.Members.RemoveIdentity(v.Context(), v.Actor, v.Workspace,
		v.Actor.ID))
}

// accountSessionEnd ends one of the member's sessions.
func (h *Handlers) accountSessionEnd(w http.ResponseWriter, v *shell.Visit) error {
	if err := h.Members.EndSession(v.Context(), v.Actor, v.Workspace, v.Actor.ID,
		v.PathValue("id")); err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/account?done=session-ended")
	return nil
}

// accountSignOut ends every session of the member but this one.
func (h *Handlers) accountSignOut(w http.ResponseWriter, v *shell.Visit) error {
	if err := h.Members.EndSessions(v.Context(), v.Actor, v.Workspace, v.Actor.ID); err != nil {
		return err
	}
	if err := h.secured(v); err != nil {
		return err
	}
	h.Redirect(w, v.Request, "/account?done=signed-out")
	return nil
}

// accountToken mints a personal token and shows it, once.
func (h *Handlers) accountToken(w http.ResponseWriter, v *shell.Visit) error {
	made, text, err := h.Tokens.Mint(v.Context(), v.Actor, v.Workspace,
		token.Draft{Kind: token.Personal, Name: strings.TrimSpace(v.PostFormValue("name"))})
	if access.IsStale(err) {
		h.AskAgain(w, v, "/account", "name")
		return nil
	}
	if shell.Rejected(err) {
		return h.showAccount(w, v, http.StatusUnprocessableEntity, accountForm{rejection: err})
	}
	if err != nil {
		return err
	}
	return h.showAccount(w, v, http.StatusOK, accountForm{created: &view.CreatedToken{
		Name:  made.Name,
		Value: text.Reveal(),
	}})
}
