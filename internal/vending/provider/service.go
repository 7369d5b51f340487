package provider

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Config configures a [Service]. All fields are required.
type Config struct {
	Checker access.Checker
	Store   Store
	// Audience is the default audience: the service's public address.
	Audience string
	// Endpoints restricts issuers and JWKS URLs.
	Endpoints dial.Policy
	Now       func() time.Time
	Most      int // providers of a workspace; optional: MaxPerWorkspace
}

// Store stores providers. If one is missing, the error is a problem with code
// not_found.
type Store interface {
	// InsertProvider returns a problem with code conflict if the name is taken.
	InsertProvider(ctx context.Context, made Provider) error
	// Provider returns a provider by ID or name, unless it is removed.
	Provider(ctx context.Context, workspace, idOrName string) (Provider, error)
	// ListProviders returns the providers that aren't removed, oldest first.
	ListProviders(ctx context.Context, workspace string, request paging.Request) (paging.List[Provider], error)
	CountProviders(ctx context.Context, workspace string) (int, error)
	// SaveProvider replaces the provider whose version is one less. If there is
	// none, it returns a problem with code conflict.
	SaveProvider(ctx context.Context, changed Provider) error
	// ProviderDependents returns the provider's grants that aren't revoked.
	ProviderDependents(ctx context.Context, workspace, id string) ([]impact.Stop, error)
}

// Service manages the providers of all workspaces. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Create creates a provider.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Provider, error) {
	now := s.now()
	providerID := id.New("prv", now) // the audit records it
	if err := s.check(ctx, actor, access.ProviderCreate, workspace, providerID); err != nil {
		return Provider{}, err
	}
	made, err := s.build(draft)
	if err != nil {
		return Provider{}, err
	}
	n, err := s.config.Store.CountProviders(ctx, workspace)
	if err != nil {
		return Provider{}, err
	}
	if n >= s.config.Most {
		return Provider{}, problem.Full("providers", n).WithHint("Remove a provider that isn't used.")
	}
	made.ID, made.Workspace, made.CreatedAt, made.Version = providerID, workspace, now, 1
	return made, s.config.Store.InsertProvider(ctx, made)
}

// Get returns a provider by ID or name.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Provider, error) {
	if err := s.check(ctx, actor, access.ProviderRead, workspace, idOrName); err != nil {
		return Provider{}, err
	}
	return s.find(ctx, workspace, idOrName)
}

// List returns the workspace's providers, oldest first.
func (s *Service) List(
	ctx context.Context, actor access.Actor, workspace string, request paging.Request,
) (paging.List[Provider], error) {
	if err := s.check(ctx, actor, access.ProviderList, workspace, ""); err != nil {
		return paging.List[Provider]{}, err
	}
	return s.config.Store.ListProviders(ctx, workspace, request)
}

// Change changes a provider. A nil field doesn't change. Issuer and kind can't
// change, because grants depend on them.
type Change struct {
	Name, JWKSURL, Audience *string
	Algorithms              *[]string
	MaxAge                  *time.Duration
	MultipleAudiences       *bool
}

// Update changes a provider. It applies to the next token.
func (s *Service) Update(
	ctx context.Context, actor access.Actor, workspace, idOrName string, change Change,
) (Provider, error) {
	if err := s.check(ctx, actor, access.ProviderUpdate, workspace, idOrName); err != nil {
		return Provider{}, err
	}
	p, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Provider{}, err
	}
	set(&p.Name, change.Name)
	set(&p.JWKSURL, change.JWKSURL)
	set(&p.Audience, change.Audience)
	set(&p.MaxAge, change.MaxAge)
	set(&p.MultipleAudiences, change.MultipleAudiences)
	if change.Algorithms != nil {
		p.Algorithms = slices.Clone(*change.Algorithms)
	}
	if len(p.Algorithms) == 0 {
		return Provider{}, problem.New(problem.Invalid, "A provider must allow at least one algorithm.").
			WithFindings(problem.Finding{Path: "algorithms", Message: "The list is empty."})
	}
	if err := s.validate(&p); err != nil {
		return Provider{}, err
	}
	p.Version++
	return p, s.config.Store.SaveProvider(ctx, p)
}

// Impact returns what stops when a provider is removed: its grants.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, idOrName string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "provider", ID: idOrName}
	if err := impact.Look(ctx, s.config.Checker, actor, access.ProviderRemove, access.ProviderRead,
		resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Provider) (impact.Impact, error) {
	stops, err := s.config.Store.ProviderDependents(ctx, found.Workspace, found.ID)
	return impact.Impact{Confirm: found.Name, Stops: append([]impact.Stop{}, stops...)}, err
}

// Remove removes a provider. Its grants remain without effect. It needs a
// confirmation when there are grants.
func (s *Service) Remove(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
) (Provider, error) {
	if err := s.check(ctx, actor, access.ProviderRemove, workspace, idOrName); err != nil {
		return Provider{}, err
	}
	p, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Provider{}, err
	}
	measured, err := s.removal(ctx, &p)
	if err != nil {
		return Provider{}, err
	}
	if err := measured.Check(given); err != nil {
		return Provider{}, err
	}
	p.RemovedAt = s.now()
	p.Version++
	return p, s.config.Store.SaveProvider(ctx, p)
}

func (s *Service) find(ctx context.Context, workspace, idOrName string) (Provider, error) {
	found, err := s.config.Store.Provider(ctx, workspace, idOrName)
	if problem.Is(err, problem.NotFound) {
		return Provider{}, access.Missing("provider", idOrName)
	}
	return found, err
}

func (s *Service) check(
	ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string,
) error {
	resource := access.Resource{Workspace: workspace, Kind: "provider", ID: idOrName}
	return s.config.Checker.Check(ctx, actor, action, resource)
}

// now returns the current time with the precision of the store.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }

func set[T any](into *T, value *T) {
	if value != nil {
		*into = *value
	}
}
