package console

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/door"
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
	OpenID    string // name of the issuer to sign in at; empty: none is configured
	Problem   *problemView
}

// What a session holds: who, and the name of their workspace, which never
// changes.
const (
	sessionMember    = "member"
	sessionWorkspace = "workspace"
	sessionSince     = "since" // microseconds of when it began
)

// How long a session lasts.
const (
	sessionLifetime = 7 * 24 * time.Hour
	sessionIdle     = 24 * time.Hour
)

// newSessions keeps sessions in the store, which knows a token by its hash
// alone. The cookie is not for scripts and not for other sites.
func newSessions(config Config) *scs.SessionManager {
	sessions := scs.New()
	sessions.Lifetime, sessions.IdleTimeout = sessionLifetime, sessionIdle
	sessions.Store = config.Sessions
	sessions.Cookie.Name = "windlass_session"
	sessions.Cookie.HttpOnly, sessions.Cookie.Secure = true, config.Secure
	sessions.Cookie.SameSite = http.SameSiteLaxMode
	return sessions
}

// sessionFailed answers when the session could not be read or kept. It may
// come after the page, and when the reader is gone: then there is nobody to
// tell.
func (c *Console) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	if sent, ok := w.(*door.Recorder); ok && sent.Status != 0 {
		c.config.Logger.ErrorContext(r.Context(), "session not kept", "request_id", door.From(r.Context()).ID, "cause", err)
		return
	}
	c.fail(w, r, err)
}

func (c *Console) showSignIn(w http.ResponseWriter, r *http.Request, status int, p signInPage) {
	p.Title, p.Theme = "Sign in", themeOf(r)
	if c.config.OpenID != nil {
		p.OpenID = c.config.OpenID.Name()
	}
	c.write(w, r, status, "sign_in", "page", &p)
}

// signIn shows the form; who is signed in already goes on.
func (c *Console) signIn(w http.ResponseWriter, r *http.Request) {
	next := localPath(r.URL.Query().Get("next"))
	if _, err := c.visit(r); err == nil {
		c.redirect(w, r, next)
		return
	}
	c.showSignIn(w, r, http.StatusOK, signInPage{Next: next, Workspace: r.URL.Query().Get("workspace")})
}

// signInPassword takes a workspace, an e-mail address and a password.
func (c *Console) signInPassword(w http.ResponseWriter, r *http.Request) {
	p := signInPage{Workspace: r.PostFormValue("workspace"), Email: r.PostFormValue("email"), Next: localPath(r.PostFormValue("next"))}
	member, err := c.config.Members.SignIn(r.Context(), workspace.Attempt{
		Workspace: p.Workspace, Email: p.Email, Password: secret.New(r.PostFormValue("password")), Origin: originOf(r),
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

func originOf(r *http.Request) workspace.Origin {
	req := door.From(r.Context())
	return workspace.Origin{Address: req.Address, RequestID: req.ID}
}

// enter begins a session under a new token, or shows the form again with the
// reason why not.
func (c *Console) enter(w http.ResponseWriter, r *http.Request, member workspace.Member, err error, p signInPage) {
	if rejected(err) || problem.Is(err, problem.Unauthenticated) {
		p.Problem = viewProblem(err)
		c.showSignIn(w, r, http.StatusUnprocessableEntity, p)
		return
	}
	if err == nil {
		err = c.begin(r, member)
	}
	if err != nil {
		c.fail(w, r, err)
		return
	}
	c.redirect(w, r, p.Next)
}

func (c *Console) begin(r *http.Request, member workspace.Member) error {
	found, err := c.config.Members.Get(r.Context(), actorOf(r, member), member.Workspace)
	if err != nil {
		return err
	}
	if err := c.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	c.sessions.Put(r.Context(), sessionMember, member.ID)
	c.sessions.Put(r.Context(), sessionWorkspace, found.Name)
	c.sessions.Put(r.Context(), sessionSince, c.config.Now().UnixMicro())
	return nil
}

// actorOf is the member as who acts in a request.
func actorOf(r *http.Request, member workspace.Member) access.Actor {
	req := door.From(r.Context())
	actor := member.Actor()
	actor.RequestID, actor.Address = req.ID, req.Address
	return actor
}

// signOut ends the session.
func (c *Console) signOut(w http.ResponseWriter, r *http.Request) {
	if err := c.sessions.Destroy(r.Context()); err != nil {
		c.fail(w, r, err)
		return
	}
	c.redirect(w, r, "/sign-in")
}
