package signin

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// signInPage asks a person to sign in.
type signInPage struct {
	Title     string
	Theme     string
	Workspace string
	Email     string
	Next      string // the path to go on to
	Link      string // the token of a one-time link; empty for the password form
	Kept      bool   // the session ended while a form was being filled in; its input is kept
	Again     bool   // someone is signed in and must confirm that it is them
	OpenID    string // name of the issuer to sign in at; empty: none is configured
	Problem   *page.Problem
}

func (h *Handlers) showSignIn(w http.ResponseWriter, r *http.Request, status int, p signInPage) {
	p.Title, p.Theme = "Sign in", shell.ThemeOf(r)
	if h.OpenID() != nil {
		p.OpenID = h.OpenID().Name()
	}
	h.Write(w, r, status, "signin/sign_in", "page", &p)
}

// signIn shows the form. It redirects members who are already signed in, unless
// they must confirm it.
func (h *Handlers) signIn(w http.ResponseWriter, r *http.Request) {
	next := shell.LocalPath(r.URL.Query().Get("next"))
	p := signInPage{Next: next, Workspace: r.URL.Query().Get("workspace")}
	if v, err := h.Visit(r); err == nil {
		if r.URL.Query().Get("again") == "" {
			h.Redirect(w, r, next)
			return
		}
		p.Again, p.Workspace, p.Email = true, v.WorkspaceName, v.Actor.Name
	} else {
		p.Kept = h.HasDraft(r)
	}
	h.showSignIn(w, r, http.StatusOK, p)
}

// signInPassword signs in with a workspace, an e-mail address and a password.
func (h *Handlers) signInPassword(w http.ResponseWriter, r *http.Request) {
	p := signInPage{
		Workspace: r.PostFormValue("workspace"), Email: r.PostFormValue("email"),
		Next: shell.LocalPath(r.PostFormValue("next")),
	}
	member, err := h.Members.SignIn(r.Context(), workspace.Attempt{
		Workspace: p.Workspace, Email: p.Email, Password: secret.New(r.PostFormValue("password")),
		Origin: shell.OriginOf(r),
		Device: shell.DeviceOf(r),
	})
	h.enter(w, r, member, err, p)
}

// signInLink shows the button that uses a one-time link. Opening the link
// changes nothing, because mail scanners open every link.
func (h *Handlers) signInLink(w http.ResponseWriter, r *http.Request) {
	h.showSignIn(w, r, http.StatusOK, signInPage{Link: r.PathValue("token")})
}

// signInRedeem uses a one-time link.
func (h *Handlers) signInRedeem(w http.ResponseWriter, r *http.Request) {
	link := r.PostFormValue("token")
	member, err := h.Members.SignInByLink(r.Context(), secret.New(link), shell.OriginOf(r))
	h.enter(w, r, member, err, signInPage{Link: link, Next: "/"})
}

// enter begins a session under a new token, or shows the form again with the
// reason why not.
func (h *Handlers) enter(w http.ResponseWriter, r *http.Request, member workspace.Member, err error, p signInPage) {
	if shell.Rejected(err) || problem.Is(err, problem.Unauthenticated) {
		p.Problem = page.ProblemOf(err)
		h.showSignIn(w, r, shell.RejectedStatus(w, err), p)
		return
	}
	if err == nil {
		err = h.Begin(w, r, member)
	}
	if err != nil {
		h.Fail(w, r, err)
		return
	}
	h.Redirect(w, r, p.Next)
}

// signOut ends the session.
func (h *Handlers) signOut(w http.ResponseWriter, r *http.Request) {
	if err := h.DropSession(r); err != nil {
		h.Fail(w, r, err)
		return
	}
	if err := h.Sessions().Destroy(r.Context()); err != nil {
		h.Fail(w, r, err)
		return
	}
	h.Redirect(w, r, "/sign-in")
}
