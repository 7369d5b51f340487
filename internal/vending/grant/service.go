package grant

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Config configures a [Service]. All fields are required.
type Config struct {
	Checker      access.Checker
	Store        Store
	Providers    Providers
	Integrations Integrations
	Now          func() time.Time
	Most         int // grants of a workspace; optional: MaxPerWorkspace
}

// Providers returns providers by ID or name, without removed ones.
type Providers interface {
	Provider(ctx context.Context, workspace, idOrName string) (provider.Provider, error)
}

// Integrations returns what integrations allow.
type Integrations interface {
	// Reach is called on behalf of the actor who saves the grant.
	Reach(ctx context.Context, actor access.Actor, workspace, idOrName string) (Reach, error)
}

// Reach describes what an integration allows.
type Reach struct {
	Integration string // ID
	Locations   []object.Location
	Writes      bool
	Vends       bool // its role accepts sessions with a source identity and tags
}

// Covers reports whether one of the locations covers l.
func (r *Reach) Covers(l object.Location) bool {
	return slices.ContainsFunc(r.Locations, func(declared object.Location) bool { return declared.Covers(l) })
}

// Store stores grants. If one is missing, the error is a problem with code
// not_found.
type Store interface {
	// InsertGrant returns a problem with code conflict if the name is taken.
	InsertGrant(ctx context.Context, made Grant) error
	// Grant returns a grant by ID, or one that isn't revoked by name.
	Grant(ctx context.Context, workspace, idOrName string) (Grant, error)
	// ListGrants returns the grants that aren't revoked, oldest first.
	ListGrants(ctx context.Context, workspace string, request paging.Request) (paging.List[Grant], error)
	CountGrants(ctx context.Context, workspace string) (int, error)
	// SaveGrant replaces the grant whose version is one less. If there is none,
	// it returns a problem with code conflict.
	SaveGrant(ctx context.Context, changed Grant) error
}

// Service manages the grants of all workspaces. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Create creates a grant. It returns warnings, too.
func (s *Service) Create(
	ctx context.Context, actor access.Actor, workspace string, draft Draft,
) (Grant, []string, error) {
	now := s.now()
	grantID := id.New("grt", now) // the audit records it
	if err := s.check(ctx, actor, access.GrantCreate, workspace, grantID); err != nil {
		return Grant{}, nil, err
	}
	made, p, err := s.build(ctx, actor, workspace, draft)
	if err != nil {
		return Grant{}, nil, err
	}
	n, err := s.config.Store.CountGrants(ctx, workspace)
	if err != nil {
		return Grant{}, nil, err
	}
	if n >= s.config.Most {
		return Grant{}, nil, problem.Full("grants", n).WithHint("Revoke a grant that isn't used.")
	}
	made.ID, made.Workspace, made.CreatedAt, made.Version = grantID, workspace, now, 1
	return made, made.Warnings(p), s.config.Store.InsertGrant(ctx, made)
}

// Replace replaces a grant, except for its ID and provider. It applies to the
// next token. It returns warnings, too.
func (s *Service) Replace(
	ctx context.Context, actor access.Actor, workspace, idOrName string, draft Draft,
) (Grant, []string, error) {
	if err := s.check(ctx, actor, access.GrantUpdate, workspace, idOrName); err != nil {
		return Grant{}, nil, err
	}
	was, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Grant{}, nil, err
	}
	if !was.RevokedAt.IsZero() {
		return Grant{}, nil, problem.New(problem.Conflict, "The grant %s is revoked.", was.ID).
			WithHint("Create another grant. A revoked grant can't be restored.")
	}
	draft.Provider = was.Provider
	made, p, err := s.build(ctx, actor, workspace, draft)
	if err != nil {
		return Grant{}, nil, err
	}
	made.ID, made.Workspace, made.CreatedAt, made.Version = was.ID, workspace, was.CreatedAt, was.Version+1
	return made, made.Warnings(p), s.config.Store.SaveGrant(ctx, made)
}

// build returns the validated grant of a draft, without an ID, and its
// provider. The provider is nil for a grant for members.
func (s *Service) build(
	ctx context.Context, actor access.Actor, workspace string, draft Draft,
) (Grant, *provider.Provider, error) {
	g := fromDraft(draft)
	var p *provider.Provider
	g.Provider = provider.Members
	if draft.Provider != provider.Members {
		found, err := s.config.Providers.Provider(ctx, workspace, draft.Provider)
		if problem.Is(err, problem.NotFound) {
			return Grant{}, nil, problem.New(problem.Invalid, "There is no provider %s.", quoted(draft.Provider)).
				WithHint("Add it with windlass provider add, or use \"members\" for people who sign in.").
				WithFindings(problem.Finding{Path: "provider", Message: "The provider doesn't exist."})
		}
		if err != nil {
			return Grant{}, nil, err
		}
		p, g.Provider = &found, found.ID
	}
	reach, err := s.config.Integrations.Reach(ctx, actor, workspace, draft.Integration)
	if err != nil {
		return Grant{}, nil, err
	}
	if !reach.Vends {
		return Grant{}, nil, problem.New(problem.Conflict,
			"Vending is off for the integration %s: its role doesn't accept sessions with a source identity and tags.",
			draft.Integration).
			WithHint("Run windlass integration update %s --vending, and paste the trust policy that it prints.",
				reach.Integration)
	}
	g.Integration = reach.Integration
	g.defaults(reach)
	return g, p, g.validate(p, reach, draft.Actions)
}

// defaults sets a missing bucket if the integration has only one, and missing
// prefixes to those of the integration.
func (g *Grant) defaults(reach Reach) {
	if g.Bucket == "" {
		for _, l := range reach.Locations {
			if g.Bucket != "" && g.Bucket != l.Bucket {
				g.Bucket = ""
				break
			}
			g.Bucket = l.Bucket
		}
	}
	if len(g.Prefixes) > 0 {
		return
	}
	for _, l := range reach.Locations {
		if l.Bucket == g.Bucket {
			g.Prefixes = append(g.Prefixes, l.Prefix)
		}
	}
}

// Get returns a grant by ID or name. It returns a revoked grant only by ID.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Grant, error) {
	if err := s.check(ctx, actor, access.GrantRead, workspace, idOrName); err != nil {
		return Grant{}, err
	}
	return s.find(ctx, workspace, idOrName)
}

// List returns the workspace's grants that aren't revoked, oldest first.
func (s *Service) List(
	ctx context.Context, actor access.Actor, workspace string, request paging.Request,
) (paging.List[Grant], error) {
	if err := s.check(ctx, actor, access.GrantList, workspace, ""); err != nil {
		return paging.List[Grant]{}, err
	}
	return s.config.Store.ListGrants(ctx, workspace, request)
}

// Impact returns what stops when a grant is revoked: the grant itself, unless
// it is already revoked.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, idOrName string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "grant", ID: idOrName}
	if err := impact.Look(ctx, s.config.Checker, actor, access.GrantRemove, access.GrantRead, resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	return found.Impact(), err
}

// Impact returns what stops when the grant is revoked.
func (g *Grant) Impact() impact.Impact {
	measured := impact.Impact{Confirm: g.Name, Stops: []impact.Stop{}}
	if g.RevokedAt.IsZero() {
		measured.Stops = append(measured.Stops, impact.Stop{Kind: "grant", ID: g.ID, Name: g.Name})
	}
	return measured
}

// Revoke ends a grant permanently. Revoking it again changes nothing.
func (s *Service) Revoke(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
) (Grant, error) {
	if err := s.check(ctx, actor, access.GrantRemove, workspace, idOrName); err != nil {
		return Grant{}, err
	}
	g, err := s.find(ctx, workspace, idOrName)
	if err != nil || !g.RevokedAt.IsZero() {
		return g, err
	}
	measured := g.Impact()
	if err := measured.Check(given); err != nil {
		return Grant{}, err
	}
	g.RevokedAt = s.now()
	g.Version++
	return g, s.config.Store.SaveGrant(ctx, g)
}

func (s *Service) find(ctx context.Context, workspace, idOrName string) (Grant, error) {
	found, err := s.config.Store.Grant(ctx, workspace, idOrName)
	if problem.Is(err, problem.NotFound) {
		return Grant{}, access.Missing("grant", idOrName)
	}
	return found, err
}

func (s *Service) check(
	ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string,
) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{
		Workspace: workspace, Kind: "grant",
		ID: idOrName,
	})
}

// now returns the current time with the precision of the store.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }
