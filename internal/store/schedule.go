package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
)

const scheduleColumns = `id, workspace, name, source, dataset, folded, settings, paused, version, next_at, made_by,
	created_at, updated_at`

// scheduleSelect is scheduleColumns, and the feed.
const scheduleSelect = scheduleColumns + `, COALESCE((SELECT f.id FROM feed f WHERE f.workspace = schedule.workspace
	AND f.source = schedule.source AND f.folded = schedule.folded AND f.removed = 0), '')`

// InsertSchedule stores a new schedule.
func (s *Store) InsertSchedule(ctx context.Context, made schedule.Schedule) error {
	return s.update(ctx, func(tx *sql.Tx) error { return insertSchedule(ctx, tx, &made) })
}

func insertSchedule(ctx context.Context, tx *sql.Tx, made *schedule.Schedule) error {
	values, err := scheduleValues(made)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO schedule ("+scheduleColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", values...)
	return explain(err, "schedule %q", made.Name)
}

// CountSchedules counts a workspace's schedules.
func (s *Store) CountSchedules(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM schedule WHERE workspace = $1", workspace).Scan(&n)
	return n, explain(err, "schedules of workspace %s", workspace)
}

// Schedule returns one schedule of a workspace, by its ID or name.
func (s *Store) Schedule(ctx context.Context, workspace, idOrName string) (schedule.Schedule, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+scheduleSelect+
		" FROM schedule WHERE workspace = $1 AND (id = $2 OR name = $2)", workspace, idOrName)
	found, err := scanSchedule(row)
	return found, explain(err, "schedule %q", idOrName)
}

// ListSchedules returns a page of a workspace's schedules, oldest first.
func (s *Store) ListSchedules(ctx context.Context, workspace string, request paging.Request) (
	paging.List[schedule.Schedule], error,
) {
	after, limit, err := request.Start("schedule")
	if err != nil {
		return paging.List[schedule.Schedule]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+scheduleSelect+
		" FROM schedule WHERE workspace = $1 AND id > $2 ORDER BY id LIMIT $3", workspace, after, limit+1)
	found, err := collect(rows, err, scanSchedule)
	return paging.Cut("schedule", found, limit, func(one schedule.Schedule) string { return one.ID }),
		explain(err, "schedules")
}

// SaveSchedule replaces the schedule whose version is one less.
func (s *Store) SaveSchedule(ctx context.Context, changed schedule.Schedule) error {
	values, err := scheduleValues(&changed)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE schedule SET name = $3, source = $4, dataset = $5, folded = $6,
			settings = $7, paused = $8, version = $9, next_at = $10, made_by = $11, created_at = $12, updated_at = $13
			WHERE id = $1 AND workspace = $2 AND version = $9 - 1`, values...)
		if err != nil {
			return explain(err, "schedule %q", changed.Name)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(problem.New(problem.Conflict, "The schedule %q was changed by somebody else.",
				changed.Name).WithHint("Read it again, then repeat the change."), err)
		}
		return nil
	})
}

// DeleteSchedule removes a schedule and its runs.
func (s *Store) DeleteSchedule(ctx context.Context, workspace, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := forgetRuns(ctx, tx, "id = $2 AND workspace = $1", workspace, id); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, "DELETE FROM schedule WHERE workspace = $1 AND id = $2", workspace, id)
		return changed(result, err, "schedule %q", id)
	})
}

// deleteSchedulesOf removes the schedules of a source and their runs.
func deleteSchedulesOf(ctx context.Context, tx *sql.Tx, workspace, sourceID string) error {
	const of = "workspace = $1 AND source = $2"
	if err := forgetRuns(ctx, tx, of, workspace, sourceID); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM schedule WHERE "+of, workspace, sourceID)
	return explain(err, "schedules of source %s", sourceID)
}

// forgetRuns removes the runs of the schedules that where selects.
func forgetRuns(ctx context.Context, tx *sql.Tx, where, workspace, id string) error {
	const runs = "DELETE FROM schedule_run WHERE schedule IN (SELECT id FROM schedule WHERE "
	_, err := tx.ExecContext(ctx, runs+where+")", workspace, id)
	return explain(err, "runs of schedules")
}

// pauseSchedulesOf pauses the schedules that load into a dataset.
func pauseSchedulesOf(ctx context.Context, tx *sql.Tx, workspace, datasetID string) error {
	_, err := tx.ExecContext(ctx, `UPDATE schedule SET paused = 1, next_at = 0, version = version + 1
		WHERE workspace = $1 AND folded = (SELECT folded FROM dataset WHERE id = $2)`, workspace, datasetID)
	return explain(err, "schedules of dataset %s", datasetID)
}

// renameDatasetOfSchedules updates the schedules of a dataset with its new
// name. The dataset still has the old one.
func renameDatasetOfSchedules(ctx context.Context, tx *sql.Tx, workspace, datasetID, name string) error {
	_, err := tx.ExecContext(ctx, `UPDATE schedule SET dataset = $3, folded = $4, version = version + 1
		WHERE workspace = $1 AND dataset <> $3 AND folded = (SELECT folded FROM dataset WHERE id = $2)`,
		workspace, datasetID, name, strings.ToLower(name))
	return explain(err, "schedules of dataset %s", datasetID)
}

// DueSchedules returns the schedules that are due, the longest due first.
func (s *Store) DueSchedules(ctx context.Context, now time.Time, limit int) ([]schedule.Schedule, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+scheduleSelect+
		" FROM schedule WHERE next_at <> 0 AND next_at <= $1 ORDER BY next_at, id LIMIT $2", micros(now), limit)
	found, err := collect(rows, err, scanSchedule)
	return found, explain(err, "due schedules")
}

// scheduleValues returns the values of scheduleColumns.
func scheduleValues(made *schedule.Schedule) ([]any, error) {
	settings, err := text(made.Settings)
	return []any{
		made.ID, made.Workspace, made.Name, made.SourceID, made.Dataset, strings.ToLower(made.Dataset), settings,
		flag(made.Paused), made.Version, micros(made.NextAt), made.MadeBy, micros(made.CreatedAt),
		micros(made.UpdatedAt),
	}, err
}

func scanSchedule(row scanner) (schedule.Schedule, error) {
	var found schedule.Schedule
	var folded, settings string
	var next, created, updated int64
	err := row.Scan(&found.ID, &found.Workspace, &found.Name, &found.SourceID, &found.Dataset, &folded, &settings,
		&found.Paused, &found.Version, &next, &found.MadeBy, &created, &updated, &found.FeedID)
	if err != nil {
		return schedule.Schedule{}, err
	}
	found.NextAt, found.CreatedAt, found.UpdatedAt = moment(next), moment(created), moment(updated)
	return found, parse(settings, &found.Settings)
}
