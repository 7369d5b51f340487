package schedule

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Run starts a load now, even if the schedule is paused. It doesn't change the
// fire times.
func (s *Service) Run(ctx context.Context, actor access.Actor, workspace, idOrName string) (load.Load, error) {
	if err := s.check(ctx, actor, access.ScheduleRun, workspace, idOrName); err != nil {
		return load.Load{}, err
	}
	found, err := s.config.Store.Schedule(ctx, workspace, idOrName)
	if err != nil {
		return load.Load{}, err
	}
	made, err := s.prepare(ctx, &found)
	if err != nil {
		return load.Load{}, err
	}
	made.By = actor.ID
	now := s.config.Now()
	run := Run{ScheduleID: found.ID, FireAt: now, State: Manual, LoadID: made.ID, At: now}
	queued, err := s.config.Store.InsertScheduleRun(ctx, run, made)
	if err != nil {
		return load.Load{}, err
	}
	s.config.Loads.Nudge()
	return queued, nil
}

// prepare returns the load of one run.
func (s *Service) prepare(ctx context.Context, found *Schedule) (load.Load, error) {
	made, err := s.config.Loads.Prepare(ctx, access.Actor{Kind: access.System, ID: access.Scheduler}, found.Workspace,
		found.SourceID, load.Order{Dataset: found.Dataset})
	made.By = found.ID
	return made, err
}

// prepareFire returns the load of a fire time. When objects arrived, it reads only
// these.
func (s *Service) prepareFire(ctx context.Context, found *Schedule) (load.Load, error) {
	made, err := s.prepare(ctx, found)
	if found.On == OnEvents {
		made.Kind = load.Events
	}
	return made, err
}

// batch is the number of due schedules to read at a time.
const batch = 100

// Tick starts the loads of the schedules that are due. Several nodes may call it
// concurrently.
func (s *Service) Tick(ctx context.Context) error {
	for ctx.Err() == nil {
		now := s.config.Now()
		found, err := s.config.Store.DueSchedules(ctx, now, batch)
		if err != nil {
			return err
		}
		var faults []error
		for i := range found {
			faults = append(faults, s.fire(ctx, &found[i], now))
		}
		if err := errors.Join(faults...); err != nil || len(found) < batch {
			return err
		}
	}
	return ctx.Err()
}

// fire starts what is due of one schedule.
func (s *Service) fire(ctx context.Context, found *Schedule, now time.Time) error {
	due := found.dueAt(now)
	firing := Firing{Schedule: *found, Next: due.next, Now: now}
	for _, at := range due.missed {
		firing.Missed = append(firing.Missed, Run{ScheduleID: found.ID, FireAt: at, State: Missed, At: now})
	}
	for _, at := range due.fire {
		run := Run{ScheduleID: found.ID, FireAt: at, State: Started, At: now}
		made, err := s.prepareFire(ctx, found)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			run.State, run.Reason = Failed, problem.From(err).Message
		}
		firing.Runs, firing.Loads = append(firing.Runs, run), append(firing.Loads, made)
	}
	recorded, err := s.config.Store.FireSchedule(ctx, firing)
	if err != nil {
		return err
	}
	s.report(ctx, found, recorded)
	return nil
}

// report logs the results of fire times, and wakes the workers.
func (s *Service) report(ctx context.Context, found *Schedule, recorded []Run) {
	missed := 0
	for _, run := range recorded {
		switch run.State {
		case Missed:
			missed++
			s.count("missed")
		case Started:
			s.count(startedOutcome(&run))
			s.config.Loads.Nudge()
			s.config.Logger.InfoContext(ctx, telemetry.ScheduleFired, "schedule", found.ID, "fire_at", run.FireAt,
				"load", run.LoadID)
		default:
			s.count("skipped")
			s.config.Logger.WarnContext(ctx, telemetry.ScheduleNotFired, "schedule", found.ID, "fire_at", run.FireAt,
				"state", string(run.State), "reason", run.Reason)
		}
	}
	if missed > 0 {
		s.config.Logger.WarnContext(ctx, telemetry.ScheduleMissed, "schedule", found.ID, "count", missed)
	}
}

// startedOutcome returns the outcome of a run that started a load: caught_up if its fire
// time had been missed.
func startedOutcome(run *Run) string {
	if run.At.Sub(run.FireAt) > onTime && !run.FireAt.IsZero() {
		return "caught_up"
	}
	return "started"
}

func (s *Service) count(outcome string) {
	if s.config.Observe != nil {
		s.config.Observe(outcome, 1)
	}
}

// interval is the interval at which a node looks for due schedules.
const interval = time.Second

// Keep calls Tick regularly until ctx ends.
func (s *Service) Keep(ctx context.Context) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			s.config.Logger.ErrorContext(ctx, telemetry.SchedulesNotFound, "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
