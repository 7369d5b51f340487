package feed

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// Config configures a [Service]. Every field is required.
type Config struct {
	Checker access.Checker
	Store   Store
	Sources Sources
	Now     func() time.Time
}

// Sources finds sources; *source.Service implements it.
type Sources interface {
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (source.Source, error)
}

// Store stores feeds. If one is missing, the error is a problem with code
// not_found; if there is already one for the source and the dataset, one with code
// conflict.
type Store interface {
	InsertFeed(ctx context.Context, made Feed) (Feed, error)
	Feed(ctx context.Context, workspace, id string) (Feed, error)
	// ListFeeds returns a workspace's feeds, oldest first.
	ListFeeds(ctx context.Context, workspace string, filter Filter, request paging.Request) (paging.List[Feed], error)
	// SaveFeed replaces the feed whose version is one less. If there is none, it
	// returns a problem with code conflict. Without Partitioned, the next load decides
	// it again.
	SaveFeed(ctx context.Context, changed Feed) error
	// DeleteFeed removes a feed with its schedules and its ledger, and cancels its
	// loads that haven't ended.
	DeleteFeed(ctx context.Context, removed Feed, now time.Time) error
	// FeedDependents returns a feed's schedules, and its loads that haven't ended.
	FeedDependents(ctx context.Context, of Feed) ([]impact.Stop, error)
	// FeedLedger returns a page of a feed's ledger, in the order of keys.
	FeedLedger(ctx context.Context, of Feed, filter LedgerFilter, request paging.Request) (
		paging.List[engine.LedgerEntry], error)
	// SkipObjects changes the failed and removed versions of objects to ignored, and
	// returns them and those that are ignored already.
	SkipObjects(ctx context.Context, of Feed, skip Skip) ([]engine.LedgerEntry, error)
}

// Filter selects feeds. The zero value selects all.
type Filter struct {
	SourceID string
	Dataset  string // name
}

// Gone is the state of a loaded object version whose object is no longer in the bucket,
// and whose rows stay. In the engine's ledger, it is loaded.
const Gone engine.Outcome = "gone"

// LedgerFilter selects entries of a ledger. The zero value selects all.
type LedgerFilter struct {
	State  engine.Outcome
	Prefix string // of the keys
}

// Service manages the feeds of all workspaces. A feed has the permissions of its
// source: anyone who may read or change the source may read or change the feed. It is
// safe for concurrent use.
type Service struct{ config Config }

// NewService returns a service.
func NewService(config Config) *Service { return &Service{config} }

// Get returns a feed.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, feedID string) (Feed, error) {
	return s.find(ctx, actor, access.SourceRead, workspace, feedID)
}

// List returns a workspace's feeds, oldest first. The filter's source is an ID or
// a name.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string, filter Filter,
	request paging.Request,
) (paging.List[Feed], error) {
	if err := s.check(ctx, actor, access.SourceList, workspace, ""); err != nil {
		return paging.List[Feed]{}, err
	}
	if filter.SourceID != "" {
		src, err := s.config.Sources.Get(ctx, actor, workspace, filter.SourceID)
		if err != nil {
			return paging.List[Feed]{}, err
		}
		filter.SourceID = src.ID
	}
	return s.config.Store.ListFeeds(ctx, workspace, filter, request)
}

// Draft describes a feed to create.
type Draft struct {
	Source  string // ID or name
	Dataset string // name
	Change         // of the default settings
}

// Create creates a feed. A load or a schedule of the same source and dataset uses
// it; without one, they create it with default settings.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Feed, error) {
	feedID := id.New("feed", s.config.Now()) // the audit records it
	if err := s.check(ctx, actor, access.SourceUpdate, workspace, feedID); err != nil {
		return Feed{}, err
	}
	src, err := s.config.Sources.Get(ctx, actor, workspace, draft.Source)
	if err != nil {
		return Feed{}, err
	}
	made, err := s.draw(actor, workspace, feedID, src.ID, &draft)
	if err != nil {
		return Feed{}, err
	}
	return s.config.Store.InsertFeed(ctx, made)
}

// Prepare returns the feed that [Service.Create] would store, of a source that isn't
// stored yet.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, src source.Source, draft Draft) (Feed, error) {
	feedID := id.New("feed", s.config.Now())
	if err := s.check(ctx, actor, access.SourceUpdate, src.Workspace, feedID); err != nil {
		return Feed{}, err
	}
	return s.draw(actor, src.Workspace, feedID, src.ID, &draft)
}

func (s *Service) draw(actor access.Actor, workspace, feedID, sourceID string, draft *Draft) (Feed, error) {
	made := New(workspace, sourceID, draft.Dataset, actor.ID, s.config.Now())
	made.ID = feedID
	made.Apply(&draft.Change)
	return made, made.Check("feed", NameFinding(draft.Dataset)...)
}

// Update changes a feed's settings. They apply to loads that start afterwards.
// version is the one that the caller saw; 0: any.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, feedID string, version int64,
	change Change,
) (Feed, error) {
	changed, err := s.find(ctx, actor, access.SourceUpdate, workspace, feedID)
	if err != nil {
		return Feed{}, err
	}
	if version != 0 && version != changed.Version {
		return Feed{}, problem.New(problem.Conflict, "The feed %s now has version %d, not %d.", changed.ID,
			changed.Version, version).WithHint("Read it again, then repeat the change.")
	}
	changed.Apply(&change)
	if change.Partitions != nil {
		changed.Partitioned = nil
	}
	if err := changed.Check("feed"); err != nil {
		return Feed{}, err
	}
	changed.Version, changed.UpdatedAt = changed.Version+1, s.config.Now()
	return changed, s.config.Store.SaveFeed(ctx, changed)
}

// Impact returns what stops when a feed is removed: its schedules, and its loads
// that haven't ended.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, feedID string) (impact.Impact, error) {
	found, err := s.find(ctx, actor, access.SourceRead, workspace, feedID)
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Feed) (impact.Impact, error) {
	stops, err := s.config.Store.FeedDependents(ctx, *found)
	return impact.Impact{Confirm: found.Dataset, Stops: append([]impact.Stop{}, stops...)}, err
}

// Remove removes a feed with its schedules and its ledger, and cancels its loads.
// The rows stay. A new feed of the same source and dataset loads every object
// again.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, feedID string,
	given impact.Confirmation,
) error {
	found, err := s.find(ctx, actor, access.SourceUpdate, workspace, feedID)
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
	return s.config.Store.DeleteFeed(ctx, found, s.config.Now())
}

// Ledger returns the outcome of each object version of a feed.
func (s *Service) Ledger(ctx context.Context, actor access.Actor, workspace, feedID string, filter LedgerFilter,
	request paging.Request,
) (paging.List[engine.LedgerEntry], error) {
	found, err := s.find(ctx, actor, access.SourceRead, workspace, feedID)
	if err != nil {
		return paging.List[engine.LedgerEntry]{}, err
	}
	return s.config.Store.FeedLedger(ctx, found, filter, request)
}

// find returns a feed if the actor may perform an action on its source.
func (s *Service) find(ctx context.Context, actor access.Actor, action access.Action, workspace, feedID string) (
	Feed, error,
) {
	if err := s.check(ctx, actor, action, workspace, feedID); err != nil {
		return Feed{}, err
	}
	return s.config.Store.Feed(ctx, workspace, feedID)
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "feed", ID: id})
}
