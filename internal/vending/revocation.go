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

// RevocationStore stores revocations.
type RevocationStore interface {
	InsertRevocation(ctx context.Context, made Revocation) error
	// ListRevocations returns the active revocations, oldest first.
	ListRevocations(ctx context.Context, workspace string, request paging.Request) (paging.List[Revocation], error)
	// UndoRevocation ends the revocation of a user or an integration. A second
	// call changes nothing.
	UndoRevocation(ctx context.Context, workspace, id string, now time.Time) error
	// Revoked reports whether the subject has an active revocation. providerID
	// is the provider of a user, otherwise empty.
	Revoked(ctx context.Context, workspace string, kind Subject, subject, providerID string) (bool, error)
	// VendingIntegrations returns the integrations of a provider's grants,
	// including revoked grants.
	VendingIntegrations(ctx context.Context, workspace, providerID string) ([]string, error)
	// ProviderDependents returns a provider's grants that aren't revoked.
	ProviderDependents(ctx context.Context, workspace, providerID string) ([]impact.Stop, error)
	// VendingDependents returns the grants through an integration that aren't
	// revoked.
	VendingDependents(ctx context.Context, workspace, integrationID string) ([]impact.Stop, error)
}

// Revocation stops credentials for a grant, a provider, an integration or a
// user.
type Revocation struct {
	ID        string // "rev_…"
	Workspace string
	Kind      Subject
	Subject   string // ID of the grant, provider or integration; the user's permanent ID
	Provider  string // of a user: provider ID, or [provider.Members]; otherwise empty
	CreatedAt time.Time
	UndoneAt  time.Time // zero while it is active
}

// Subject is the kind of thing that a revocation is for.
type Subject string

// The subjects. Revoking a grant or a provider is permanent; revoking an
// integration or a user can be undone.
const (
	OfGrant       Subject = "grant"
	OfProvider    Subject = "provider"
	OfIntegration Subject = "integration" // its loads continue
	OfUser        Subject = "user"
)

// Target selects what to revoke: a grant, a provider or an integration by ID
// or name, or a user of a provider.
type Target struct {
	Grant, Provider, Integration, User string
	Apply                              bool // put the deny policies on the roles
}

// Revoke stops new credentials immediately. Existing credentials work until
// they expire, unless the returned deny policies are put on the roles. With
// Target.Apply, Revoke does that for roles that allow it. It needs a
// confirmation when something stops.
func (s *Service) Revoke(
	ctx context.Context, actor access.Actor, workspace string, target Target, given impact.Confirmation,
) (Revocation, []EndSessions, error) {
	now := s.config.Now().UTC().Truncate(time.Microsecond)
	made := Revocation{ID: id.New("rev", now), Workspace: workspace, CreatedAt: now}
	if err := made.setSubject(target); err != nil {
		return Revocation{}, nil, err
	}
	resource := access.Resource{Workspace: workspace, Kind: string(made.Kind), ID: made.Subject}
	if err := s.config.Checker.Check(ctx, actor, made.action(), resource); err != nil {
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

// setSubject sets kind and subject from a target, which must be exactly one.
func (r *Revocation) setSubject(target Target) error {
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
		return problem.New(problem.Invalid, "Specify what to revoke: a grant, a provider, an integration or a user.").
			WithHint("Set exactly one of them. For a user, also set their provider, or \"members\" for a member.")
	}
	return nil
}

func (r *Revocation) action() access.Action {
	if r.Kind == OfProvider {
		return access.ProviderRemove
	}
	return access.GrantRemove
}

// end revokes the target, sets the ID of the subject, and returns the
// integrations whose roles may have active sessions.
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

// Revocations returns the active revocations, oldest first.
func (s *Service) Revocations(
	ctx context.Context, actor access.Actor, workspace string, request paging.Request,
) (paging.List[Revocation], error) {
	resource := access.Resource{Workspace: workspace, Kind: "revocation"}
	if err := s.config.Checker.Check(ctx, actor, access.RevocationList, resource); err != nil {
		return paging.List[Revocation]{}, err
	}
	return s.config.Store.ListRevocations(ctx, workspace, request)
}

// Undo ends the revocation of a user or an integration. Grants and providers
// stay revoked.
func (s *Service) Undo(ctx context.Context, actor access.Actor, workspace, revocation string) error {
	resource := access.Resource{Workspace: workspace, Kind: "revocation", ID: revocation}
	if err := s.config.Checker.Check(ctx, actor, access.RevocationRemove, resource); err != nil {
		return err
	}
	err := s.config.Store.UndoRevocation(ctx, workspace, revocation, s.config.Now())
	if problem.Is(err, problem.NotFound) {
		return access.Missing("revocation", revocation)
	}
	return err
}

// refuseRevoked refuses a subject with an active revocation.
func (s *Service) refuseRevoked(
	ctx context.Context, step, workspace string, kind Subject, subject, providerID string,
) error {
	revoked, err := s.config.Store.Revoked(ctx, workspace, kind, subject, providerID)
	if err == nil && revoked {
		return refuse(step, "To allow it again, undo the revocation; see windlass grant revocations.",
			"The %s is revoked.", kind)
	}
	return err
}
