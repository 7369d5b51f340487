package shell

import (
	"net/http"

	"github.com/alexedwards/scs/v2"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/workspace"
)

// SessionID returns the ID of the visit's session.
func (s *Shell) SessionID(v *Visit) string { return s.sessions.GetString(v.Context(), sessionID) }

// Session keys: the member, and the name of their workspace, which never
// changes.
const (
	sessionMember    = "member"
	sessionWorkspace = "workspace"
	sessionSince     = "since"     // time in microseconds when it began or last survived a change
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

// newSessions returns the sessions in the store, which only has the hashes of
// tokens. Scripts and other sites can't use the cookie.
func newSessions(config *Config) *scs.SessionManager {
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

// sessionFailed responds when the session can't be read or stored. It may be
// called after the page was sent or the client has disconnected; then it sends
// nothing.
func (s *Shell) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return
	}
	if sent, ok := w.(*door.Recorder); ok && sent.Status != 0 {
		s.config.Logger.ErrorContext(r.Context(), telemetry.SessionNotKept, "cause",
			err)
		return
	}
	s.Fail(w, r, err)
}

// OriginOf returns the origin of a request.
func OriginOf(r *http.Request) workspace.Origin {
	req := door.From(r.Context())
	return workspace.Origin{Address: req.Address, RequestID: req.ID, Agent: r.UserAgent()}
}

// Begin starts a session with a new token, and makes the browser known.
func (s *Shell) Begin(w http.ResponseWriter, r *http.Request, member workspace.Member) error {
	found, err := s.config.Members.Get(r.Context(), actorOf(r, member), member.Workspace)
	if err != nil {
		return err
	}
	if err := s.DropSession(r); err != nil { // the browser's previous session
		return err
	}
	draft := s.sessions.GetBytes(r.Context(), sessionDraft)
	if err := s.sessions.Clear(r.Context()); err != nil {
		return err
	}
	s.keepDraft(r, draft, member.ID)
	s.sessions.Put(r.Context(), sessionMember, member.ID)
	s.sessions.Put(r.Context(), sessionWorkspace, found.Name)
	s.sessions.Put(r.Context(), sessionSignedIn, s.config.Now().UnixMicro())
	if err := s.StartSession(r, member); err != nil {
		return err
	}
	return s.KeepDevice(w, r, member)
}

// StartSession renews the session's token and adds the session to the member's
// list.
func (s *Shell) StartSession(r *http.Request, member workspace.Member) error {
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	made, err := s.config.Members.BeginSession(r.Context(), member, OriginOf(r))
	if err != nil {
		return err
	}
	s.sessions.Put(r.Context(), sessionID, made.ID)
	s.sessions.Put(r.Context(), sessionSince, made.BeganAt.UnixMicro())
	return nil
}

// DropSession removes this session from the member's list of sessions, if it
// is there.
func (s *Shell) DropSession(r *http.Request) error {
	member, id := s.sessions.GetString(r.Context(), sessionMember), s.sessions.GetString(r.Context(), sessionID)
	if member == "" || id == "" {
		return nil
	}
	return s.config.Members.SignOut(r.Context(), member, id)
}

// actorOf returns the member as the actor of a request.
func actorOf(r *http.Request, member workspace.Member) access.Actor {
	req := door.From(r.Context())
	actor := member.Actor()
	actor.RequestID, actor.Address = req.ID, req.Address
	return actor
}
