package integration

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Config is what a [Service] needs. Every field without "optional" is required.
type Config struct {
	Checker    access.Checker
	Store      Store
	Roles      Roles
	Dependents Dependents // optional: nothing depends
	// Endpoint is where buckets are when an integration names no endpoint;
	// empty for AWS.
	Endpoint string
	// Endpoints decides which endpoints and webhooks may be saved.
	Endpoints dial.Policy
	// TemplateURL, optional, is where [aws.LaunchTemplate] is published, in
	// S3: see [Beside].
	TemplateURL string
	// Notes, optional, keeps AWS's request ID of each session that is asked
	// for.
	Notes Notes
	// Edited, optional, is told of each integration about which nothing is
	// proven any more, so that it can be verified.
	Edited func(ctx context.Context, edited Integration)
	Random io.Reader // crypto/rand.Reader outside tests
	Now    func() time.Time
	Most   int // integrations of a workspace; optional: MaxPerWorkspace
}

// Roles is the service's standing with AWS; *assume.Caller fulfils it.
type Roles interface {
	Principal(ctx context.Context) (assume.Principal, error)
	Assume(ctx context.Context, request assume.Request) (assume.Session, error)
	Forget(integration string)
}

// Store keeps integrations. A missing one is a problem of code not_found.
type Store interface {
	// InsertIntegration keeps a new integration, and its External ID for ever.
	// A name or an External ID that is taken is a problem of code conflict.
	InsertIntegration(ctx context.Context, made Integration) error
	Integration(ctx context.Context, workspace, id string) (Integration, error)
	// IntegrationByName finds one that is not removed.
	IntegrationByName(ctx context.Context, workspace, name string) (Integration, error)
	// ListIntegrations gives those that are not removed, oldest first.
	ListIntegrations(ctx context.Context, workspace string, request paging.Request) (paging.List[Integration], error)
	// RemovedIntegrations gives those that were removed after a time, the last
	// one first, at most limit.
	RemovedIntegrations(ctx context.Context, workspace string, after time.Time, limit int) ([]Integration, error)
	CountIntegrations(ctx context.Context, workspace string) (int, error)
	// SaveIntegration replaces the integration whose version is one less. It
	// answers conflict when the version is another, and keeps a new External
	// ID for ever.
	SaveIntegration(ctx context.Context, changed Integration) error
	// ExpireIntegrations removes reservations that were made before a time,
	// and gives them.
	ExpireIntegrations(ctx context.Context, before, now time.Time) ([]Integration, error)
}

// Notes keeps what came of an act; *audit.Recorder fulfils it.
type Notes interface {
	Note(ctx context.Context, entry audit.Entry) error
}

// Dependents finds what stops without an integration.
type Dependents interface {
	IntegrationDependents(ctx context.Context, workspace, integration string) ([]impact.Stop, error)
}

// Service is the integrations of all workspaces. It may be used from many
// goroutines at once.
type Service struct{ config Config }

// New makes the service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Get gives one integration, by its ID or its name, as everywhere here; a removed one for as long as it can be restored.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	return s.find(ctx, workspace, idOrName)
}

// List gives the workspace's integrations, oldest first, without the removed.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, request paging.Request) (paging.List[Integration], error) {
	if err := s.check(ctx, actor, access.IntegrationList, workspace, ""); err != nil {
		return paging.List[Integration]{}, err
	}
	return s.config.Store.ListIntegrations(ctx, workspace, request)
}

// Removed gives the workspace's integrations that can be restored, the one
// that was removed last first.
func (s *Service) Removed(ctx context.Context, actor access.Actor, workspace string) ([]Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationList, workspace, ""); err != nil {
		return nil, err
	}
	return s.removed(ctx, workspace)
}

func (s *Service) removed(ctx context.Context, workspace string) ([]Integration, error) {
	return s.config.Store.RemovedIntegrations(ctx, workspace, s.now().Add(-RestoredFor), MaxPerWorkspace)
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "integration", ID: idOrName})
}

// find gives an integration of the workspace, by its ID or its name. One of
// another workspace, and one removed for good, is missing.
func (s *Service) find(ctx context.Context, workspace, idOrName string) (Integration, error) {
	look := s.config.Store.Integration
	if !id.Has(idOrName, "int") {
		look = s.config.Store.IntegrationByName
	}
	found, err := look(ctx, workspace, idOrName)
	if problem.Is(err, problem.NotFound) || err == nil && found.gone(s.config.Now()) {
		return Integration{}, access.Missing("integration", idOrName)
	}
	return found, err
}

// gone says whether the integration was removed too long ago to be restored.
func (i *Integration) gone(now time.Time) bool {
	return i.State == Removed && !now.Before(i.RemovedAt.Add(RestoredFor))
}

// maxTries bounds how often a change is tried anew after another's.
const maxTries = 5

// change reads an integration, lets edit change it and saves it; when somebody
// else changed it meanwhile, once more from the start.
func (s *Service) change(ctx context.Context, workspace, idOrName string, edit func(*Integration) error) (before, after Integration, err error) {
	for range maxTries {
		before, err = s.find(ctx, workspace, idOrName)
		if err != nil {
			return Integration{}, Integration{}, err
		}
		after = before.clone()
		if err = edit(&after); err != nil {
			return Integration{}, Integration{}, err
		}
		after.Version = before.Version + 1
		if err = s.config.Store.SaveIntegration(ctx, after); err == nil {
			s.announce(ctx, &before, &after)
			return before, after, nil
		}
		if !errors.Is(err, ErrChanged) {
			return Integration{}, Integration{}, err
		}
	}
	return Integration{}, Integration{}, problem.Wrap(err, problem.Conflict, "The integration %s was changed by somebody else at the same time.", idOrName).
		WithHint("Read it again, and repeat your change if it is still wanted.")
}

// announce tells that nothing is proven about an integration any more.
func (s *Service) announce(ctx context.Context, before, after *Integration) {
	if s.config.Edited != nil && after.State == Unverified && (before.State != Unverified || before.Revision != after.Revision) {
		s.config.Edited(ctx, *after)
	}
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }

// ErrChanged is what a [Store] answers when the version to replace is not the
// one that it has.
var ErrChanged = errors.New("the integration was changed meanwhile")
