package integration

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Onboard returns the workspace's integration for a role, and creates it if
// there is none. It is idempotent; made reports whether it created the
// integration. It rejects an External ID as [Service.Create] does.
func (s *Service) Onboard(
	ctx context.Context, actor access.Actor, workspace, roleARN, externalID string,
) (found Integration, made bool, err error) {
	if err := s.check(ctx, actor, access.IntegrationCreate, workspace, ""); err != nil {
		return Integration{}, false, err
	}
	if roleARN == "" {
		return Integration{}, false, problem.New(problem.Invalid, "The role ARN is missing.").
			WithHint("Add it to the query, as in ?arnrole=arn:aws:iam::111122223333:role/NAME.").
			WithFindings(problem.Finding{Path: "arnrole", Message: "The role ARN is missing."})
	}
	if found, ok, err := s.ofRole(ctx, workspace, roleARN); err != nil || ok && externalID == "" {
		return found, false, err
	}
	draft := Draft{RoleARN: roleARN, ExternalID: externalID}
	draft.Name = (&Integration{}).defaultName(roleARN) // so that one of two concurrent calls gets a conflict
	found, err = s.Create(ctx, actor, workspace, draft)
	if !problem.Is(err, problem.Conflict) {
		return found, err == nil, err
	}
	if found, ok, err := s.ofRole(ctx, workspace, roleARN); err != nil || ok {
		return found, false, err
	}
	draft.Name = "" // an integration with another role has the name
	found, err = s.Create(ctx, actor, workspace, draft)
	return found, err == nil, err
}

// ofRole returns the oldest integration of a role that isn't removed.
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
