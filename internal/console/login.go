package console

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/login"
)

// loginPage approves a command that wants to act as the member.
type loginPage struct {
	shell
	Code    string
	Request *login.Request // found by the code; nil: the code is still to be typed
	Done    string         // "approved" or "denied"
}

// login shows what the code of a command would allow. It changes nothing.
func (c *Console) login(w http.ResponseWriter, v *visit) error {
	code := v.URL.Query().Get("code")
	if code == "" {
		return c.showLogin(w, v, http.StatusOK, &loginPage{})
	}
	found, err := c.config.Login.Find(v.Context(), v.actor, code)
	if rejected(err) {
		p := &loginPage{Code: code}
		p.Problem = viewProblem(err)
		return c.showLogin(w, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return c.showLogin(w, v, http.StatusOK, &loginPage{Code: code, Request: &found})
}

// loginAnswer approves or denies a command.
func (c *Console) loginAnswer(w http.ResponseWriter, v *visit) error {
	code, answer, done := v.PostFormValue("code"), c.config.Login.Deny, "denied"
	if v.PostFormValue("answer") == "approve" {
		answer, done = c.config.Login.Approve, "approved"
	}
	err := answer(v.Context(), v.actor, code)
	if access.IsStale(err) {
		c.askAgain(w, v, "/login?"+url.Values{"code": {code}}.Encode())
		return nil
	}
	if rejected(err) {
		p := &loginPage{Code: code}
		p.Problem = viewProblem(err)
		return c.showLogin(w, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return c.showLogin(w, v, http.StatusOK, &loginPage{Done: done})
}

func (c *Console) showLogin(w http.ResponseWriter, v *visit, status int, p *loginPage) error {
	rejection := p.Problem
	p.shell = c.shell(v, "Sign in a command", "/login")
	p.Problem = rejection
	c.show(w, v.Request, status, "login", p)
	return nil
}
