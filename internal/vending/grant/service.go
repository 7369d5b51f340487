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

// Config is what a [Service] needs. Every field is required.
type Config struct {
	Checker      access.Checker
	Store        Store
	Providers    Providers
	Integrations Integrations
	Now          func() time.Time
	Most         int // grants of a workspace; optional: MaxPerWorkspace
}

// Providers finds providers that are not removed, by ID or name; package
// store's does.
type Providers interface {
	Provider(ctx context.Context, workspace, idOrName string) (provider.Provider, error)
}

// Integrations tells what an integration opens.
type Integrations interface {
	// Reach is asked when a grant is made, on behalf of who makes it.
	Reach(ctx context.Context, actor access.Actor, workspace, idOrName string) (Reach, error)
}

// Reach is what an integration opens.
type Reach struct {
	Integration string // ID
	Locations   []object.Location
	Writes      bool
	Vends       bool // its role lets sessions carry a source identity and tags
}

// Covers says whether one of the locations has all of l.
func (r *Reach) Covers(l object.Location) bool {
	return slices.ContainsFunc(r.Locations, func(mine object.Location) bool { return mine.Covers(l) })
}

// Store keeps grants. A missing one is a problem of code not_found.
type Store interface {
	// InsertGrant answers conflict for a name that is taken.
	InsertGrant(ctx context.Context, made Grant) error
	// Grant finds one by its ID, or one that is not revoked by its name.
	Grant(ctx context.Context, workspace, idOrName string) (Grant, error)
	// ListGrants gives those that are not revoked, oldest first.
	ListGrants(ctx context.Context, workspace string, request paging.Request) (paging.List[Grant], error)
	CountGrants(ctx context.Context, workspace string) (int, error)
	// SaveGrant replaces the one whose version is one less; else conflict.
	SaveGrant(ctx context.Context, changed Grant) error
}

// Service is the grants of all workspaces. It may be used from many goroutines
// at once.
type Service struct{ config Config }

// New makes the service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Create makes a grant, and gives what is worth a second thought.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Grant, []string, error) {
	now := s.now()
	grantID := id.New("grt", now) // the audit names it
	if err := s.check(ctx, actor, access.GrantCreate, workspace, grantID); err != nil {
		return Grant{}, nil, err
	}
	made, p, err := s.made(ctx, actor, workspace, draft)
	if err != nil {
		return Grant{}, nil, err
	}
	n, err := s.config.Store.CountGrants(ctx, workspace)
	if err != nil {
		return Grant{}, nil, err
	}
	if n >= s.config.Most {
		return Grant{}, nil, problem.Full("grants", n).WithHint("Revoke one that is not used.")
	}
	made.ID, made.Workspace, made.CreatedAt, made.Version = grantID, workspace, now, 1
	return made, made.Warnings(p), s.config.Store.InsertGrant(ctx, made)
}

// Replace gives a grant another text: everything but its ID, its workspace and
// its provider. It counts for the next token.
func (s *Service) Replace(ctx context.Context, actor access.Actor, workspace, idOrName string, draft Draft) (Grant, []string, error) {
	if err := s.check(ctx, actor, access.GrantUpdate, workspace, idOrName); err != nil {
		return Grant{}, nil, err
	}
	was, err := s.find(ctx, workspace, idOrName)
	if err != nil {
		return Grant{}, nil, err
	}
	if !was.RevokedAt.IsZero() {
		return Grant{}, nil, problem.New(problem.Conflict, "The grant %s is revoked.", was.ID).WithHint("Make another; what is revoked stays so.")
	}
	draft.Provider = was.Provider
	made, p, err := s.made(ctx, actor, workspace, draft)
	if err != nil {
		return Grant{}, nil, err
	}
	made.ID, made.Workspace, made.CreatedAt, made.Version = was.ID, workspace, was.CreatedAt, was.Version+1
	return made, made.Warnings(p), s.config.Store.SaveGrant(ctx, made)
}

// made is a draft's grant, checked, without its ID. The provider is nil for a
// grant for members.
func (s *Service) made(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Grant, *provider.Provider, error) {
	g := of(draft)
	var p *provider.Provider
	g.Provider = provider.Members
	if draft.Provider != provider.Members {
		found, err := s.config.Providers.Provider(ctx, workspace, draft.Provider)
		if problem.Is(err, problem.NotFound) {
			return Grant{}, nil, problem.New(problem.Invalid, "There is no provider %q.", bounded(draft.Provider)).WithHint("Add it with windlass provider add, or name members for people who sign in.").
				WithFindings(problem.Finding{Path: "provider", Message: "It is not there."})
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
		return Grant{}, nil, problem.New(problem.Conflict, "The integration %s is not for vending: its role does not let a session say on whose behalf it is.", draft.Integration).
			WithHint("Run windlass integration update %s --vending, and paste the trust policy that it prints.", reach.Integration)
	}
	g.Integration = reach.Integration
	g.defaults(reach)
	return g, p, g.check(p, reach, draft.Actions)
}

// defaults takes bucket and prefixes from the integration where the draft says
// nothing and the integration leaves no choice.
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

// Get gives one grant, by its ID or its name; a revoked one by its ID alone.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Grant, error) {
	if err := s.check(ctx, actor, access.GrantRead, workspace, idOrName); err != nil {
		return Grant{}, err
	}
	return s.find(ctx, workspace, idOrName)
}

// List gives the workspace's grants that are not revoked, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[Grant], error) {
	if err := s.check(ctx, actor, access.GrantList, workspace, ""); err != nil {
		return paging.List[Grant]{}, err
	}
	return s.config.Store.ListGrants(ctx, workspace, request)
}

// Impact returns what stops when a grant is revoked: the grant itself, unless
// it is revoked already.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, idOrName string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "grant", ID: idOrName}
	if err := impact.Look(ctx, s.config.Checker, actor, access.GrantRemove, access.GrantRead, resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.find(ctx, workspace, idOrName)
	return found.Impact(), err
}

// Impact is what stops when the grant is revoked.
func (g *Grant) Impact() impact.Impact {
	measured := impact.Impact{Confirm: g.Name, Stops: []impact.Stop{}}
	if g.RevokedAt.IsZero() {
		measured.Stops = append(measured.Stops, impact.Stop{Kind: "grant", ID: g.ID, Name: g.Name})
	}
	return measured
}

// Revoke ends a grant for good: no token is exchanged under it any more.
// Revoking it again changes nothing.
func (s *Service) Revoke(ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation) (Grant, error) {
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

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "grant", ID: idOrName})
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }
