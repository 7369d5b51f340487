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

// Access gives the way to read one bucket of an integration. It is refused
// unless the integration is verified and declares a location in the bucket.
// The keys are asked for at each use: they stop when the integration is
// edited, disabled, found insecure or removed, the last after [DrainFor].
func (s *Service) Access(ctx context.Context, actor access.Actor, workspace, idOrName, bucket string) (object.Access, error) {
	if err := s.check(ctx, actor, access.IntegrationUse, workspace, idOrName); err != nil {
		return object.Access{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return object.Access{}, err
	}
	if err := found.usable(); err != nil {
		return object.Access{}, err
	}
	if len(found.in(bucket)) == 0 {
		return object.Access{}, problem.New(problem.Forbidden, "The integration %s declares no location in the bucket %s.", quoted(found.Name), quoted(bucket)).
			WithHint("Add the location to the integration, and paste its new permission policy.")
	}
	request, err := found.Session(bucket, Read, "load")
	if err != nil {
		return object.Access{}, err
	}
	noted := &noted{service: s, actor: actor, integration: found.ID, workspace: workspace}
	return s.Reach(found, bucket, func(ctx context.Context) (object.Keys, error) {
		if err := s.StillUsable(ctx, &found); err != nil {
			return object.Keys{}, err
		}
		session, err := s.config.Roles.Assume(ctx, request)
		if noteErr := noted.note(ctx, session, err); noteErr != nil {
			return object.Keys{}, noteErr
		}
		return session.Keys, err
	}), nil
}

// Vend gives an integration through which a grant may vend now: it is verified,
// and its role's trust policy lets sessions bear Windlass's names for people
// and jobs. Ask [Service.StillUsable] before each session that is given out
// afterwards.
func (s *Service) Vend(ctx context.Context, actor access.Actor, workspace, idOrName string) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationUse, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Integration{}, err
	}
	if err := found.usable(); err != nil {
		return Integration{}, err
	}
	if !found.Vending {
		return Integration{}, problem.New(problem.Conflict, "The integration %s is not for vending: its trust policy lets no session bear the name of a person or a job.", quoted(found.Name)).
			WithHint("Switch vending on (windlass integration update %s --vending), and put the trust policy that is then printed on the role.", found.ID)
	}
	return found, nil
}

// Reach is how a bucket of an integration is reached with these keys. It asks
// nothing about the state: the doctor, which decides it, uses it too.
func (s *Service) Reach(i Integration, bucket string, keys func(context.Context) (object.Keys, error)) object.Access {
	endpoint := i.Endpoint
	if endpoint == "" {
		endpoint = s.config.Endpoint
	}
	return object.Access{
		Bucket: bucket, Region: i.Region, Endpoint: endpoint, RequesterPays: i.RequesterPays,
		Locations: i.in(bucket), Keys: keys,
	}
}

// Session is the request for a role session that reaches one bucket in a mode:
// with a session policy, unless that is all that the integration opens.
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

// request asks for a session with all that the role has.
func (i *Integration) request(purpose string) assume.Request {
	return assume.Request{Integration: i.ID, RoleARN: i.RoleARN, ExternalID: i.ExternalID, Purpose: purpose, Duration: i.SessionLength}
}

// usable says why an integration cannot be used, nil when it can.
func (i *Integration) usable() error {
	refuse := func(hint, format string, args ...any) error {
		return problem.New(problem.Conflict, format, args...).WithHint("%s", hint)
	}
	const verify = "Verify it, and change what the failing check says."
	switch i.State {
	case Verified:
		return nil
	case Reserved:
		return refuse("Give the ARN of the role that you made for it.", "The integration %s has no role yet.", quoted(i.Name))
	case Unverified, Propagating:
		return refuse(verify, "The integration %s is not verified yet.", quoted(i.Name))
	case Insecure:
		return refuse("Make the role's trust policy demand the External ID, then verify again.",
			"The integration %s is not used: its role can be assumed without the External ID, or with a wrong one.", quoted(i.Name))
	case Disabled:
		return refuse("Switch it on.", "The integration %s is switched off.", quoted(i.Name))
	case Removed:
		return access.Missing("integration", i.ID)
	case Failing:
	}
	return refuse(verify, "The integration %s does not work: %s", quoted(i.Name), i.Reason)
}

// StillUsable says why what was found usable is not so now; nil when it is.
func (s *Service) StillUsable(ctx context.Context, found *Integration) error {
	now, err := s.config.Store.Integration(ctx, found.Workspace, found.ID)
	if err != nil {
		return err
	}
	draining := now.State == Removed && s.config.Now().Before(now.RemovedAt.Add(DrainFor))
	if now.Revision == found.Revision && draining {
		return nil
	}
	if err := now.usable(); err != nil {
		return err
	}
	if now.Revision != found.Revision {
		return problem.New(problem.Conflict, "The integration %s was edited while it was in use.", quoted(found.Name)).WithHint("Start again.")
	}
	return nil
}
