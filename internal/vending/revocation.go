package vending

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// RevocationStore keeps revocations.
type RevocationStore interface {
	InsertRevocation(ctx context.Context, made Revocation) error
	// ListRevocations gives those that were not undone, oldest first.
	ListRevocations(ctx context.Context, workspace string, request paging.Request) (paging.List[Revocation], error)
	// UndoRevocation sets when one of a user or an integration was undone; a
	// second call changes nothing.
	UndoRevocation(ctx context.Context, workspace, id string, now time.Time) error
	// Revoked says whether a revocation that was not undone names the subject;
	// providerID is that of a user, else empty.
	Revoked(ctx context.Context, workspace string, kind Subject, subject, providerID string) (bool, error)
	// VendingIntegrations gives the integrations that grants of a provider
	// vend from, or vended from before they were revoked.
	VendingIntegrations(ctx context.Context, workspace, providerID string) ([]string, error)
	// ProviderDependents returns a provider's grants that aren't revoked.
	ProviderDependents(ctx context.Context, workspace, providerID string) ([]impact.Stop, error)
	// VendingDependents returns the grants through an integration that aren't
	// revoked.
	VendingDependents(ctx context.Context, workspace, integrationID string) ([]impact.Stop, error)
}

// Revocation is one decision that somebody, or something, gets no credentials
// any more.
type Revocation struct {
	ID        string // "rev_…"
	Workspace string
	Kind      Subject
	Subject   string // ID of the grant, provider or integration; the user's unchanging ID
	Provider  string // of a user: provider ID, or [provider.Members]; else empty
	CreatedAt time.Time
	UndoneAt  time.Time // zero: it stands
}

// Subject is what a revocation is about.
type Subject string

// The subjects. Grants and providers are revoked for good; integrations and
// users can be let in again.
const (
	OfGrant       Subject = "grant"
	OfProvider    Subject = "provider"
	OfIntegration Subject = "integration" // what it loads goes on
	OfUser        Subject = "user"
)

// Target is what is to be revoked: a grant, a provider or an integration by ID
// or name, or a user of a provider.
type Target struct {
	Grant, Provider, Integration, User string
	Apply                              bool // put the deny policies on the roles
}

// Revoke ends access: from now on no credentials are given. What was given
// lives on until its end, unless the deny policies are put on the roles; they
// are given here, and with Apply put there where a role allows it. It needs a
// confirmation when something stops.
func (s *Service) Revoke(ctx context.Context, actor access.Actor, workspace string, target Target, given impact.Confirmation) (Revocation, []EndSessions, error) {
	now := s.config.Now().UTC().Truncate(time.Microsecond)
	made := Revocation{ID: id.New("rev", now), Workspace: workspace, CreatedAt: now}
	if err := made.of(target); err != nil {
		return Revocation{}, nil, err
	}
	if err := s.config.Checker.Check(ctx, actor, made.action(), access.Resource{Workspace: workspace, Kind: string(made.Kind), ID: made.Subject}); err != nil {
		return Revocation{}, nil, err
	}
	measured, err := s.measure(ctx, actor, &made)
	if err == nil {
		err = measured.Check(given)
	}
	if err != nil {
		return Revocation{}, nil, err
	}
	integrations, err := s.end(ctx, actor, &made, target)
	if err != nil {
		return Revocation{}, nil, err
	}
	if err := s.config.Store.InsertRevocation(ctx, made); err != nil {
		return Revocation{}, nil, err
	}
	documents, err := s.endSessions(ctx, &made, integrations, target.Apply)
	return made, documents, err
}

// of reads which one thing is meant.
func (r *Revocation) of(target Target) error {
	switch {
	case target.User != "" && target.Provider != "" && target.Grant == "" && target.Integration == "":
		r.Kind, r.Subject, r.Provider = OfUser, target.User, target.Provider
	case target.Grant != "" && target.Provider == "" && target.Integration == "" && target.User == "":
		r.Kind, r.Subject = OfGrant, target.Grant
	case target.Provider != "" && target.Grant == "" && target.Integration == "":
		r.Kind, r.Subject = OfProvider, target.Provider
	case target.Integration != "" && target.Grant == "" && target.Provider == "" && target.User == "":
		r.Kind, r.Subject = OfIntegration, target.Integration
	default:
		return problem.New(problem.Invalid, "It is not said what is to be revoked.").
			WithHint("Name one of grant, provider and integration; or a user, with their provider or \"members\".")
	}
	return nil
}

func (r *Revocation) action() access.Action {
	if r.Kind == OfProvider {
		return access.ProviderRemove
	}
	return access.GrantRemove
}

// end ends what is meant, gives it its ID, and tells the integrations whose
// roles have sessions of it.
func (s *Service) end(ctx context.Context, actor access.Actor, r *Revocation, target Target) ([]string, error) {
	switch r.Kind {
	case OfGrant:
		revoked, err := s.config.Grants.Revoke(ctx, actor, r.Workspace, target.Grant, impact.Waived())
		r.Subject = revoked.ID
		return []string{revoked.Integration}, err
	case OfProvider:
		removed, err := s.config.Providers.Remove(ctx, actor, r.Workspace, target.Provider, impact.Waived())
		if err != nil {
			return nil, err
		}
		r.Subject = removed.ID
		return s.config.Store.VendingIntegrations(ctx, r.Workspace, removed.ID)
	case OfIntegration:
		found, err := s.config.Integrations.Get(ctx, actor, r.Workspace, target.Integration)
		r.Subject = found.ID
		return []string{found.ID}, err
	case OfUser:
	}
	providerID, err := s.userProvider(ctx, r)
	if err != nil {
		return nil, err
	}
	r.Provider = providerID
	return s.config.Store.VendingIntegrations(ctx, r.Workspace, r.Provider)
}

// Revocations lists those that stand, oldest first.
func (s *Service) Revocations(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[Revocation], error) {
	if err := s.config.Checker.Check(ctx, actor, access.RevocationList, access.Resource{Workspace: workspace, Kind: "revocation"}); err != nil {
		return paging.List[Revocation]{}, err
	}
	return s.config.Store.ListRevocations(ctx, workspace, request)
}

// Undo lets a user or an integration in again. Grants and providers stay
// revoked.
func (s *Service) Undo(ctx context.Context, actor access.Actor, workspace, revocation string) error {
	if err := s.config.Checker.Check(ctx, actor, access.RevocationRemove, access.Resource{Workspace: workspace, Kind: "revocation", ID: revocation}); err != nil {
		return err
	}
	err := s.config.Store.UndoRevocation(ctx, workspace, revocation, s.config.Now())
	if problem.Is(err, problem.NotFound) {
		return access.Missing("revocation", revocation)
	}
	return err
}

// refuseRevoked refuses what a revocation that stands names.
func (s *Service) refuseRevoked(ctx context.Context, step, workspace string, kind Subject, subject, providerID string) error {
	revoked, err := s.config.Store.Revoked(ctx, workspace, kind, subject, providerID)
	if err == nil && revoked {
		return refuse(step, "Undo the revocation to let it in again: windlass grant revocations.", "The %s is revoked.", kind)
	}
	return err
}
