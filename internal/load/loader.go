package load

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/object/fetch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// MaxObjects is how many objects one load brings. What is over is left for the
// next load, and said.
const MaxObjects = 100_000

// restarts is how often a load is begun anew because an object, of which rows
// were staged already, could not be read to its end, or was loaded by another
// load meanwhile.
const restarts = 20

// LoaderConfig is what a [Loader] needs. Every field without "optional" is
// required.
type LoaderConfig struct {
	Checker  access.Checker
	Sources  Buckets
	Datasets Datasets
	Rows     Rows
	Now      func() time.Time
	Workers  int                 // optional: that parse one object at once; default 2
	Fetch    fetch.Config        // optional
	Rejects  engine.RejectBudget // optional: of each load
	// UnpackedBytes is how many an object may have; optional.
	UnpackedBytes int64
}

// Buckets are sources and the buckets they name; *source.Service fulfils it.
type Buckets interface {
	Sources
	// Bucket opens the source's bucket, of which only the declared locations
	// can be reached.
	Bucket(ctx context.Context, actor access.Actor, src source.Source) (object.Bucket, error)
}

// Datasets makes and finds datasets; *dataset.Service fulfils it.
type Datasets interface {
	Get(ctx context.Context, actor access.Actor, workspace, nameOrID string) (dataset.Dataset, error)
	Ensure(ctx context.Context, actor access.Actor, workspace string,
		draft dataset.Draft) (found dataset.Dataset, created bool, err error)
	SettleIndex(ctx context.Context, actor access.Actor, workspace, datasetID string, unique bool) error
}

// Rows keeps rows and the ledger; engine.Engine fulfils it.
type Rows interface {
	Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error)
	Recorded(ctx context.Context, sourceID string, objects []engine.ObjectVersion) ([]engine.LedgerEntry, error)
}

// Loader does the work of loads. It may run several at once.
type Loader struct{ config LoaderConfig }

// NewLoader makes a loader.
func NewLoader(config LoaderConfig) *Loader {
	if config.Workers == 0 {
		config.Workers = 2
	}
	return &Loader{config: config}
}

// loader is who acts.
func loader(l Load) access.Actor {
	return access.Actor{Kind: access.System, ID: access.Loader, Name: l.ID, Workspace: l.Workspace}
}

// run is one load under way.
type run struct {
	config LoaderConfig
	actor  access.Actor
	task   Task
	load   Load

	source  source.Source
	bucket  object.Bucket
	pattern source.Pattern
	dataset dataset.Dataset
	objects []object.Info                   // to load, the oldest first
	unfit   map[engine.ObjectVersion]string // why an object cannot be read
	counter *counter                        // bytes that came
	rejects *engine.KeptRejects             // of this pass
}

// errAgain asks for the load to begin anew.
var errAgain = errors.New("begin anew")

// Run plans, reads, checks and commits. Either all that the load brings is
// committed, or nothing. An object that cannot be read is left out whole, and
// told in the load's problems.
func (r *Loader) Run(ctx context.Context, task Task) (Load, error) {
	u := &run{
		config: r.config, actor: loader(task.Load), task: task, load: task.Load,
		unfit: map[engine.ObjectVersion]string{}, counter: &counter{},
	}
	err := u.open(ctx)
	for n := 0; err == nil; n++ {
		if err = u.once(ctx); !errors.Is(err, errAgain) {
			break
		}
		if n == restarts {
			err = problem.New(problem.Unavailable,
				"The load was begun %d times, and each time an object changed or broke off.", n).
				WithHint("Load again when nothing is being written to the bucket.")
			break
		}
		err = nil
	}
	u.tell()
	return u.load, err
}

// open finds the source and its bucket.
func (u *run) open(ctx context.Context) (err error) {
	resource := access.Resource{Workspace: u.load.Workspace, Kind: "load", ID: u.load.ID}
	if err := u.config.Checker.Check(ctx, u.actor, access.LoadRun, resource); err != nil {
		return err
	}
	if u.source, err = u.config.Sources.Get(ctx, u.actor, u.load.Workspace, u.load.SourceID); err != nil {
		return err
	}
	if u.pattern, err = source.ParsePattern(u.source.Pattern, u.source.Exclude); err != nil {
		return err
	}
	u.bucket, err = u.config.Sources.Bucket(ctx, u.actor, u.source)
	return object.Refusal(err)
}

// once is one pass.
func (u *run) once(ctx context.Context) error {
	u.load.Progress, u.load.Problems, u.load.Notes = Progress{}, nil, nil
	u.load.Fault, u.load.Hint = "", ""
	u.counter.reset()
	u.rejects = u.config.Rejects.Rejects()
	u.enter(Planning)
	if err := u.plan(ctx); err != nil {
		return err
	}
	u.tell()
	if u.load.DryRun {
		return nil
	}
	if err := u.settleDataset(ctx); err != nil {
		return err
	}
	if len(u.objects) == 0 {
		return u.nothing()
	}
	return u.bring(ctx)
}

// nothing is when there is nothing to load.
func (u *run) nothing() error {
	if u.load.Progress.Known > 0 {
		u.note("Every matching object was loaded before.")
	} else {
		u.note("No object matches %s.", u.address())
	}
	return nil
}

// bring stages what is to be loaded and commits it.
func (u *run) bring(ctx context.Context) error {
	staged, err := u.config.Rows.Begin(ctx, engine.LoadSpec{
		LoadID: u.load.ID, DatasetID: u.dataset.ID, SourceID: u.source.ID, Schema: u.dataset.Schema,
		Duplicates: u.load.Duplicates, Time: u.config.Now(),
	})
	if err != nil {
		return err
	}
	defer staged.Rollback() //nolint:errcheck // after a commit it does nothing, and before one nothing is lost
	if err := u.leaveKnown(ctx); err != nil {
		return err
	}
	if len(u.objects) == 0 {
		return u.nothing()
	}
	u.enter(Reading)
	if err := u.read(ctx, staged); err != nil {
		return err
	}
	u.noteNotKept()
	if err := u.noteUnread(ctx, staged); err != nil {
		return err
	}
	return u.commit(ctx, staged)
}

// commit commits what was staged and ends the load, in one transaction.
func (u *run) commit(ctx context.Context, staged engine.Load) error {
	u.enter(Committing)
	outcome := u.allUnread()
	done, err := staged.Commit(ctx, func(ctx context.Context, tx engine.Tx, done engine.Committed) error {
		if u.task.End == nil {
			return nil
		}
		return u.task.End(ctx, tx, u.load.with(done), outcome)
	})
	switch {
	case err == nil:
		u.load = u.load.with(done)
		u.settleIndex(context.WithoutCancel(ctx), done.Unique)
		return outcome
	case problem.Is(err, problem.Conflict) && !errors.Is(err, ErrOver):
		return errors.Join(errAgain, err) // another load of the source was quicker
	default:
		return err
	}
}

// with returns the load with the counts of its commit.
func (l Load) with(done engine.Committed) Load {
	l.Progress.Rows, l.Progress.Duplicates = done.Rows, done.Duplicates
	return l
}

// settleIndex keeps what a guessed index proved to be. The load has ended by
// then, and an error doesn't undo it: the engine goes by what it found itself,
// and the next load tries again.
func (u *run) settleIndex(ctx context.Context, unique bool) {
	if u.dataset.Schema.Index.Guessed {
		_ = u.config.Datasets.SettleIndex(ctx, u.actor, u.load.Workspace, u.dataset.ID, unique)
	}
}

func (u *run) enter(s State) {
	u.load.State = s
	u.tell()
}

// tell reports where the load stands.
func (u *run) tell() {
	u.load.Progress.BytesRead = u.counter.bytes()
	u.task.Report(u.load.copy())
}

func (u *run) address() string { return "s3://" + u.source.Bucket + "/" + u.source.Pattern }
