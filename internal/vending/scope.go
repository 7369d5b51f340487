package vending

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// scope works out what the credentials are for: the grant's locations for this
// user, inside the integration's as they are now, narrowed to what is asked
// for; and writes the request for a session of just that.
func (s *Service) scope(ctx context.Context, a *attempt) (err error) {
	if a.integration, err = s.config.Integrations.Vend(ctx, vendor, a.workspace, a.grant.Integration); err != nil {
		return refusing("scope", err)
	}
	if err := s.refuseRevoked(ctx, "scope", a.workspace, OfIntegration, a.integration.ID, ""); err != nil {
		return err
	}
	if a.locations, err = a.grant.Locations(a.user); err != nil {
		return refusing("scope", err)
	}
	if a.ask.Prefix != "" {
		if a.locations, err = grant.Narrow(a.locations, a.ask.Prefix); err != nil {
			return refusing("scope", err)
		}
	}
	if err := a.inside(); err != nil {
		return err
	}
	if err := a.chooseActions(); err != nil {
		return err
	}
	duration, err := a.duration()
	if err != nil {
		return err
	}
	policy, err := a.policy()
	if err != nil {
		return err
	}
	i := &a.integration
	a.request = assume.Request{
		Integration: i.ID, RoleARN: i.RoleARN, ExternalID: i.ExternalID, Purpose: "vend", Fresh: true,
		Duration: duration, Policy: policy, SessionName: a.sessionName(), SourceIdentity: a.sourceIdentity(), Tags: a.tags(),
	}
	return nil
}

// inside holds the locations to the integration's: it may have been edited
// since the grant was made.
func (a *attempt) inside() error {
	for _, l := range a.locations {
		if !slices.ContainsFunc(a.integration.Locations, func(mine object.Location) bool { return mine.Covers(l) }) {
			return refuse("scope", "Declare it in the integration, or change the grant.", "The location %s of the grant lies outside those that the integration declares now.", l)
		}
	}
	return nil
}

func (a *attempt) chooseActions() error {
	a.actions = a.grant.Actions
	if len(a.ask.Actions) > 0 {
		a.actions = nil
		for _, action := range grant.Actions() {
			if slices.Contains(a.ask.Actions, action) {
				a.actions = append(a.actions, action)
			}
		}
		for _, action := range a.ask.Actions {
			if !slices.Contains(a.grant.Actions, action) {
				return refuse("scope", "", "The action %q that is asked for is not one of the grant's.", bounded(string(action)))
			}
		}
	}
	writes := slices.Contains(a.actions, grant.Write) || slices.Contains(a.actions, grant.Delete)
	if writes && a.integration.Access != integration.ReadWrite {
		return refuse("scope", "Give the integration the access readwrite, or take write and delete from the grant.", "The integration is for reading now, and the grant writes.")
	}
	return nil
}

// duration is what is asked for, or the longest that the grant gives; never
// beyond the grant's own end.
func (a *attempt) duration() (time.Duration, error) {
	longest := a.grant.MaxDuration
	if !a.grant.NotAfter.IsZero() {
		longest = min(longest, a.grant.NotAfter.Sub(a.now).Truncate(time.Second))
	}
	if longest < assume.MinDuration {
		return 0, refuse("scope", "", "The grant ends in less than 15 minutes, the shortest that AWS gives credentials for.")
	}
	switch asked := a.ask.Duration; {
	case asked == 0:
		return longest, nil
	case asked < assume.MinDuration || asked > longest:
		return 0, refuse("scope", "", "Credentials for %s are asked for; the grant gives 15 minutes to %s.", asked, longest)
	default:
		return asked.Truncate(time.Second), nil
	}
}

func (a *attempt) policy() (string, error) {
	scope := generate.Scope{
		Partition: generate.Partition(a.integration.RoleARN.Partition()), KMSKeyARNs: a.integration.KMSKeyARNs,
		List: slices.Contains(a.actions, grant.List), Read: slices.Contains(a.actions, grant.Read),
		Write: slices.Contains(a.actions, grant.Write), Delete: slices.Contains(a.actions, grant.Delete),
	}
	for _, l := range a.locations {
		scope.Locations = append(scope.Locations, generate.Location{Bucket: l.Bucket, Prefix: l.Prefix})
	}
	policy, err := generate.ScopePolicy(scope)
	var input *generate.InputError
	var size *generate.SizeError
	if errors.As(err, &input) || errors.As(err, &size) {
		return "", refuse("scope", "Give the grant fewer or shorter prefixes.", "The session policy cannot be written: %v.", err)
	}
	return policy, err
}

// bounded cuts what a caller gave to what a sentence bears.
func bounded(s string) string { return s[:min(len(s), 80)] }
