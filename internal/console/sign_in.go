package console

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/security"
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

// Session keys: the member, and the name of their workspace, which never
// changes.
const (
	sessionMember    = "member"
	sessionWorkspace = "workspace"
	sessionSince     = "since"     // microseconds of when it began, or last outlived a change
	sessionSignedIn  = "signed_in" // microseconds of the sign-in
	sessionID        = "session"   // of the session that the member can end
)

// The cookies. A browser accepts one with the prefix __Host- only over TLS, for
// this host and every path, so no other host can set it (RFC 6265bis).
const (
	sessionCookie = "windlass_session"
	deviceCookie  = "windlass_device"
	hostPrefix    = "__Host-"
)

// newSessions keeps sessions in the store, which knows a token by its hash
// alone. The cookie is not for scripts and not for other sites.
func newSessions(config Config) *scs.SessionManager {
	sessions := scs.New()
	sessions.Lifetime, sessions.IdleTimeout = workspace.SessionLifetime, workspace.SessionIdle
	sessions.Store = config.Sessions
	sessions.Cookie.Name = sessionCookie
	if config.Secure {
		sessions.Cookie.Name = hostPrefix + sessionCookie
	}
	sessions.Cookie.HttpOnly, sessions.Cookie.Secure = true, config.Secure
	sessions.Cookie.SameSite = http.SameSiteLaxMode
	return sessions
}

// sessionFailed responds when the session can't be read or kept. It may
// come after the page, and when the reader is gone: then there is nobody to
// tell.
func (c *Console) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	if sent, ok := w.(*door.Recorder); ok && sent.Status != 0 {
		c.config.Logger.ErrorContext(r.Context(), "session not kept", "request_id", door.From(r.Context()).ID, "cause",
			err)
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
		p.Kept = c.sessions.Exists(r.Context(), sessionDraft)
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

func originOf(r *http.Request) workspace.Origin {
	req := door.From(r.Context())
	return workspace.Origin{Address: req.Address, RequestID: req.ID, Agent: r.UserAgent()}
}

// deviceOf returns what makes the browser known.
func deviceOf(r *http.Request) string {
	cookie, err := r.Cookie(deviceCookie)
	if err != nil {
		return ""
	}
	return cookie.Value
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

// rejectedStatus returns the status of a form that comes back: 429 and 503 with
// the time to try again, else 422.
func rejectedStatus(w http.ResponseWriter, err error) int {
	e := problem.From(err)
	if e.Code != problem.RateLimited && e.Code != problem.Unavailable {
		return http.StatusUnprocessableEntity
	}
	if after := e.RetryAfter(); after != "" {
		w.Header().Set("Retry-After", after)
	}
	return statuses[e.Code]
}

// begin starts a session under a new token, and makes the browser known.
func (c *Console) begin(w http.ResponseWriter, r *http.Request, member workspace.Member) error {
	found, err := c.config.Members.Get(r.Context(), actorOf(r, member), member.Workspace)
	if err != nil {
		return err
	}
	if err := c.dropSession(r); err != nil { // what the browser was signed in to before
		return err
	}
	draft := c.sessions.GetBytes(r.Context(), sessionDraft)
	if err := c.sessions.Clear(r.Context()); err != nil {
		return err
	}
	c.keepDraft(r, draft, member.ID)
	c.sessions.Put(r.Context(), sessionMember, member.ID)
	c.sessions.Put(r.Context(), sessionWorkspace, found.Name)
	c.sessions.Put(r.Context(), sessionSignedIn, c.config.Now().UnixMicro())
	if err := c.startSession(r, member); err != nil {
		return err
	}
	return c.keepDevice(w, r, member)
}

// startSession renews the session's token and adds the session to the member's
// list.
func (c *Console) startSession(r *http.Request, member workspace.Member) error {
	if err := c.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	made, err := c.config.Members.BeginSession(r.Context(), member, originOf(r))
	if err != nil {
		return err
	}
	c.sessions.Put(r.Context(), sessionID, made.ID)
	c.sessions.Put(r.Context(), sessionSince, made.BeganAt.UnixMicro())
	return nil
}

// dropSession ends the entry of this session in the member's list, if any.
func (c *Console) dropSession(r *http.Request) error {
	member, id := c.sessions.GetString(r.Context(), sessionMember), c.sessions.GetString(r.Context(), sessionID)
	if member == "" || id == "" {
		return nil
	}
	return c.config.Members.SignOut(r.Context(), member, id)
}

// keepDevice makes the browser known for a member who signed in.
func (c *Console) keepDevice(w http.ResponseWriter, r *http.Request, member workspace.Member) error {
	known, err := c.config.Members.KnowsDevice(r.Context(), member, deviceOf(r))
	if err != nil {
		return err
	}
	text, err := c.config.Members.Device(r.Context(), member, deviceOf(r))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure follows the scheme of the public address
		Name: deviceCookie, Value: text, Path: "/", MaxAge: int(workspace.DeviceLifetime / time.Second),
		HttpOnly: true, Secure: c.config.Secure, SameSite: http.SameSiteLaxMode,
	})
	if !known {
		from := door.From(r.Context())
		c.record(r.Context(), security.Event{
			Kind: security.DeviceNew, Address: from.Address, RequestID: from.ID, Subject: member.ID, Actor: member.ID,
			Workspace: member.Workspace,
			Reason:    "The member signed in from a browser that wasn't known.",
		})
	}
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
