package vending

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Impact returns what stops when a target is revoked.
func (s *Service) Impact(
	ctx context.Context, actor access.Actor, workspace string, target Target,
) (impact.Impact, error) {
	planned := Revocation{Workspace: workspace}
	if err := planned.setSubject(target); err != nil {
		return impact.Impact{}, err
	}
	resource := access.Resource{Workspace: workspace, Kind: string(planned.Kind), ID: planned.Subject}
	if err := impact.Look(ctx, s.config.Checker, actor, planned.action(), access.GrantList, resource); err != nil {
		return impact.Impact{}, err
	}
	return s.measure(ctx, actor, &planned)
}

// measure returns the impact of a revocation. Its subject may be a name.
func (s *Service) measure(ctx context.Context, actor access.Actor, r *Revocation) (impact.Impact, error) {
	measured := impact.Impact{Confirm: r.Subject, Stops: []impact.Stop{}}
	var stops []impact.Stop
	switch r.Kind {
	case OfGrant:
		found, err := s.config.Store.Grant(ctx, r.Workspace, r.Subject)
		if err != nil {
			return measured, missing(err, "grant", r.Subject)
		}
		return found.Impact(), nil
	case OfProvider:
		found, err := s.config.Store.Provider(ctx, r.Workspace, r.Subject)
		if err != nil {
			return measured, missing(err, "provider", r.Subject)
		}
		measured.Confirm = found.Name
		stops, err = s.config.Store.ProviderDependents(ctx, r.Workspace, found.ID)
		measured.Stops = append(measured.Stops, stops...)
		return measured, err
	case OfIntegration:
		found, err := s.config.Integrations.Get(ctx, actor, r.Workspace, r.Subject)
		if err != nil {
			return measured, err
		}
		measured.Confirm = found.Name
		stops, err = s.config.Store.VendingDependents(ctx, r.Workspace, found.ID)
		measured.Stops = append(measured.Stops, stops...)
		return measured, err
	case OfUser:
	}
	if _, err := s.userProvider(ctx, r); err != nil {
		return measured, err
	}
	measured.Stops = append(measured.Stops, impact.Stop{Kind: "user", ID: r.Subject, Name: r.Subject})
	return measured, nil
}

// userProvider validates a user's ID, and returns the ID of their provider.
func (s *Service) userProvider(ctx context.Context, r *Revocation) (string, error) {
	if !grant.ValidUser(r.Subject) {
		return "", problem.New(problem.Invalid, "%s isn't a user ID.", clip.Quote(r.Subject, 80)).
			WithHint("Use the user ID from the provider's tokens, or the ID of the member.")
	}
	if r.Provider == provider.Members {
		return provider.Members, nil
	}
	found, err := s.config.Store.Provider(ctx, r.Workspace, r.Provider)
	return found.ID, missing(err, "provider", r.Provider)
}

// missing returns the error of package access for a thing that isn't found.
func missing(err error, kind, idOrName string) error {
	if problem.Is(err, problem.NotFound) {
		return access.Missing(kind, idOrName)
	}
	return err
}
