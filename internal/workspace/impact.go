package workspace

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
)

// MemberImpact returns what stops when a member is removed: their tokens, each
// with its last use.
func (s *Service) MemberImpact(ctx context.Context, actor access.Actor, workspace, idOrEmail string) (impact.Impact, error) {
	found, missing := s.named(ctx, workspace, idOrEmail)
	if missing == nil && found.Workspace != workspace {
		found, missing = Member{}, access.Missing("member", idOrEmail)
	}
	resource := access.Resource{Workspace: workspace, Kind: kindOf(found.Role), ID: idOrEmail}
	if missing == nil {
		resource.ID = found.ID
	}
	if err := impact.Look(ctx, s.config.Checker, actor, access.MemberRemove, access.MemberList, resource); err != nil {
		return impact.Impact{}, err
	}
	if missing != nil {
		return impact.Impact{}, missing
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Member) (impact.Impact, error) {
	stops, err := s.config.Store.MemberTokens(ctx, found.Workspace, found.ID, s.config.Now())
	return impact.Impact{Confirm: found.Email, Stops: append([]impact.Stop{}, stops...)}, err
}
