package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
)

const runColumns = "schedule, fire_at, state, load, reason, at"

// FireSchedule records runs, starts their loads, and moves the schedule on.
func (s *Store) FireSchedule(ctx context.Context, fired schedule.Firing) (recorded []schedule.Run, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		recorded = nil // of an earlier attempt
		result, err := tx.ExecContext(ctx, `UPDATE schedule SET next_at = $4
			WHERE id = $1 AND version = $2 AND next_at = $3`,
			fired.Schedule.ID, fired.Schedule.Version, micros(fired.Schedule.NextAt), micros(fired.Next))
		if err != nil {
			return explain(err, "schedule %s", fired.Schedule.ID)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err // someone changed it, or another node was first
		}
		recorded, err = fire(ctx, tx, &fired)
		return err
	})
	return recorded, err
}

// fire records the runs of a firing.
func fire(ctx context.Context, tx *sql.Tx, fired *schedule.Firing) ([]schedule.Run, error) {
	recorded := append([]schedule.Run{}, fired.Missed...)
	for i, run := range fired.Runs {
		if run.State == schedule.Started {
			if err := overlap(ctx, tx, &fired.Schedule, &run, &fired.Loads[i]); err != nil {
				return nil, err
			}
		}
		if run.State == schedule.Started {
			run.LoadID = fired.Loads[i].ID
			if err := insertLoad(ctx, tx, &fired.Loads[i]); err != nil {
				return nil, err
			}
		}
		recorded = append(recorded, run)
	}
	for i := range recorded {
		if err := insertRun(ctx, tx, &recorded[i]); err != nil {
			return nil, err
		}
	}
	for _, e := range notification.OfRuns(&fired.Schedule, recorded) {
		if err := announce(ctx, tx, &e); err != nil {
			return nil, err
		}
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM schedule_run WHERE schedule = $1 AND fire_at < $2", fired.Schedule.ID,
		micros(fired.Now.Add(-schedule.KeepRuns)))
	return recorded, explain(err, "runs of schedule %s", fired.Schedule.ID)
}

// overlap changes a run to skipped when a load of the same source into the same dataset
// hasn't ended, or to merged when an equal one waits.
func overlap(ctx context.Context, tx *sql.Tx, of *schedule.Schedule, run *schedule.Run, made *load.Load) error {
	if of.Overlap != schedule.Skip {
		equal, found, err := equalLoad(ctx, tx, made, true)
		if found {
			run.State, run.LoadID = schedule.Merged, equal.ID
		}
		return err
	}
	var id string
	err := tx.QueryRowContext(ctx, `SELECT id FROM load WHERE workspace = $1 AND source = $2
		AND lower(dataset) = lower($3) AND ended_at = 0 AND dry_run = 0 ORDER BY id DESC LIMIT 1`,
		of.Workspace, of.SourceID, of.Dataset).Scan(&id)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return explain(err, "loads of source %s", of.SourceID)
	}
	run.State, run.Reason = schedule.Skipped, fmt.Sprintf("The load %s hasn't ended.", id)
	return nil
}

// InsertScheduleRun records a manual run and queues its load. It returns the
// load, or the equal one that the run joins.
func (s *Store) InsertScheduleRun(ctx context.Context, run schedule.Run, started load.Load) (
	queued load.Load, err error,
) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		if queued, err = queueLoad(ctx, tx, &started); err != nil {
			return err
		}
		joined := run
		joined.LoadID = queued.ID
		return insertRun(ctx, tx, &joined)
	})
	return queued, err
}

func insertRun(ctx context.Context, tx *sql.Tx, run *schedule.Run) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO schedule_run ("+runColumns+
		") VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
		run.ScheduleID, micros(run.FireAt), string(run.State), run.LoadID, run.Reason, micros(run.At))
	return explain(err, "run of schedule %s", run.ScheduleID)
}

// ScheduleRuns returns a page of a schedule's runs, newest first.
func (s *Store) ScheduleRuns(ctx context.Context, scheduleID string, request paging.Request) (
	paging.List[schedule.Run], error,
) {
	after, limit, err := request.Start("run")
	if err != nil {
		return paging.List[schedule.Run]{}, err
	}
	before := int64(math.MaxInt64)
	if after != "" {
		if before, err = strconv.ParseInt(after, 10, 64); err != nil {
			return paging.List[schedule.Run]{}, fmt.Errorf("reading a cursor of runs: %w", err)
		}
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+runColumns+
		" FROM schedule_run WHERE schedule = $1 AND fire_at < $2 ORDER BY fire_at DESC LIMIT $3",
		scheduleID, before, limit+1)
	found, err := collect(rows, err, scanRun)
	return paging.Cut("run", found, limit, func(run schedule.Run) string {
		return strconv.FormatInt(micros(run.FireAt), 10)
	}), explain(err, "runs of schedule %s", scheduleID)
}

// LastRuns returns the newest run of each schedule of a workspace that has one,
// from one ID to another.
func (s *Store) LastRuns(ctx context.Context, workspace, firstID, lastID string) (map[string]schedule.Run, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT r.schedule, r.fire_at, r.state, r.load, r.reason, r.at
		FROM schedule s JOIN schedule_run r ON r.schedule = s.id
			AND r.fire_at = (SELECT max(fire_at) FROM schedule_run WHERE schedule = s.id)
		WHERE s.workspace = $1 AND s.id >= $2 AND s.id <= $3`, workspace, firstID, lastID)
	runs, err := collect(rows, err, scanRun)
	found := make(map[string]schedule.Run, len(runs))
	for _, run := range runs {
		found[run.ScheduleID] = run
	}
	return found, explain(err, "runs of schedules")
}

func scanRun(row scanner) (schedule.Run, error) {
	var run schedule.Run
	var fired, at int64
	err := row.Scan(&run.ScheduleID, &fired, &run.State, &run.LoadID, &run.Reason, &at)
	run.FireAt, run.At = moment(fired), moment(at)
	return run, err
}
