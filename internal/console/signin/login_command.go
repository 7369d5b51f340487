package signin

import (
	"net/http"
	"net/url"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/login"
)

// loginCommandPage approves a command on this machine that asks to act as the
// member.
type loginCommandPage struct {
	page.Frame
	Ask  login.Ask
	Bad  string // why it can't be approved; empty: it can
	Hint string
}

// askOf parses a command's request from the address or the form.
func askOf(values url.Values) login.Ask {
	ask := login.Ask{Name: values.Get("name"), Redirect: values.Get("redirect_uri"), State: values.Get("state")}
	if values.Get("code_challenge_method") == "S256" {
		ask.Challenge = values.Get("code_challenge")
	}
	return ask
}

// loginCommand shows what the command would be allowed to do. It changes nothing.
func (h *Handlers) loginCommand(w http.ResponseWriter, v *shell.Visit) error {
	p := &loginCommandPage{Frame: h.Frame(v, "Sign in a command", "/login"), Ask: askOf(v.URL.Query())}
	status := http.StatusOK
	if bad := page.ProblemOf(p.Ask.Check()); bad != nil {
		p.Bad, p.Hint, status = bad.Message, bad.Hint, http.StatusUnprocessableEntity
	} else {
		shell.AllowForms(w, p.Ask.Origin()) // the form redirects to the command
	}
	h.Show(w, v.Request, status, "signin/login_command", p)
	return nil
}

// loginCommandAnswer approves or denies the command, and redirects back to it.
func (h *Handlers) loginCommandAnswer(w http.ResponseWriter, v *shell.Visit) error {
	if err := v.ParseForm(); err != nil {
		return err
	}
	ask := askOf(v.PostForm)
	if err := ask.Check(); err != nil {
		return err
	}
	address := ask.Refuse()
	if v.PostFormValue("answer") == "approve" {
		var err error
		address, err = h.Login.Authorize(v.Context(), v.Actor, ask)
		if access.IsStale(err) {
			h.AskAgain(w, v, "/login/command?"+url.Values{
				"name": {ask.Name}, "redirect_uri": {ask.Redirect}, "state": {ask.State},
				"code_challenge": {ask.Challenge}, "code_challenge_method": {"S256"},
			}.Encode())
			return nil
		}
		if err != nil {
			return err
		}
	}
	http.Redirect(w, v.Request, address, http.StatusSeeOther)
	return nil
}
