package console

import (
	"net/http"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// signInPage asks who is there.
type signInPage struct {
	Title     string
	Theme     string
	Workspace string
	Email     string
	Next      string // the path to go on to
	Link      string // the token of a one-time link; empty for the password form
	Kept      bool   // the session ended while a form was typed, whose input is kept
	Again     bool   // somebody is signed in and confirms that it is them
	OpenID    string // name of the issuer to sign in at; empty: none is configured
	Problem   *problemView
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request, status int, p signInPage) {
	p.Title, p.Theme = "Sign in", themeOf(r)
	if c.config.OpenID != nil {
		p.OpenID = c.config.OpenID.Name()
	}
	c.write(w, r, status, "sign_in", "page", &p)
}

// signIn shows the form; who is signed in already goes on, unless they are asked
// again.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	p := signInPage{Next: next, Workspace: r.URL.Query().Get("workspace")}
	if v, err := c.visit(r); err == nil {
		if r.URL.Query().Get("again") == "" {
			c.redirect(w, r, next)
			return
		}
		p.Again, p.Workspace, p.Email = true, v.name, v.actor.Name
	} else {
		p.Kept = c.hasDraft(r)
	}
	c.showSignIn(w, r, http.StatusOK, p)
}

// signInPassword takes a workspace, an e-mail address and a password.
func (c *Console) signInPassword(w http.ResponseWriter, r *http.Request) {
	p := signInPage{
		Workspace: r.PostFormValue("workspace"), Email: r.PostFormValue("email"),
		Next: localPath(r.PostFormValue("next")),
	}
	member, err := c.config.Members.SignIn(r.Context(), workspace.Attempt{
		Workspace: p.Workspace, Email: p.Email, Password: secret.New(r.PostFormValue("password")), Origin: originOf(r),
		Device: deviceOf(r),
	})
	c.enter(w, r, member, err, p)
}

// signInLink shows the button that uses a one-time link. The link itself
// changes nothing: programs that look into mail open every link.
func (c *Console) signInLink(w http.ResponseWriter, r *http.Request) {
	c.showSignIn(w, r, http.StatusOK, signInPage{Link: r.PathValue("token")})
}

// signInRedeem uses a one-time link.
func (c *Console) signInRedeem(w http.ResponseWriter, r *http.Request) {
	link := r.PostFormValue("token")
	member, err := c.config.Members.SignInByLink(r.Context(), secret.New(link), originOf(r))
	c.enter(w, r, member, err, signInPage{Link: link, Next: "/"})
}

// enter begins a session under a new token, or shows the form again with the
// reason why not.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, member workspace.Member, err error, p signInPage) {
	if rejected(err) || problem.Is(err, problem.Unauthenticated) {
		p.Problem = viewProblem(err)
		c.showSignIn(w, r, rejectedStatus(w, err), p)
		return
	}
	if err == nil {
		err = c.begin(w, r, member)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.redirect(w, r, p.Next)
}

// signOut ends the session.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if err := c.dropSession(r); err != nil {
		c.fail(w, r, err)
		return
	}
	if err := c.sessions.Destroy(r.Context()); err != nil {
		c.fail(w, r, err)
		return
	}
	c.redirect(w, r, "/sign-in")
}
