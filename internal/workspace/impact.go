package workspace

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// MemberImpact returns what stops working if a member is removed: the tokens they
// made, each with its last use.
func (s *Service) MemberImpact(ctx context.Context, actor access.Actor, workspace,
	idOrEmail string,
) (impact.Impact, error) {
	found, err := s.reachAs(ctx, workspace, idOrEmail, access.Resource{}, func(resource access.Resource) error {
		return impact.Look(ctx, s.config.Checker, actor, access.MemberRemove, access.MemberList, resource)
	})
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Member) (impact.Impact, error) {
	stops, err := s.config.Store.MemberTokens(ctx, found.Workspace, found.ID, s.config.Now())
	return impact.Impact{Confirm: found.Email, Stops: append([]impact.Stop{}, stops...)}, err
}
