package load

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

const (
	lease     = 30 * time.Second // if a claim isn't renewed for this long, others may take it
	heartbeat = time.Second      // how often a running load is saved, its claim renewed and its cancellation noticed
	parting   = 5 * time.Second  // time limit for saving a load when the service stops
	poll      = 2 * time.Second  // how often the queue is checked without a nudge
	maxWaits  = 8                // limits how often in a row a load waits for AWS
)

// Queue has the store's methods for workers.
type Queue interface {
	// ClaimLoad claims a queued load for a node and counts the attempt. If
	// there is none, the error is a problem with code not_found. Workspaces
	// take turns: first the one with the fewest running loads, then the one
	// that waited longest for its turn, then the oldest load. It passes over a
	// load whose dataset has a running load, unless one of them is a dry run or
	// the running one is an upload. If a load's claim
	// ended while it ran, its worker crashed: ClaimLoad queues the load again,
	// or parks it after claim.Crashes crashes in a row.
	ClaimLoad(ctx context.Context, claim Claim) (Load, error)
	// SaveLoad stores a running load's state and progress and renews its claim
	// until the given time, in tx or, if tx is nil, in its own transaction. It
	// returns [ErrOver] if the load has ended or another worker claimed it.
	SaveLoad(ctx context.Context, tx engine.Tx, running Load, worker string, until time.Time) error
	// ReleaseLoads ends the claims of all workers and counts them as crashed.
	// Call it at the start of the only process that uses the store.
	ReleaseLoads(ctx context.Context, now time.Time, crashes int) error
}

// ErrOver reports that a load has ended or was cancelled, or that another
// worker has its claim. The runner must stop and discard its work.
var ErrOver = errors.New("the load has ended, or another worker has it")

// Task is a claimed load that a worker passes to its runner.
type Task struct {
	Load Load
	// Report is called whenever the load changes. The last call before the
	// runner returns has the final counts.
	Report func(Load)
	// End ends the load in the transaction that commits its rows. outcome is
	// the error that the runner will return. [ErrOver] stops the commit.
	// Optional.
	End func(ctx context.Context, tx engine.Tx, ended Load, outcome error) error
}

// Runner does the work of a load.
type Runner interface {
	Run(ctx context.Context, task Task) (Load, error)
}

// Workers run loads.
type Workers struct {
	service *Service
	runner  Runner
	name    string // of this process
	count   int
	logger  *slog.Logger
	done    sync.WaitGroup
	cancel  context.CancelFunc

	claiming sync.Mutex // one claim of a node at a time: each counts what the node runs
}

// NewWorkers returns count workers for the process with this name.
func NewWorkers(service *Service, runner Runner, name string, count int, logger *slog.Logger) *Workers {
	return &Workers{service: service, runner: runner, name: name, count: count, logger: logger}
}

// Start starts the workers. If alone is true, no other process uses the
// store, and Start releases the claims of earlier processes.
func (w *Workers) Start(ctx context.Context, alone bool) error {
	if alone {
		config := &w.service.config
		if err := config.Store.ReleaseLoads(ctx, config.Now(), config.Limits.Crashes); err != nil {
			return err
		}
	}
	ctx, w.cancel = context.WithCancel(ctx)
	for range w.count {
		w.done.Go(func() { w.work(ctx) })
	}
	return nil
}

// Stop stops the workers and waits for them. Running loads start again at the
// next start.
func (w *Workers) Stop() {
	if w.cancel != nil {
		w.cancel()
	}
	w.done.Wait()
}

func (w *Workers) work(ctx context.Context) {
	for ctx.Err() == nil {
		if !w.next(ctx) {
			w.wait(ctx)
		}
	}
}

func (w *Workers) wait(ctx context.Context) {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-w.service.wake:
	case <-timer.C:
	}
}

// next runs one load and reports whether there was one.
func (w *Workers) next(ctx context.Context) bool {
	config := &w.service.config
	if config.Draining != nil && config.Draining() {
		return false
	}
	claimed, err := w.claim(ctx)
	switch {
	case problem.Is(err, problem.NotFound):
		config.Observer.LoadClaimed("empty")
		return false
	case err != nil:
		config.Observer.LoadClaimed("conflict")
		if ctx.Err() == nil {
			w.logger.ErrorContext(ctx, telemetry.LoadNotClaimed, "cause", err)
		}
		return false
	}
	config.Observer.LoadClaimed("taken")
	w.service.Nudge() // there may be one more, for another worker
	w.run(ctx, claimed)
	return true
}

func (w *Workers) claim(ctx context.Context) (Load, error) {
	w.claiming.Lock()
	defer w.claiming.Unlock()
	config := &w.service.config
	now := config.Now()
	return config.Store.ClaimLoad(ctx, Claim{
		Worker: w.name, Now: now, Until: now.Add(lease),
		Crashes: config.Limits.Crashes, PerWorkspace: config.Limits.perWorkspace(w.count),
	})
}

// run runs one load and saves its progress.
func (w *Workers) run(ctx context.Context, claimed Load) {
	running, stop := context.WithCancelCause(ctx)
	keeper := &keeper{workers: w, latest: claimed, stop: stop, ended: make(chan struct{})}
	if claimed.StartedAt.IsZero() {
		keeper.latest.StartedAt = w.service.config.Now()
	}
	w.began(ctx, &keeper.latest)
	defer w.service.config.Observer.LoadRuns(-1)
	go keeper.keep(running)
	ended, err := w.runner.Run(running, Task{Load: keeper.latest, Report: keeper.report, End: w.end})
	over := errors.Is(context.Cause(running), ErrOver)
	stop(nil)
	<-keeper.ended
	if over {
		w.service.config.Observer.LoadClaimed("lost")
		w.logger.WarnContext(ctx, telemetry.ClaimLost, "load", claimed.ID)
		return
	}
	saving := ctx
	if ctx.Err() != nil { // the service stops
		var cancel context.CancelFunc
		saving, cancel = context.WithTimeout(context.WithoutCancel(ctx), parting)
		defer cancel()
		if err != nil {
			w.release(saving, ended)
			return
		}
	}
	w.record(saving, ended, err)
}

// release puts a load back into the queue that was interrupted because the
// service stops. That doesn't count as a crash.
func (w *Workers) release(ctx context.Context, interrupted Load) {
	interrupted.State = Queued
	w.logger.InfoContext(ctx, telemetry.LoadReleased, "load", interrupted.ID)
	err := w.service.config.Store.SaveLoad(ctx, nil, interrupted, w.name, w.service.config.Now())
	if err != nil && !errors.Is(err, ErrOver) {
		w.logger.ErrorContext(ctx, telemetry.LoadNotSaved, "load", interrupted.ID, "cause", err)
	}
}

// record saves the load's outcome, unless the commit of its rows already did.
func (w *Workers) record(ctx context.Context, ended Load, outcome error) {
	if err := w.end(ctx, nil, ended, outcome); err != nil && !errors.Is(err, ErrOver) {
		w.logger.ErrorContext(ctx, telemetry.LoadNotSaved, "load", ended.ID, "cause", err)
	}
	result := ended.endedWith(outcome, w.service.config.Now())
	w.service.observe(ctx, w.logger, &result, outcome)
}

// end stores the load's outcome, or that it is tried again.
func (w *Workers) end(ctx context.Context, tx engine.Tx, ended Load, outcome error) error {
	now := w.service.config.Now()
	ended = ended.endedWith(outcome, now)
	until := now
	if ended.State == Queued {
		until = ended.NextAttempt // not claimed before then
	}
	return w.service.config.Store.SaveLoad(ctx, tx, ended, w.name, until)
}

// endedWith returns the load with the state that follows from its outcome:
// loaded, failed, or queued again when a later attempt may succeed.
func (l Load) endedWith(outcome error, now time.Time) Load {
	reason := problem.From(outcome)
	l.Progress.RateBytes, l.Progress.ETASeconds, l.Progress.Current = 0, nil, nil
	switch {
	case outcome == nil:
		l.State, l.EndedAt, l.Outcome = Loaded, now, l.outcomeOf()
	case passing(outcome, reason) && l.Waits < maxWaits:
		l.State, l.EndedAt, l.Crashes, l.Fault, l.Code = Queued, time.Time{}, 0, reason.Message, codeOf(reason)
		l.NextAttempt = now.Add(waitBefore(l.Waits))
		l.Waits++
	default:
		l.State, l.EndedAt, l.Fault, l.Hint, l.Code = Failed, now, reason.Message, reason.Hint, codeOf(reason)
	}
	return l
}

// waitBefore returns how long a load waits that has waited this many times before.
func waitBefore(waits int) time.Duration {
	steps := [...]time.Duration{30 * time.Second, 2 * time.Minute, 8 * time.Minute, 30 * time.Minute, time.Hour}
	return steps[min(waits, len(steps)-1)]
}

// keeper saves a running load, and stops it if it has ended or lost its claim.
type keeper struct {
	workers *Workers
	stop    context.CancelCauseFunc
	ended   chan struct{}

	mu     sync.Mutex
	latest Load
}

func (k *keeper) report(l Load) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.latest = l
}

func (k *keeper) keep(ctx context.Context) {
	defer close(k.ended)
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			k.save(ctx)
		}
	}
}

func (k *keeper) save(ctx context.Context) {
	k.mu.Lock()
	latest := k.latest
	k.mu.Unlock()
	now := k.workers.service.config.Now()
	err := k.workers.service.config.Store.SaveLoad(ctx, nil, latest, k.workers.name, now.Add(lease))
	switch {
	case errors.Is(err, ErrOver):
		k.stop(ErrOver)
	case err != nil && ctx.Err() == nil:
		k.workers.logger.ErrorContext(ctx, telemetry.LoadNotSaved, "load", latest.ID, "cause", err)
	}
}
