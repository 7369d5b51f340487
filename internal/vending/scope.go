package vending

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
)

// order is the result of the step "scope": the session to request from AWS,
// and what it is for.
type order struct {
	integration integration.Integration
	locations   []object.Location
	actions     []grant.Action
	assume      assume.Request
}

// scope returns the session for a grant. Its locations and actions are those
// of the grant for this user, as far as the integration still covers them,
// narrowed to the request.
func (s *Service) scope(
	ctx context.Context, x exchange, workspace string, c choice, token *idtoken.Token,
) (o order, err error) {
	if o.integration, err = s.config.Integrations.Vend(ctx, vendor, workspace, c.grant.Integration); err != nil {
		return o, asRefusal("scope", err)
	}
	if err := s.refuseRevoked(ctx, "scope", workspace, OfIntegration, o.integration.ID, ""); err != nil {
		return o, err
	}
	if o.locations, err = locations(&c, x.request.Prefix, &o.integration); err != nil {
		return o, err
	}
	if o.actions, err = actions(&c.grant, x.request.Actions, &o.integration); err != nil {
		return o, err
	}
	lifetime, err := duration(&c.grant, x.request.Duration, x.now)
	if err != nil {
		return o, err
	}
	policy, err := sessionPolicy(&o)
	if err != nil {
		return o, err
	}
	i := &o.integration
	o.assume = assume.Request{
		Integration: i.ID, RoleARN: i.RoleARN, ExternalID: i.ExternalID, Purpose: "vend", Fresh: true,
		Duration: lifetime, Policy: policy, SessionName: sessionName(&c, token),
		SourceIdentity: sourceIdentity(&c, token), Tags: sessionTags(workspace, &c, token),
	}
	return o, nil
}

// locations returns the grant's locations for the user, narrowed to a prefix
// unless it is empty. It refuses locations that the integration no longer
// covers.
func locations(c *choice, prefix string, i *integration.Integration) ([]object.Location, error) {
	granted, err := c.grant.Locations(c.user)
	if err == nil && prefix != "" {
		granted, err = grant.Narrow(granted, prefix)
	}
	if err != nil {
		return nil, asRefusal("scope", err)
	}
	for _, l := range granted {
		if !slices.ContainsFunc(i.Locations, func(declared object.Location) bool { return declared.Covers(l) }) {
			return nil, refuse("scope", "Declare the location in the integration, or change the grant.",
				"The integration no longer covers the grant's location %s.", l)
		}
	}
	return granted, nil
}

// actions returns the grant's actions, narrowed to the requested ones unless
// there are none.
func actions(g *grant.Grant, requested []grant.Action, i *integration.Integration) ([]grant.Action, error) {
	for _, action := range requested {
		if !slices.Contains(g.Actions, action) {
			return nil, refuse("scope", "", "The grant doesn't allow the action %s.", clip.Quote(string(action), 80))
		}
	}
	allowed := g.Actions
	if len(requested) > 0 {
		allowed = nil
		for _, action := range grant.Actions() {
			if slices.Contains(requested, action) {
				allowed = append(allowed, action)
			}
		}
	}
	writes := slices.Contains(allowed, grant.Write) || slices.Contains(allowed, grant.Delete)
	if writes && i.Access != integration.ReadWrite {
		return nil, refuse("scope",
			"Change the integration's access to readwrite, or remove write and delete from the grant.",
			"The integration is read-only now, but the grant allows writing.")
	}
	if part := i.Parts[integration.Writing]; writes && part.State != integration.Verified {
		return nil, refuse("scope", "Verify the integration, and fix the failing check.",
			"Writing is %s for the integration, and the grant allows writing.", part.State)
	}
	return allowed, nil
}

// duration returns the requested lifetime, or the longest that the grant
// allows. Credentials never outlive the grant.
func duration(g *grant.Grant, requested time.Duration, now time.Time) (time.Duration, error) {
	longest := g.MaxDuration
	if !g.NotAfter.IsZero() {
		longest = min(longest, g.NotAfter.Sub(now).Truncate(time.Second))
	}
	if longest < assume.MinDuration {
		return 0, refuse("scope", "",
			"The grant expires in less than 15 minutes, which is the shortest lifetime that AWS supports.")
	}
	switch {
	case requested == 0:
		return longest, nil
	case requested < assume.MinDuration || requested > longest:
		return 0, refuse("scope", "", "The requested lifetime is %s. The grant allows 15 minutes to %s.", requested,
			longest)
	default:
		return requested.Truncate(time.Second), nil
	}
}

// sessionPolicy returns the policy that narrows the session.
func sessionPolicy(o *order) (string, error) {
	scope := generate.Scope{
		Partition:  generate.Partition(o.integration.RoleARN.Partition()),
		KMSKeyARNs: o.integration.KMSKeyARNs,
		List:       slices.Contains(o.actions, grant.List),
		Read:       slices.Contains(o.actions, grant.Read),
		Write:      slices.Contains(o.actions, grant.Write),
		Delete:     slices.Contains(o.actions, grant.Delete),
	}
	for _, l := range o.locations {
		scope.Locations = append(scope.Locations, generate.Location{Bucket: l.Bucket, Prefix: l.Prefix})
	}
	policy, err := generate.ScopePolicy(scope)
	var input *generate.InputError
	var size *generate.SizeError
	if errors.As(err, &input) || errors.As(err, &size) {
		return "", refuse("scope", "Use fewer or shorter prefixes in the grant.",
			"The session policy can't be generated: %v.", err)
	}
	return policy, err
}
