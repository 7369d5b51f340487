package integration

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// Create reserves an integration: it generates the External ID and finds
// Windlass's principal. With a role ARN, the integration starts unverified.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationCreate, workspace, ""); err != nil {
		return Integration{}, err
	}
	if err := refuseExternalID(draft.ExternalID); err != nil {
		return Integration{}, err
	}
	principal, err := s.principal(ctx)
	if err != nil {
		return Integration{}, err
	}
	now := s.now()
	made := Integration{
		ID: id.New("int", now), Workspace: workspace, Name: draft.Name, State: Reserved, PrincipalARN: principal,
		Locations: draft.Locations, Access: cmp.Or(draft.Access, Read), Region: draft.Region,
		Endpoint: strings.TrimSuffix(draft.Endpoint, "/"), WebhookURL: draft.WebhookURL,
		RequesterPays: draft.RequesterPays, KMSKeyARNs: draft.KMSKeyARNs,
		SessionLength: cmp.Or(draft.SessionLength, assume.DefaultDuration), Vending: draft.Vending,
		Onboarded: draft.Onboarded,
		Revision:  1, ReadRevision: 1, Version: 1, CreatedAt: now, EditedAt: now,
	}
	given := made.Name != ""
	if !given {
		made.Name = made.defaultName(draft.RoleARN)
	}
	if err := s.validate(&made, draft.RoleARN); err != nil {
		return Integration{}, err
	}
	if made.RoleARN != "" {
		made.State = Unverified
	}
	made.fitParts(true)
	if made.ExternalID, err = assume.NewExternalID(s.config.Random); err != nil {
		return Integration{}, err
	}
	if made, err = s.insert(ctx, made, given); err != nil {
		return Integration{}, err
	}
	return made, s.note(ctx, actor, access.IntegrationCreate, &made, describe(&made))
}

// insert stores a new integration. If a default name is taken, insert appends a
// number to it.
func (s *Service) insert(ctx context.Context, made Integration, given bool) (Integration, error) {
	if err := s.checkCount(ctx, made.Workspace); err != nil {
		return Integration{}, err
	}
	name := made.Name
	for n := 2; ; n++ {
		err := s.config.Store.InsertIntegration(ctx, made)
		if err == nil {
			s.announce(ctx, &Integration{}, &made)
			return made, nil
		}
		if !problem.Is(err, problem.Conflict) || given || n > s.config.Most+1 {
			return Integration{}, s.nameTaken(err, made.Name)
		}
		if made.Onboarded {
			if _, found := s.config.Store.OnboardedIntegration(ctx, made.Workspace); found == nil {
				return Integration{}, err // a concurrent call was faster
			}
		}
		made.Name = fmt.Sprintf("%s-%d", clip.To(name, 58), n)
	}
}

// checkCount returns an error if the workspace can't have another integration.
func (s *Service) checkCount(ctx context.Context, workspace string) error {
	n, err := s.config.Store.CountIntegrations(ctx, workspace)
	if err != nil || n < s.config.Most {
		return err
	}
	return problem.Full("integrations", n).WithHint(
		"Remove one that you don't use, or add the location to an existing one.")
}

func (s *Service) nameTaken(err error, name string) error {
	if !problem.Is(err, problem.Conflict) {
		return err
	}
	return problem.Wrap(err, problem.Conflict, "There is already an integration named %s.", quoted(name)).
		WithHint("Choose another name.")
}

// principal returns the ARN of Windlass's current principal.
func (s *Service) principal(ctx context.Context) (string, error) {
	own, err := s.config.Roles.Principal(ctx)
	if err != nil {
		return "", problem.Wrap(err, problem.Unavailable,
			"Windlass can't find its AWS principal, which the trust policy needs: %v.", err).
			WithHint("The operator of this Windlass must give it valid AWS credentials and network access to STS.")
	}
	return own.ARN, nil
}

// defaultName returns the name of the role, or of the first bucket.
func (i *Integration) defaultName(roleARN string) string {
	name := "aws"
	if role, err := assume.ParseRoleARN(roleARN); err == nil {
		name = role.Name()
	} else if len(i.Locations) > 0 {
		name = i.Locations[0].Bucket
	}
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		if strings.ContainsRune("+=,@", r) {
			return '-'
		}
		return r
	}, name), "._-")
	return cmp.Or(name, "aws")
}
