package token

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// Impact returns what stops when a token is revoked: the token and those that
// it created, each with its last use. It omits tokens that have already ended.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, tokenID string) (impact.Impact, error) {
	found, _, err := s.reachAs(ctx, actor, workspace, tokenID, func(resource access.Resource, _ *Token) error {
		return impact.Look(ctx, s.config.Checker, actor, access.TokenRevoke, access.TokenRead, resource)
	})
	if err != nil {
		return impact.Impact{}, err
	}
	return s.revocation(ctx, &found)
}

// revocation is the impact of revoking a token.
func (s *Service) revocation(ctx context.Context, found *Token) (impact.Impact, error) {
	stops, err := s.config.Store.TokenFamily(ctx, found.Workspace, found.ID, s.config.Now())
	return impact.Impact{Confirm: found.Name, Stops: append([]impact.Stop{}, stops...)}, err
}
