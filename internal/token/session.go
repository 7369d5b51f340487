package token

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/secret"
)

// How long a session of the command line lasts.
const (
	SessionLifetime = 7 * 24 * time.Hour
	SessionIdle     = 24 * time.Hour
)

// MintSession creates a session of the command line for a member who approved
// it. The session may do whatever the member may. If the member's sessions have
// ended since a time (another role or password, a sign-out everywhere), the
// approval isn't valid either, and the error has the code unauthenticated.
func (s *Service) MintSession(ctx context.Context, memberID, name string, since time.Time) (
	Token, secret.String, error,
) {
	member, err := s.config.Members.SessionHolder(ctx, memberID, since)
	if err != nil {
		return Token{}, secret.String{}, err
	}
	if err := s.checkCount(ctx, member.Workspace); err != nil {
		return Token{}, secret.String{}, err
	}
	now, text := s.config.Now(), mint(Session)
	made := Token{
		ID: id.New("tok", now), Workspace: member.Workspace, Kind: Session, Name: name, Tail: tail(text),
		Hash:  HashOf(text.Reveal()),
		Maker: member.Member, MakerName: member.Name, CreatedAt: now, ExpiresAt: now.Add(SessionLifetime),
	}
	return made, text, s.config.Store.InsertToken(ctx, made)
}

// idle reports whether a session of the command line wasn't used for too long.
func (t *Token) idle(now time.Time) bool {
	used := t.UsedAt
	if used.IsZero() {
		used = t.CreatedAt
	}
	return t.Kind == Session && now.Sub(used) > SessionIdle
}
