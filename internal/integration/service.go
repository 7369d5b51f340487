package integration

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/windlass-io/windlass/iam/generate"
	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/assume"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// Config configures a [Service]. All fields are required unless they say
// optional.
type Config struct {
	Checker    access.Checker
	Store      Store
	Roles      Roles
	Dependents Dependents // optional
	// Endpoint is the default endpoint of buckets; empty for AWS.
	Endpoint string
	// Endpoints restricts endpoints and webhooks.
	Endpoints dial.Policy
	// TemplateURL is where [aws.LaunchTemplate] is published, in S3; see
	// [Beside]. Optional.
	TemplateURL string
	// Notes records AWS's request ID of each session. Optional.
	Notes Notes
	// Queues returns the queues that the role reads, for the permission policy of
	// the setup documents. Optional.
	Queues func(ctx context.Context, workspace, integrationID string) ([]generate.Queue, error)
	// Edited is called with each integration that needs a verification.
	// Optional.
	Edited func(ctx context.Context, edited Integration)
	Random io.Reader // crypto/rand.Reader outside tests
	Now    func() time.Time
	Most   int // integrations of a workspace; optional: MaxPerWorkspace
}

// Roles calls STS. *[assume.Caller] implements it.
type Roles interface {
	Principal(ctx context.Context) (assume.Principal, error)
	Assume(ctx context.Context, request assume.Request) (assume.Session, error)
	Forget(integration string)
}

// Store stores integrations. If one is missing, the error is a problem with
// code not_found.
type Store interface {
	// InsertIntegration stores a new integration, and its External ID
	// permanently. It returns a problem with code conflict if the name or the
	// External ID is taken.
	InsertIntegration(ctx context.Context, made Integration) error
	Integration(ctx context.Context, workspace, id string) (Integration, error)
	// IntegrationByName returns an integration that isn't removed.
	IntegrationByName(ctx context.Context, workspace, name string) (Integration, error)
	// ListIntegrations returns the integrations that aren't removed, oldest
	// first.
	ListIntegrations(ctx context.Context, workspace string, request paging.Request) (paging.List[Integration], error)
	// RemovedIntegrations returns up to limit integrations that were removed
	// after a time, last removed first.
	RemovedIntegrations(ctx context.Context, workspace string, after time.Time, limit int) ([]Integration, error)
	CountIntegrations(ctx context.Context, workspace string) (int, error)
	// SaveIntegration replaces the integration whose version is one less, and
	// stores a new External ID permanently. If there is no such version, it
	// returns a problem with code conflict.
	SaveIntegration(ctx context.Context, changed Integration, now time.Time) error
	// ExpireIntegrations removes reservations that were created before a time,
	// and returns them.
	ExpireIntegrations(ctx context.Context, before, now time.Time) ([]Integration, error)
	Onboarding
}

// Notes adds notes to the audit. *[audit.Recorder] implements it.
type Notes interface {
	Note(ctx context.Context, entry audit.Entry) error
}

// Dependents returns what stops without an integration.
type Dependents interface {
	IntegrationDependents(ctx context.Context, workspace, integration string) ([]impact.Stop, error)
}

// Service manages the integrations of all workspaces. It is safe for concurrent use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Get returns an integration by ID or name. It returns a removed one as long as
// it can be restored.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationRead, workspace, idOrName); err != nil {
		return Integration{}, err
	}
	return s.find(ctx, workspace, idOrName)
}

// List returns the workspace's integrations that aren't removed, oldest first.
func (s *Service) List(
	ctx context.Context, actor access.Actor, workspace string, request paging.Request,
) (paging.List[Integration], error) {
	if err := s.check(ctx, actor, access.IntegrationList, workspace, ""); err != nil {
		return paging.List[Integration]{}, err
	}
	return s.config.Store.ListIntegrations(ctx, workspace, request)
}

// Removed returns the workspace's integrations that can be restored, last
// removed first.
func (s *Service) Removed(ctx context.Context, actor access.Actor, workspace string) ([]Integration, error) {
	if err := s.check(ctx, actor, access.IntegrationList, workspace, ""); err != nil {
		return nil, err
	}
	return s.removed(ctx, workspace)
}

func (s *Service) removed(ctx context.Context, workspace string) ([]Integration, error) {
	return s.config.Store.RemovedIntegrations(ctx, workspace, s.now().Add(-RestoredFor), MaxPerWorkspace)
}

func (s *Service) check(
	ctx context.Context, actor access.Actor, action access.Action, workspace, idOrName string,
) error {
	resource := access.Resource{Workspace: workspace, Kind: "integration", ID: idOrName}
	return s.config.Checker.Check(ctx, actor, action, resource)
}

// find returns an integration of the workspace by ID or name. One of another
// workspace, or one that can't be restored, doesn't exist.
func (s *Service) find(ctx context.Context, workspace, idOrName string) (Integration, error) {
	look := s.config.Store.Integration
	if !id.Has(idOrName, "int") {
		look = s.config.Store.IntegrationByName
	}
	found, err := look(ctx, workspace, idOrName)
	if problem.Is(err, problem.NotFound) || err == nil && found.isGone(s.config.Now()) {
		return Integration{}, access.Missing("integration", idOrName)
	}
	if err == nil && s.config.Queues != nil {
		found.Queues, err = s.config.Queues(ctx, workspace, found.ID)
	}
	return found, err
}

// isGone reports whether the integration was removed too long ago to be
// restored.
func (i *Integration) isGone(now time.Time) bool {
	return i.State == Removed && !now.Before(i.RemovedAt.Add(RestoredFor))
}

// maxTries limits the attempts of a change that conflicts with others.
const maxTries = 5

// change reads an integration, changes it with edit and saves it. If another
// caller has changed it in the meantime, change starts again.
func (s *Service) change(
	ctx context.Context, workspace, idOrName string, edit func(*Integration) error,
) (before, after Integration, err error) {
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
		if err = s.config.Store.SaveIntegration(ctx, after, s.now()); err == nil {
			s.announce(ctx, &before, &after)
			return before, after, nil
		}
		if !errors.Is(err, ErrChanged) {
			return Integration{}, Integration{}, err
		}
	}
	return Integration{}, Integration{}, problem.Wrap(err, problem.Conflict,
		"Somebody else changed the integration %s at the same time.", idOrName).
		WithHint("Read it again, and repeat your change if it is still needed.")
}

// announce calls Config.Edited if a change made a verification necessary.
func (s *Service) announce(ctx context.Context, before, after *Integration) {
	changed := before.State != Unverified && after.State == Unverified || before.Revision != after.Revision
	if s.config.Edited != nil && after.waits() && changed {
		s.config.Edited(ctx, *after)
	}
}

// now returns the current time with the precision of the store.
func (s *Service) now() time.Time { return s.config.Now().UTC().Truncate(time.Microsecond) }

// ErrChanged is the error of a [Store] that has another version than the one to
// replace.
var ErrChanged = errors.New("the integration has changed in the meantime")
