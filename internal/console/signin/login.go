package signin

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/login"
)

// loginPage approves a command that asks to act as the member.
type loginPage struct {
	page.Frame
	Code    string
	Request *login.Request // found by the code; nil: the code is still to be typed
	Done    string         // "approved" or "denied"
}

// login shows what the code of a command would allow. It changes nothing.
func (h *Handlers) login(w http.ResponseWriter, v *shell.Visit) error {
	code := v.URL.Query().Get("code")
	if code == "" {
		return h.showLogin(w, v, http.StatusOK, &loginPage{})
	}
	found, err := h.Login.Find(v.Context(), v.Actor, code)
	if shell.Rejected(err) {
		p := &loginPage{Code: code}
		p.Problem = page.ProblemOf(err)
		return h.showLogin(w, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return h.showLogin(w, v, http.StatusOK, &loginPage{Code: code, Request: &found})
}

// loginAnswer approves or denies a command.
func (h *Handlers) loginAnswer(w http.ResponseWriter, v *shell.Visit) error {
	code, answer, done := v.PostFormValue("code"), h.Login.Deny, "denied"
	if v.PostFormValue("answer") == "approve" {
		answer, done = h.Login.Approve, "approved"
	}
	err := answer(v.Context(), v.Actor, code)
	if access.IsStale(err) {
		h.AskAgain(w, v, "/login?"+url.Values{"code": {code}}.Encode())
		return nil
	}
	if shell.Rejected(err) {
		p := &loginPage{Code: code}
		p.Problem = page.ProblemOf(err)
		return h.showLogin(w, v, http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return h.showLogin(w, v, http.StatusOK, &loginPage{Done: done})
}

func (h *Handlers) showLogin(w http.ResponseWriter, v *shell.Visit, status int, p *loginPage) error {
	rejection := p.Problem
	p.Frame = h.Frame(v, "Sign in a command", "/login")
	p.Problem = rejection
	h.Show(w, v.Request, status, "signin/login", p)
	return nil
}
