package integration

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Onboard gives the workspace's integration for a role, as it is, and makes one
// when there is none: asked again, it makes no second. New says that it was
// made. A given External ID is refused as by [Service.Create].
func (s *Service) Onboard(ctx context.Context, actor access.Actor, workspace, roleARN, externalID string) (found Integration, made bool, err error) {
	if err := s.check(ctx, actor, access.IntegrationCreate, workspace, ""); err != nil {
		return Integration{}, false, err
	}
	if roleARN == "" {
		return Integration{}, false, problem.New(problem.Invalid, "No role ARN is given.").
			WithHint("Send it in the address, as in ?arnrole=arn:aws:iam::111122223333:role/NAME.").
			WithFindings(problem.Finding{Path: "arnrole", Message: "It is missing."})
	}
	if found, ok, err := s.ofRole(ctx, workspace, roleARN); err != nil || ok && externalID == "" {
		return found, false, err
	}
	draft := Draft{RoleARN: roleARN, ExternalID: externalID}
	draft.Name = (&Integration{}).defaultName(roleARN) // given: of two that ask at once, one is told that it is taken
	found, err = s.Create(ctx, actor, workspace, draft)
	if !problem.Is(err, problem.Conflict) {
		return found, err == nil, err
	}
	if found, ok, err := s.ofRole(ctx, workspace, roleARN); err != nil || ok {
		return found, false, err
	}
	draft.Name = "" // the name is another role's
	found, err = s.Create(ctx, actor, workspace, draft)
	return found, err == nil, err
}

// ofRole finds the oldest integration of a role that is not removed.
func (s *Service) ofRole(ctx context.Context, workspace, roleARN string) (Integration, bool, error) {
	request := paging.Request{Limit: paging.MaxLimit}
	for {
		found, err := s.config.Store.ListIntegrations(ctx, workspace, request)
		if err != nil {
			return Integration{}, false, err
		}
		for _, i := range found.Items {
			if string(i.RoleARN) == roleARN {
				return i, true, nil
			}
		}
		if request.Cursor = found.Next; found.Next == "" {
			return Integration{}, false, nil
		}
	}
}
