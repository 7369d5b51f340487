package load

import (
	"cmp"
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker access.Checker
	Store   Store
	Sources Sources
	Rejects Rejects
	Now     func() time.Time
	Limits  Limits // optional
	// Draining reports whether this node must not claim loads. Optional.
	Draining func() bool
	// Observer counts the work of workers. Optional.
	Observer Observer
}

// Sources finds sources; *source.Service implements it.
type Sources interface {
	Get(ctx context.Context, actor access.Actor, workspace, idOrName string) (source.Source, error)
}

// Rejects returns rejected rows; engine.Engine implements it.
type Rejects interface {
	Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error
}

// Store stores loads and is their queue. For a missing load, methods return a
// problem with code not_found.
type Store interface {
	// QueueLoad puts a new load in the queue. If an equal load of the feed waits to
	// begin, it returns that one and adds nothing.
	QueueLoad(ctx context.Context, made Load) (Load, error)
	// EqualWaits reports whether [Store.QueueLoad] would return a load that waits.
	EqualWaits(ctx context.Context, made *Load) (bool, error)
	// Feed returns a feed by its ID.
	Feed(ctx context.Context, workspace, id string) (feed.Feed, error)
	// FeedOfPair returns the feed of a source and a dataset.
	FeedOfPair(ctx context.Context, workspace, sourceID, datasetName string) (feed.Feed, error)
	// EnsureFeed returns the feed of a source and a dataset. If there is none,
	// it stores made.
	EnsureFeed(ctx context.Context, made feed.Feed) (feed.Feed, error)
	// CountQueued counts the queued loads of a workspace, and stops at most.
	CountQueued(ctx context.Context, workspace string, most int) (int, error)
	Load(ctx context.Context, workspace, id string) (Load, error)
	// ListLoads returns the loads of a workspace that a filter selects, newest first.
	ListLoads(ctx context.Context, workspace string, filter Filter, request paging.Request) (paging.List[Load], error)
	// LoadObjects returns a page of the ledger entries that a load recorded, by key.
	LoadObjects(ctx context.Context, of *Load, request paging.Request) (paging.List[engine.LedgerEntry], error)
	// CancelLoad ends a load as cancelled. If the load succeeded or failed
	// before, the error is a problem with code conflict.
	CancelLoad(ctx context.Context, workspace, id string, now time.Time) (Load, error)
	Queue
	UploadStore
}

// Service manages the loads of all workspaces. It is safe for concurrent
// use.
type Service struct {
	config Config
	wake   chan struct{} // receives when there may be something to claim
}

// New returns the service.
func New(config Config) *Service {
	config.Limits = config.Limits.withDefaults()
	if config.Observer == nil {
		config.Observer = unobserved{}
	}
	return &Service{config: config, wake: make(chan struct{}, 1)}
}

// Order is the request for a new load: a feed, or a source and a dataset.
type Order struct {
	Feed        string // ID
	Source      string // ID or name
	Dataset     string
	Duplicates  engine.Duplicates // empty: the feed's
	MaxRejected *int64            // nil: the feed's
	// MaxRejectedPercent fails an object when this percentage of its rows are
	// rejected; nil: the feed's.
	MaxRejectedPercent *int
	DryRun             bool
	Kind               Kind      // empty: Objects
	Select             Selection // of a replay or a backfill
	// Of is the load whose rejected rows are loaded again, for [Rejected]. Reasons
	// selects them; empty means all.
	Of      string
	Reasons []dataset.RejectCode
}

// Start puts a load in the queue. If its source and dataset have no feed, Start
// creates one with default settings.
func (s *Service) Start(ctx context.Context, actor access.Actor, workspace string, order Order) (Load, error) {
	if err := s.check(ctx, actor, access.LoadCreate, workspace, ""); err != nil {
		return Load{}, err
	}
	if err := order.checkKind(); err != nil {
		return Load{}, err
	}
	if err := order.name(ctx, s.config.Store, workspace); err != nil {
		return Load{}, err
	}
	src, err := s.config.Sources.Get(ctx, actor, workspace, order.Source)
	if err != nil {
		return Load{}, err
	}
	made, err := s.draw(ctx, actor, workspace, src.ID, &order)
	if err != nil {
		return Load{}, err
	}
	queued, err := s.config.Store.QueueLoad(ctx, made)
	if err != nil {
		return Load{}, err
	}
	s.Nudge()
	return queued, nil
}

// checkKind validates the kind and the fields that it needs.
func (o *Order) checkKind() error {
	o.Kind = cmp.Or(o.Kind, Objects)
	if o.Kind != Rejected && (o.Of != "" || len(o.Reasons) > 0) {
		return problem.New(problem.Invalid, "The load isn't valid: of and reasons belong to the kind rejected.").
			WithFindings(problem.Finding{Path: "of", Message: "needs the kind rejected"})
	}
	switch o.Kind {
	case Replay, Backfill:
		return o.Select.check(o.Kind)
	case Rejected:
		if o.Of == "" || !o.Select.isZero() || o.DryRun {
			return problem.New(problem.Invalid,
				"The load isn't valid: the kind rejected needs a load, and has no selection and no dry run.").
				WithHint("Set of to the load whose rejected rows to load again.").
				WithFindings(problem.Finding{Path: "of", Message: "must be the ID of a load"})
		}
		return (&RejectFilter{Reasons: o.Reasons}).check()
	case Objects:
		if !o.Select.isZero() {
			return problem.New(problem.Invalid, "The load isn't valid: only a replay or a backfill has a selection.").
				WithHint("Set kind to replay or backfill.").
				WithFindings(problem.Finding{Path: "select", Message: "needs the kind replay or backfill"})
		}
		return nil
	default:
		return problem.New(problem.Invalid, "The load isn't valid: unknown kind %q.", o.Kind).
			WithHint("Use load, replay, backfill or rejected.").
			WithFindings(problem.Finding{Path: "kind", Message: "must be load, replay, backfill or rejected"})
	}
}

// name sets the source and the dataset of an order that names a feed, or a load to
// replay.
func (o *Order) name(ctx context.Context, store Store, workspace string) error {
	if o.Kind == Rejected {
		if err := o.nameByRejected(ctx, store, workspace); err != nil {
			return err
		}
	}
	if err := o.nameByLoad(ctx, store, workspace); err != nil {
		return err
	}
	if o.Feed == "" {
		return nil
	}
	if o.Source != "" || o.Dataset != "" {
		return problem.New(problem.Invalid, "The load isn't valid: it has both a feed and a source or dataset.").
			WithHint("Use either the feed, or the source and the dataset.").
			WithFindings(problem.Finding{Path: "feed", Message: "excludes source and dataset"})
	}
	found, err := store.Feed(ctx, workspace, o.Feed)
	o.Source, o.Dataset = found.SourceID, found.Dataset
	return err
}

// nameByLoad sets the feed of an order for the objects of a load.
func (o *Order) nameByLoad(ctx context.Context, store Store, workspace string) error {
	if o.Select.Load == "" {
		return nil
	}
	of, err := store.Load(ctx, workspace, o.Select.Load)
	if err != nil {
		return err
	}
	if of.FeedID == "" || o.Feed != "" && o.Feed != of.FeedID {
		return problem.New(problem.Invalid, "The load %s can't be replayed: it belongs to no feed or to another one.",
			of.ID).WithFindings(problem.Finding{Path: "select.load", Message: "belongs to no feed or to another one"})
	}
	if o.Source == "" && o.Dataset == "" {
		o.Feed = of.FeedID
	}
	return nil
}

// Prepare returns a load of a source by its ID, for a caller that queues it in
// its own transaction. order.Source isn't used.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, workspace, sourceID string, order Order) (
	Load, error,
) {
	if err := s.check(ctx, actor, access.LoadCreate, workspace, ""); err != nil {
		return Load{}, err
	}
	return s.draw(ctx, actor, workspace, sourceID, &order)
}

// draw returns a valid load. It fails if the workspace's queue is full, unless an
// equal load waits in it or a schedule starts it: fire times aren't lost, and a feed
// has only one such load in the queue.
func (s *Service) draw(ctx context.Context, actor access.Actor, workspace, sourceID string, order *Order) (
	Load, error,
) {
	if fault := dataset.NameFault(order.Dataset); fault != "" {
		return Load{}, problem.New(problem.Invalid, "The load isn't valid: dataset %s.", fault).
			WithFindings(problem.Finding{Path: "dataset", Message: fault})
	}
	now := s.config.Now()
	fresh := feed.New(workspace, sourceID, order.Dataset, actor.ID, now)
	if given := order.settings(fresh.Settings); given.Check("load") != nil {
		return Load{}, given.Check("load")
	}
	full := false
	if actor.Kind != access.System || actor.ID != access.Scheduler {
		var err error
		if full, err = s.full(ctx, workspace); err != nil {
			return Load{}, err
		}
	}
	of, err := s.feed(ctx, order, fresh, full)
	if err != nil {
		return Load{}, err
	}
	if order.Kind == Replay {
		if err := checkDelete(ctx, s.config.Checker, actor, &of); err != nil {
			return Load{}, err
		}
	}
	settings := order.settings(of.Settings)
	made := Load{
		ID: id.New("load", now), Kind: cmp.Or(order.Kind, Objects), Select: order.Select, Of: order.Of,
		Reasons: order.Reasons, Workspace: workspace, FeedID: of.ID, SourceID: sourceID, Dataset: order.Dataset,
		Duplicates: settings.Duplicates, MaxRejected: settings.MaxRejected,
		MaxRejectedPercent: settings.MaxRejectedPercent,
		DryRun:             order.DryRun, By: actor.ID, State: Queued, CreatedAt: now,
	}
	if !full {
		return made, nil
	}
	if waits, err := s.config.Store.EqualWaits(ctx, &made); err != nil || waits {
		return made, err
	}
	return Load{}, queueFull(s.config.Limits.Queued)
}

// full reports whether the workspace's queue is full. Loads that are started at the
// same moment can exceed the limit by a few.
func (s *Service) full(ctx context.Context, workspace string) (bool, error) {
	queued, err := s.config.Store.CountQueued(ctx, workspace, s.config.Limits.Queued)
	return queued >= s.config.Limits.Queued, err
}

// settings returns the settings of a feed, overridden by those of the order.
func (o *Order) settings(of feed.Settings) feed.Settings {
	of.Apply(&feed.Change{MaxRejected: o.MaxRejected, MaxRejectedPercent: o.MaxRejectedPercent})
	of.Duplicates = cmp.Or(o.Duplicates, of.Duplicates)
	return of
}

// feed returns the feed of an order, and creates it when there is none. A dry run
// creates nothing, and neither does an order that is refused because the queue is full.
func (s *Service) feed(ctx context.Context, order *Order, fresh feed.Feed, full bool) (feed.Feed, error) {
	if !order.DryRun && !full {
		return s.config.Store.EnsureFeed(ctx, fresh)
	}
	found, err := s.config.Store.FeedOfPair(ctx, fresh.Workspace, fresh.SourceID, fresh.Dataset)
	if problem.Is(err, problem.NotFound) {
		fresh.ID = ""
		return fresh, nil
	}
	return found, err
}

// Get returns one load.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, loadID string) (Load, error) {
	if err := s.check(ctx, actor, access.LoadRead, workspace, loadID); err != nil {
		return Load{}, err
	}
	return s.config.Store.Load(ctx, workspace, loadID)
}

// The intervals at which a watched load is read: every second at first, later
// less often, because long loads are watched for long.
const (
	watchEvery     = time.Second
	watchLater     = 5 * time.Second
	watchLaterFrom = 30 * time.Second
)

// Watch calls see with the current load, and again every few seconds until the
// load or ctx ends. An error of see ends Watch, which returns it. Access is
// checked and recorded once.
func (s *Service) Watch(ctx context.Context, actor access.Actor, workspace, loadID string, see func(Load) error) error {
	if err := s.check(ctx, actor, access.LoadRead, workspace, loadID); err != nil {
		return err
	}
	for waited := time.Duration(0); ; {
		found, err := s.config.Store.Load(ctx, workspace, loadID)
		if err != nil {
			return err
		}
		if err := see(found); err != nil || found.State.Ended() {
			return err
		}
		pause := watchEvery
		if waited > watchLaterFrom {
			pause = watchLater
		}
		waited += pause
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// List returns a page of a workspace's loads, newest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string,
	request paging.Request,
) (paging.List[Load], error) {
	return s.Find(ctx, actor, workspace, Filter{}, request)
}

// Cancel cancels a load and discards its rows: a worker that runs it stops
// within two seconds and can't commit. Cancelling a load again has no effect.
// If the load succeeded or failed before, the error is a problem with code
// conflict.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, workspace, loadID string) (Load, error) {
	if err := s.check(ctx, actor, access.LoadCancel, workspace, loadID); err != nil {
		return Load{}, err
	}
	now := s.config.Now()
	cancelled, err := s.config.Store.CancelLoad(ctx, workspace, loadID, now)
	if err == nil && cancelled.State == Cancelled && cancelled.EndedAt.Equal(now.Truncate(time.Microsecond)) {
		s.config.Observer.LoadEnded(string(Cancelled), cancelled.Trigger(), cancelled.Progress, 0,
			now.Sub(cancelled.CreatedAt))
	}
	return cancelled, err
}

// Nudge wakes a worker to check the queue.
func (s *Service) Nudge() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, loadID string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "load", ID: loadID})
}
