package source

import (
	"cmp"
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
)

// Config configures a [Service]. All fields are required.
type Config struct {
	Checker      access.Checker
	Store        Store
	Integrations WayIn
	Credentials  WayIn
	Ledger       Ledger
	// Open opens a bucket; object/s3.Open outside tests.
	Open func(object.Access) object.Bucket
	Now  func() time.Time
	Most int // sources of a workspace; optional: MaxPerWorkspace
}

// Store stores sources. If one is missing, the error is a problem with code
// not_found; if a name is taken, one with code conflict.
type Store interface {
	InsertSource(ctx context.Context, made Source) error
	CountSources(ctx context.Context, workspace string) (int, error)
	Source(ctx context.Context, workspace, idOrName string) (Source, error)
	// ListSources returns a workspace's sources, oldest first.
	ListSources(ctx context.Context, workspace string, request paging.Request) (paging.List[Source], error)
	// SaveSource replaces the source whose version is one less. If there is none,
	// it returns a problem with code conflict.
	SaveSource(ctx context.Context, changed Source) error
	// DeleteSource removes a source with its schedules and feeds, and cancels its
	// loads that haven't ended.
	DeleteSource(ctx context.Context, workspace, id string, now time.Time) error
	// SourceDependents returns the source's loads that haven't ended.
	SourceDependents(ctx context.Context, workspace, id string) ([]impact.Stop, error)
}

// WayIn opens buckets. There are implementations for integrations and for access
// keys.
type WayIn interface {
	Access(ctx context.Context, actor access.Actor, workspace, id, bucket string) (object.Access, error)
	// Declared returns the ID and the declared locations. Without locations, any
	// bucket is allowed.
	Declared(ctx context.Context, actor access.Actor, workspace,
		idOrName string) (id string, locations []object.Location, err error)
}

// Ledger returns which object versions were loaded. engine.Engine implements it.
type Ledger interface {
	Recorded(ctx context.Context, sourceID, datasetID string, objects []engine.ObjectVersion) (
		[]engine.LedgerEntry, error)
}

// Service manages the sources of all workspaces. It is safe for concurrent
// use.
type Service struct{ config Config }

// New returns a service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Get returns a source by ID or name.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (Source, error) {
	if err := s.check(ctx, actor, access.SourceRead, workspace, idOrName); err != nil {
		return Source{}, err
	}
	return s.config.Store.Source(ctx, workspace, idOrName)
}

// List returns a workspace's sources, oldest first.
func (s *Service) List(
	ctx context.Context, actor access.Actor, workspace string, request paging.Request,
) (paging.List[Source], error) {
	if err := s.check(ctx, actor, access.SourceList, workspace, ""); err != nil {
		return paging.List[Source]{}, err
	}
	return s.config.Store.ListSources(ctx, workspace, request)
}

// Impact returns what stops when a source is removed: its loads that haven't
// ended.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, idOrName string) (impact.Impact, error) {
	resource := access.Resource{Workspace: workspace, Kind: "source", ID: idOrName}
	if err := impact.Look(ctx, s.config.Checker, actor, access.SourceRemove, access.SourceRead, resource); err != nil {
		return impact.Impact{}, err
	}
	found, err := s.config.Store.Source(ctx, workspace, idOrName)
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Source) (impact.Impact, error) {
	stops, err := s.config.Store.SourceDependents(ctx, found.Workspace, found.ID)
	return impact.Impact{Confirm: found.Name, Stops: append([]impact.Stop{}, stops...)}, err
}

// Remove removes a source with its schedules and its feeds. It keeps the loaded
// data. It needs a confirmation while the source has schedules or loads that haven't
// ended; these are cancelled.
func (s *Service) Remove(
	ctx context.Context, actor access.Actor, workspace, idOrName string, given impact.Confirmation,
) error {
	if err := s.check(ctx, actor, access.SourceRemove, workspace, idOrName); err != nil {
		return err
	}
	found, err := s.config.Store.Source(ctx, workspace, idOrName)
	if err != nil {
		return err
	}
	measured, err := s.removal(ctx, &found)
	if err != nil {
		return err
	}
	if err := measured.Check(given); err != nil {
		return err
	}
	return s.config.Store.DeleteSource(ctx, workspace, found.ID, s.config.Now())
}

// Bucket opens a source's bucket. With an integration, only its declared
// locations are open, and only while it is verified.
func (s *Service) Bucket(ctx context.Context, actor access.Actor, src Source) (object.Bucket, error) {
	way, id := s.wayIn(&src)
	reach, err := way.Access(ctx, actor, src.Workspace, *id, src.Bucket)
	if err != nil {
		return nil, err
	}
	return s.config.Open(reach), nil
}

// wayIn returns what opens the source's bucket, and a pointer to its ID.
func (s *Service) wayIn(src *Source) (way WayIn, id *string) {
	if src.CredentialID != "" {
		return s.config.Credentials, &src.CredentialID
	}
	return s.config.Integrations, &src.IntegrationID
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "source", ID: id})
}
