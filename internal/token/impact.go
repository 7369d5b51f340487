package token

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// Impact returns what stops when a token is revoked: the token itself with its
// last use, unless it has ended already.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, tokenID string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "token", ID: tokenID}
	if err := impact.Look(ctx, s.config.Checker, actor, access.TokenRevoke, access.TokenRead, resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.config.Store.Token(ctx, workspace, tokenID)
	if err != nil {
		return impact.Impact{}, err
	}
	return found.revocation(s.config.Now()), nil
}

// confirm returns nil when the impact of a revocation is confirmed.
func (s *Service) confirm(ctx context.Context, workspace, tokenID string, given impact.Confirmation) error {
	found, err := s.config.Store.Token(ctx, workspace, tokenID)
	if err != nil {
		return err
	}
	measured := found.revocation(s.config.Now())
	return measured.Check(given)
}

// revocation is the impact of revoking the token.
func (t *Token) revocation(now time.Time) impact.Impact {
	measured := impact.Impact{Confirm: t.Name, Stops: []impact.Stop{}}
	expired := !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
	if t.RevokedAt.IsZero() && !expired {
		measured.Stops = append(measured.Stops, impact.Stop{Kind: "token", ID: t.ID, Name: t.Name, LastUsed: t.UsedAt})
	}
	return measured
}
