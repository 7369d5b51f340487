package console

import (
	"net/http"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// accountPage is how the member signs in, and their personal tokens.
type accountPage struct {
	shell
	Email, Role string
	Password    bool   // whether there is one
	Identity    string // "subject at issuer"; empty: none
	OpenID      string // name of the issuer; empty: none is configured
	Created     *createdToken
}

func (c *Console) account(w http.ResponseWriter, v *visit) error {
	return c.showAccount(w, v, http.StatusOK, nil, nil)
}

func (c *Console) showAccount(w http.ResponseWriter, v *visit, status int, created *createdToken, rejection error) error {
	member, err := c.config.Members.SignedIn(v.Context(), v.actor.ID)
	if err != nil {
		return err
	}
	p := &accountPage{shell: c.shell(v, "Your account", "/account"), Email: member.Email, Role: string(member.Role), Password: member.PasswordHash != "", Created: created}
	if member.Identity != (workspace.Identity{}) {
		p.Identity = member.Identity.Subject + " at " + member.Identity.Issuer
	}
	if c.config.OpenID != nil {
		p.OpenID = c.config.OpenID.Name()
	}
	p.Problem = viewProblem(rejection)
	c.show(w, v.Request, status, "account", p)
	return nil
}

// accountDone shows the account again when something was refused, and goes on
// when it was not.
func (c *Console) accountDone(w http.ResponseWriter, v *visit, done string, err error) error {
	if rejected(err) {
		return c.showAccount(w, v, http.StatusUnprocessableEntity, nil, err)
	}
	if err == nil {
		err = c.secured(v.Request)
	}
	if err != nil {
		return err
	}
	c.redirect(w, v.Request, "/account?done="+done)
	return nil
}

// secured keeps this session when all others have ended.
func (c *Console) secured(r *http.Request) error {
	if err := c.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	c.sessions.Put(r.Context(), sessionSince, c.config.Now().UnixMicro())
	return nil
}

func (c *Console) accountPassword(w http.ResponseWriter, v *visit) error {
	current, next := secret.New(v.PostFormValue("current")), secret.New(v.PostFormValue("password"))
	var err error
	if !next.Equal(secret.New(v.PostFormValue("again"))) {
		err = problem.New(problem.Invalid, "The two new passwords differ.").WithFindings(problem.Finding{Path: "again", Message: "This is not the same."})
	} else {
		err = c.config.Members.ChangePassword(v.Context(), v.actor, current, next)
	}
	return c.accountDone(w, v, "password-changed", err)
}

func (c *Console) accountDisconnect(w http.ResponseWriter, v *visit) error {
	return c.accountDone(w, v, "identity-removed", c.config.Members.SetIdentity(v.Context(), v.actor, v.workspace, v.actor.ID, workspace.Identity{}))
}

// accountToken mints a personal token and shows it, once.
func (c *Console) accountToken(w http.ResponseWriter, v *visit) error {
	made, text, err := c.config.Tokens.Mint(v.Context(), v.actor, v.workspace, token.Draft{Kind: token.Personal, Name: strings.TrimSpace(v.PostFormValue("name"))})
	if rejected(err) {
		return c.showAccount(w, v, http.StatusUnprocessableEntity, nil, err)
	}
	if err != nil {
		return err
	}
	return c.showAccount(w, v, http.StatusOK, &createdToken{made.Name, text.Reveal()}, nil)
}
