// Package timer makes backups at the fire times of a cron expression: one for each,
// on whichever node is first.
package timer

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/windlass-io/windlass/internal/cron"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

const (
	interval    = 20 * time.Second // between checks for due backups
	leaseFor    = 10 * time.Minute // of a node that makes a backup
	renewEvery  = time.Minute
	maxAttempts = 5 // at one run
	retryAfter  = 10 * time.Minute

	// KeepFor is how long runs are kept.
	KeepFor = 400 * 24 * time.Hour
)

// Run is the result of a fire time.
type Run struct {
	FireAt    time.Time
	Node      string
	Attempts  int
	StartedAt time.Time // of the last attempt
	Until     time.Time // afterwards another node may try, unless the run has ended
	EndedAt   time.Time // zero: it hasn't ended
}

// Store stores the runs.
type Store interface {
	LastBackup(ctx context.Context) (time.Time, error)
	// LastBackupRun returns the run of the newest fire time before a time; or nil
	// if there is none. Later runs come from a clock that was ahead.
	LastBackupRun(ctx context.Context, before time.Time) (*Run, error)
	ClaimBackup(ctx context.Context, fire time.Time, node string, now, until time.Time) (bool, error)
	KeepBackup(ctx context.Context, fire time.Time, node string, until time.Time) (bool, error)
	EndBackup(ctx context.Context, run *Run) error
}

// Config configures a Timer.
type Config struct {
	Times   *cron.Expression
	Store   Store
	Node    string
	Make    func(ctx context.Context) error // makes a backup and removes old ones
	Now     func() time.Time
	Logger  *slog.Logger
	Observe func(outcome string) // ok or failed
}

// Timer makes backups on a schedule.
type Timer struct{ config Config }

// New returns a Timer.
func New(config Config) *Timer { return &Timer{config} }

// Keep makes backups until ctx ends.
func (t *Timer) Keep(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := t.Tick(ctx); err != nil && ctx.Err() == nil {
			t.fail(ctx, err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Tick makes a backup if one is due. Several nodes may call it concurrently. It
// returns the error of the state, not that of the backup.
func (t *Timer) Tick(ctx context.Context) error {
	now := t.config.Now()
	run, err := t.due(ctx, now)
	if err != nil || run == nil {
		return err
	}
	run.Until = now.Add(leaseFor)
	ours, err := t.config.Store.ClaimBackup(ctx, run.FireAt, run.Node, now, run.Until)
	if err != nil || !ours {
		return err
	}
	cause := t.make(ctx, run)
	if ctx.Err() != nil { // the service stops; another node continues, or this one later
		cause = ctx.Err()
		run.Attempts--
	}
	return t.end(context.WithoutCancel(ctx), run, cause)
}

// due returns the run that this node may try now, or nil if there is none. If there
// is no backup yet, one is due immediately. Several missed fire times are one run.
func (t *Timer) due(ctx context.Context, now time.Time) (*Run, error) {
	last, err := t.config.Store.LastBackupRun(ctx, now.Add(leaseFor))
	if err != nil {
		return nil, err
	}
	if last != nil && last.EndedAt.IsZero() {
		if last.Until.After(now) && last.Until.Before(now.Add(2*leaseFor)) {
			return nil, nil //nolint:nilnil // a node is at it, or waits before the next attempt
		}
		return &Run{FireAt: last.FireAt, Node: t.config.Node, Attempts: last.Attempts + 1}, nil
	}
	after, err := t.config.Store.LastBackup(ctx)
	if err != nil {
		return nil, err
	}
	if last != nil {
		after = last.StartedAt
	}
	if after.After(now.Add(leaseFor)) { // the clock was ahead
		after = time.Time{}
	}
	fire := now.Truncate(time.Minute)
	if !after.IsZero() {
		fire = t.config.Times.Next(after)
	}
	if fire.IsZero() || fire.After(now) {
		return nil, nil //nolint:nilnil // nothing is due
	}
	return &Run{FireAt: fire, Node: t.config.Node, Attempts: 1}, nil
}

// make makes a backup, and renews the claim of the run meanwhile.
func (t *Timer) make(ctx context.Context, run *Run) error {
	ctx, cancel := context.WithCancelCause(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		t.keepClaim(ctx, run, cancel)
	}()
	err := t.config.Make(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	cancel(nil)
	<-kept
	return err
}

// errLost ends a backup whose run another node has taken over.
var errLost = errors.New("another node took the backup over")

func (t *Timer) keepClaim(ctx context.Context, run *Run, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		ours, err := t.config.Store.KeepBackup(ctx, run.FireAt, run.Node, t.config.Now().Add(leaseFor))
		if err == nil && !ours {
			cancel(errLost)
			return
		}
	}
}

// end records how an attempt ended.
func (t *Timer) end(ctx context.Context, run *Run, cause error) error {
	now := t.config.Now()
	switch {
	case cause == nil:
		t.config.Observe("ok")
		run.EndedAt = now
	case errors.Is(cause, errLost):
		return nil
	case errors.Is(cause, context.Canceled):
		run.Until = now
	default:
		t.fail(ctx, cause)
		if run.Until = now.Add(retryAfter); run.Attempts >= maxAttempts {
			run.EndedAt = now
		}
	}
	return t.config.Store.EndBackup(ctx, run)
}

func (t *Timer) fail(ctx context.Context, cause error) {
	t.config.Observe("failed")
	t.config.Logger.ErrorContext(ctx, telemetry.BackupFailed, "cause", cause, "hint", problem.From(cause).Hint)
}
