package workspace

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of sessions.
const (
	SessionLifetime  = 7 * 24 * time.Hour
	SessionIdle      = 24 * time.Hour
	MaxSessions      = 20          // of a member; the oldest end
	sessionSeenEvery = time.Minute // how exact Session.SeenAt is
	maxAgent         = 256         // stored bytes of a User-Agent
)

// Session is a sign-in of a member in one browser.
type Session struct {
	ID      string // "ses_…"
	Member  string // member ID
	Address string // the client's IP address at the sign-in
	Agent   string // the browser's User-Agent at the sign-in
	BeganAt time.Time
	SeenAt  time.Time // to about a minute
}

// BeginSession starts a session of a member who just signed in. Beyond
// [MaxSessions], the oldest sessions end.
func (s *Service) BeginSession(ctx context.Context, member Member, origin Origin) (Session, error) {
	now := s.config.Now()
	made := Session{
		ID: id.New("ses", now), Member: member.ID, Address: origin.Address, Agent: clip.To(origin.Agent, maxAgent),
		BeganAt: now, SeenAt: now,
	}
	return made, s.config.Store.InsertSession(ctx, made, MaxSessions, now.Add(-SessionLifetime), now.Add(-SessionIdle))
}

// UseSession returns an error with code unauthenticated if a session has ended.
func (s *Service) UseSession(ctx context.Context, memberID, sessionID string) error {
	now := s.config.Now()
	found, err := s.config.Store.Session(ctx, sessionID)
	if err != nil && !problem.Is(err, problem.NotFound) {
		return err
	}
	if err != nil || found.Member != memberID || !now.Before(found.BeganAt.Add(SessionLifetime)) ||
		!now.Before(found.SeenAt.Add(SessionIdle)) {
		return problem.New(problem.Unauthenticated, "This session has ended.").WithHint("Sign in again.")
	}
	if now.Sub(found.SeenAt) < sessionSeenEvery {
		return nil
	}
	return s.config.Store.TouchSession(ctx, sessionID, now)
}

// Sessions returns a member's open sessions, newest first.
func (s *Service) Sessions(ctx context.Context, actor access.Actor, workspace, idOrEmail string) ([]Session, error) {
	found, err := s.reach(ctx, actor, access.SessionList, workspace, idOrEmail)
	if err != nil {
		return nil, err
	}
	now := s.config.Now()
	all, err := s.config.Store.ListSessions(ctx, found.ID)
	open := []Session{}
	for _, session := range all {
		if session.BeganAt.Before(found.SecuredAt) || !now.Before(session.BeganAt.Add(SessionLifetime)) ||
			!now.Before(session.SeenAt.Add(SessionIdle)) {
			continue
		}
		open = append(open, session)
	}
	return open, err
}

// EndSession ends one of a member's sessions.
func (s *Service) EndSession(ctx context.Context, actor access.Actor, workspace, idOrEmail, sessionID string) error {
	found, err := s.reach(ctx, actor, access.SessionEnd, workspace, idOrEmail)
	if err != nil {
		return err
	}
	return s.config.Store.DeleteSessions(ctx, found.ID, sessionID)
}

// EndSessions ends all of a member's sessions on every node, in browsers and on
// the command line. A session that began later continues.
func (s *Service) EndSessions(ctx context.Context, actor access.Actor, workspace, idOrEmail string) error {
	found, err := s.reach(ctx, actor, access.SessionEnd, workspace, idOrEmail)
	if err != nil {
		return err
	}
	if err := s.config.Store.SetMemberSecured(ctx, workspace, found.ID, s.config.Now()); err != nil {
		return err
	}
	s.changed()
	return s.config.Store.DeleteSessions(ctx, found.ID, "")
}

// SignOut ends the caller's own session.
func (s *Service) SignOut(ctx context.Context, memberID, sessionID string) error {
	return s.config.Store.DeleteSessions(ctx, memberID, sessionID)
}
