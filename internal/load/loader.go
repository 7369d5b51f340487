package load

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/shape"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// MaxObjects limits how many objects one load reads. Remaining objects wait for the
// next load, and a note says so.
const MaxObjects = 100_000

// maxRestarts limits how often a load starts over after an object changes or
// breaks off while its rows are being staged, or after another load of the
// source commits first.
const maxRestarts = 20

// LoaderConfig configures a [Loader]. Every field without "optional" is
// required.
type LoaderConfig struct {
	Checker  access.Checker
	Sources  Buckets
	Datasets Datasets
	Schemas  Schemas
	Rows     Rows
	Feeds    Feeds
	Now      func() time.Time
	Waiting  Waiting // optional: the objects for loads of kind Events
	// Changed is called after a load changed the schema of a dataset of a workspace;
	// optional.
	Changed func(workspace string)
	Workers int                 // optional: goroutines that parse one object; default 2
	Fetch   fetch.Config        // optional
	Rejects engine.RejectBudget // optional: of each load
	// UnpackedBytes limits the decompressed size of an object in bytes; optional.
	UnpackedBytes int64
	// DocumentBytes limits the size of a JSON document that a path needs in memory;
	// optional.
	DocumentBytes int64
}

// Buckets finds sources and opens their buckets; *source.Service implements it.
type Buckets interface {
	Sources
	// Bucket opens the source's bucket, limited to the declared locations.
	Bucket(ctx context.Context, actor access.Actor, src source.Source) (object.Bucket, error)
}

// Datasets finds and creates datasets; *dataset.Service implements it.
type Datasets interface {
	Get(ctx context.Context, actor access.Actor, workspace, nameOrID string) (dataset.Dataset, error)
	Ensure(ctx context.Context, actor access.Actor, workspace string,
		draft dataset.Draft) (found dataset.Dataset, created bool, err error)
}

// Schemas stores what loads learn about a dataset; *store.Store implements it.
type Schemas interface {
	// Evidence returns the evidence from a dataset's values, or nil if there is
	// none.
	Evidence(ctx context.Context, datasetID string) ([]byte, error)
	// SaveSchema changes the schema and the evidence in tx. If someone changed
	// the schema since, the error is a problem with code conflict.
	SaveSchema(ctx context.Context, tx engine.Tx, change *dataset.SchemaChange) error
	// SaveDrift stores the drift that made a load fail. It may be called
	// again with the same drift.
	SaveDrift(ctx context.Context, found []dataset.Drift) error
}

// Feeds finds feeds; *store.Store implements it.
type Feeds interface {
	Feed(ctx context.Context, workspace, id string) (feed.Feed, error)
	// KeepPartitioned keeps in tx which partitions of keys become columns.
	KeepPartitioned(ctx context.Context, tx engine.Tx, feedID string, decided *shape.Decision) error
}

// Waiting returns the objects that arrived; *store.Store implements it.
type Waiting interface {
	// WaitingObjects returns the objects that a load of kind [Events] handles, at most
	// limit of them.
	WaitingObjects(ctx context.Context, sourceID string, limit int) (Arrived, error)
}

// Arrived are the objects that a load of kind [Events] handles.
type Arrived struct {
	There    []object.Info     // that the bucket had
	Gone     []string          // keys that the bucket didn't have
	Approved map[string]string // by key: who approved removing its rows, however many are deleted
	Deleted  []string          // keys of other objects that are said to be deleted
}

// Rows stores rows and the ledger; engine.Engine implements it.
type Rows interface {
	Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error)
	Stats(ctx context.Context, datasetID string) (engine.Stats, error)
	Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) ([]engine.LedgerEntry, error)
	History(ctx context.Context, sourceID, datasetID string, keys []string) ([]engine.LedgerEntry, error)
	Rejects
}

// Loader runs loads. It can run several concurrently.
type Loader struct{ config LoaderConfig }

// NewLoader creates a loader.
func NewLoader(config LoaderConfig) *Loader {
	if config.Workers == 0 {
		config.Workers = 2
	}
	if config.Changed == nil {
		config.Changed = func(string) {}
	}
	return &Loader{config: config}
}

// errRestart makes the load start over.
var errRestart = errors.New("start over")

// Run plans, stages and commits a load. It commits the whole load or nothing.
// If an object can't be read, Run skips all of its rows and names it in the
// load's problems.
func (r *Loader) Run(ctx context.Context, task Task) (Load, error) {
	ctx, span := traces.Begin(ctx, "load", traces.ID("load", task.Load.ID))
	s := newStatus(task, r.config.Now)
	err := r.run(ctx, task, s)
	span.End(err)
	s.publish()
	return s.load, err
}

func (r *Loader) run(ctx context.Context, task Task, s *status) error {
	t, err := r.open(ctx, task.Load)
	if err != nil {
		return err
	}
	learned := newLessons(&pace{now: r.config.Now, usual: t.feed.ObjectsAtOnce, atOnce: t.feed.ObjectsAtOnce})
	ctx = object.OnThrottle(ctx, learned.pace.slow)
	for i := range maxRestarts + 1 {
		s.restart()
		p := &pass{
			again: i > 0, target: t, status: s, lessons: learned, rejects: r.config.Rejects.Rejects(),
			end: task.End, drift: drift{},
		}
		err := p.run(ctx)
		if errors.Is(err, errDrift) {
			err = errors.Join(err, p.saveDrift(ctx))
		}
		if !errors.Is(err, errRestart) {
			return err
		}
	}
	return problem.New(problem.Unavailable,
		"After %d restarts, an object still changed or broke off while it was being read.", maxRestarts).
		WithHint("Load again when nothing is being written to the bucket.")
}

// pass is one pass over the objects: plan, stage, commit.
type pass struct {
	*target
	again bool // this isn't the load's first pass
	*lessons
	status  *status
	schema  workingSchema
	rejects *engine.KeptRejects
	sampled sampledObjects
	drift   drift
	failing error // because of drift
	// isWidened marks a pass that reads with a wider schema than the dataset has.
	isWidened  bool
	keys       []string        // of the plan's objects
	partitions []string        // in their keys; each becomes a column
	finder     *shape.Finder   // of the partitions of all keys, unless it was decided before
	decided    *shape.Decision // by this pass
	loadTime   time.Time
	approved   map[string]string // by key: who approved removing its rows
	end        func(ctx context.Context, tx engine.Tx, ended Load, outcome error) error
}

func (p *pass) run(ctx context.Context) error {
	defer p.sampled.close()
	p.status.enter(Planning)
	plan, err := traced(ctx, "load.plan", p.plan)
	if err != nil {
		return err
	}
	p.status.planned(&plan)
	if p.order.DryRun {
		p.status.load.Progress.RowsRemoved = plan.removedRows()
		p.status.load.Progress.ObjectsRemoved = int64(len(plan.Deleted))
		return nil
	}
	staged, err := traced(ctx, "load.stage", func(ctx context.Context) (Staged, error) { return p.stage(ctx, plan) })
	if err != nil {
		return err
	}
	defer staged.rollback()
	_, err = traced(ctx, "load.commit", func(ctx context.Context) (struct{}, error) {
		return struct{}{}, p.commit(ctx, staged)
	})
	return err
}

// traced runs a step of a load in a span.
func traced[T any](ctx context.Context, name string, step func(context.Context) (T, error)) (T, error) {
	ctx, span := traces.Begin(ctx, name)
	result, err := step(ctx)
	span.End(err)
	return result, err
}
