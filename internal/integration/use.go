package integration

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
)

// Access returns access to one bucket of an integration. The integration must
// be verified and have a location in the bucket. Credentials are requested at
// each use. They are no longer available after the integration is changed,
// disabled, insecure or removed; after a removal, they stay available for
// [DrainFor].
func (s *Service) Access(
	ctx context.Context, actor access.Actor, workspace, idOrName, bucket string,
) (object.Access, error) {
	if err := s.check(ctx, actor, access.IntegrationUse, workspace, idOrName); err != nil {
		return object.Access{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return object.Access{}, err
	}
	if err := found.checkUsable(); err != nil {
		return object.Access{}, err
	}
	if len(found.in(bucket)) == 0 {
		return object.Access{}, problem.New(problem.Forbidden, "The integration %s has no location in the bucket %s.",
			quoted(found.Name), quoted(bucket)).
			WithHint("Add the location to the integration, and paste its new permission policy.")
	}
	request, err := found.Session(bucket, Read, "load")
	if err != nil {
		return object.Access{}, err
	}
	sessions := &sessionLog{service: s, actor: actor, integration: found.ID, workspace: workspace}
	return s.Reach(found, bucket, func(ctx context.Context) (object.Keys, error) {
		if err := s.StillUsable(ctx, &found); err != nil {
			return object.Keys{}, err
		}
		session, err := s.config.Roles.Assume(ctx, request)
		if noteErr := sessions.note(ctx, session, err); noteErr != nil {
			return object.Keys{}, noteErr
		}
		return session.Keys, err
	}), nil
}

// Vend returns an integration for vending. It must be verified, and so must its
// vending: its role must accept sessions with a source identity and tags. Call
// it again before each later session.
func (s *Service) Vend(ctx context.Context, actor access.Actor, workspace, idOrName string) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationUse, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Integration{}, err
	}
	return found, found.CheckVends()
}

// Reach returns access to a bucket of an integration with these credentials. It
// doesn't check the state, because the doctor uses it too.
func (s *Service) Reach(
	i Integration, bucket string, keys func(context.Context) (object.Keys, error),
) object.Access {
	endpoint := i.Endpoint
	if endpoint == "" {
		endpoint = s.config.Endpoint
	}
	return object.Access{
		Bucket: bucket, Region: i.Region, Endpoint: endpoint, RequesterPays: i.RequesterPays,
		Locations: i.in(bucket), Keys: keys,
	}
}

// Session returns the request for a role session with access to one bucket. It
// has a session policy unless the integration allows nothing else.
func (i *Integration) Session(bucket string, mode Mode, purpose string) (assume.Request, error) {
	request := i.request(purpose)
	locations := i.in(bucket)
	if mode == i.Access && len(locations) == len(i.Locations) {
		return request, nil
	}
	need := i.Need()
	need.Access, need.Locations = generate.Access(mode), nil
	for _, l := range locations {
		need.Locations = append(need.Locations, generate.Location{Bucket: l.Bucket, Prefix: l.Prefix})
	}
	var err error
	if request.Policy, err = generate.SessionPolicy(need); err != nil {
		return assume.Request{}, fmt.Errorf("narrowing a session of %s: %w", i.ID, err)
	}
	return request, nil
}

// request returns the request for a session with all permissions of the role.
func (i *Integration) request(purpose string) assume.Request {
	return assume.Request{
		Integration: i.ID, RoleARN: i.RoleARN, ExternalID: i.ExternalID, Purpose: purpose, Duration: i.SessionLength,
	}
}

// checkUsable returns an error if the integration's state doesn't allow its
// use.
func (i *Integration) checkUsable() error {
	refuse := func(hint, format string, args ...any) error {
		return problem.New(problem.Conflict, format, args...).WithHint("%s", hint)
	}
	const verify = "Verify it, and fix the failing check."
	switch i.State {
	case Verified:
		return nil
	case Reserved:
		return refuse("Set the ARN of the role that you created for it.",
			"The integration %s has no role yet.", quoted(i.Name))
	case Unverified, Propagating:
		return refuse(verify, "The integration %s isn't verified yet.", quoted(i.Name))
	case Insecure:
		return refuse("Require the External ID in the role's trust policy, then verify again.",
			"The integration %s is insecure: its role can be assumed without the External ID, or with a wrong one.",
			quoted(i.Name))
	case Disabled:
		return refuse("Enable it.", "The integration %s is disabled.", quoted(i.Name))
	case Removed:
		return access.Missing("integration", i.ID)
	case Failing:
	}
	return refuse(verify, "The integration %s doesn't work: %s", quoted(i.Name), i.Reason)
}

// StillUsable returns an error if an integration that was usable for reading no
// longer is.
func (s *Service) StillUsable(ctx context.Context, found *Integration) error {
	now, err := s.config.Store.Integration(ctx, found.Workspace, found.ID)
	if err != nil {
		return err
	}
	draining := now.State == Removed && s.config.Now().Before(now.RemovedAt.Add(DrainFor))
	if now.ReadRevision == found.ReadRevision && draining {
		return nil
	}
	if err := now.checkUsable(); err != nil {
		return err
	}
	if now.ReadRevision != found.ReadRevision {
		return problem.New(problem.Conflict, "The integration %s was changed while it was in use.", quoted(found.Name)).
			WithHint("Start again.")
	}
	return nil
}
