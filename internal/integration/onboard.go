package integration

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/problem"
)

// Onboarding stores which integration of a workspace came from [Service.Onboard].
type Onboarding interface {
	// OnboardedIntegration returns the ID of the workspace's integration that
	// came from onboarding and isn't removed; or a problem with code not_found if
	// there is none.
	OnboardedIntegration(ctx context.Context, workspace string) (id string, err error)
}

// Onboard returns the one integration of a workspace that comes from onboarding,
// and creates it if there is none; made reports whether it did. For another role
// than it has, it changes the role: the External ID stays, and the integration is
// unverified again. Other integrations aren't changed. It rejects an External ID
// as [Service.Create] does.
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
	if err := refuseExternalID(externalID); err != nil {
		return Integration{}, false, err
	}
	if _, err := assume.ParseRoleARN(roleARN); err != nil {
		f := &faults{}
		f.addAll("arnrole", err)
		return Integration{}, false, f.problem()
	}
	found, err = s.onboarded(ctx, actor, workspace, roleARN)
	if !problem.Is(err, problem.NotFound) {
		return found, false, err
	}
	draft := Draft{RoleARN: roleARN, Onboarded: true}
	found, err = s.Create(ctx, actor, workspace, draft)
	if !problem.Is(err, problem.Conflict) {
		return found, err == nil, err
	}
	found, err = s.onboarded(ctx, actor, workspace, roleARN) // of a concurrent call
	return found, false, err
}

// onboarded returns the workspace's onboarded integration, with this role.
func (s *Service) onboarded(ctx context.Context, actor access.Actor, workspace, roleARN string) (Integration, error) {
	id, err := s.config.Store.OnboardedIntegration(ctx, workspace)
	if err != nil {
		return Integration{}, err
	}
	found, err := s.config.Store.Integration(ctx, workspace, id)
	if err != nil || string(found.RoleARN) == roleARN {
		return found, err
	}
	changed, err := s.Update(ctx, actor, workspace, id, Change{RoleARN: &roleARN})
	return changed.Integration, err
}

// Onboarded returns the ID of the workspace's onboarded integration, which
// sources use that name neither an integration nor an access key.
func (s *Service) Onboarded(ctx context.Context, actor access.Actor, workspace string) (string, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, ""); err != nil {
		return "", err
	}
	id, err := s.config.Store.OnboardedIntegration(ctx, workspace)
	if problem.Is(err, problem.NotFound) {
		return "", problem.New(problem.Invalid, "The workspace has no AWS integration from onboarding.").
			WithHint("Create it with /v1/aws-onboarding, or name an access key as credentialId.")
	}
	return id, err
}
