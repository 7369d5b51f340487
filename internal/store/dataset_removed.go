package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// RemoveDataset marks a dataset as removed, and pauses the schedules that load
// into it: a load under its name would create a new dataset.
func (s *Store) RemoveDataset(ctx context.Context, workspace, id string, at time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := pauseSchedulesOf(ctx, tx, workspace, id); err != nil {
			return err
		}
		if err := setFeedsAside(ctx, tx, id); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE dataset SET removed_at = $3 WHERE workspace = $1 AND id = $2
			AND removed_at = 0`, workspace, id, micros(at))
		return changed(result, err, "dataset %q", id)
	})
}

// RemovedDataset returns the dataset of a workspace that was removed last under
// an ID or a name, ignoring case, unless that was at a time or before.
func (s *Store) RemovedDataset(ctx context.Context, workspace, nameOrID string,
	after time.Time,
) (dataset.Dataset, error) {
	row := s.reader.QueryRowContext(ctx, "SELECT "+datasetColumns+` FROM dataset
		WHERE workspace = $1 AND (id = $2 OR folded = $3) AND removed_at > $4 ORDER BY removed_at DESC,
			id DESC LIMIT 1`,
		workspace, nameOrID, strings.ToLower(nameOrID), micros(after))
	found, err := scanDataset(row)
	return found, explain(err, "removed dataset %q", nameOrID)
}

// RemovedDatasets returns the datasets of a workspace that were removed after a
// time, the last removed first, at most limit.
func (s *Store) RemovedDatasets(ctx context.Context, workspace string, after time.Time,
	limit int,
) ([]dataset.Dataset, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+datasetColumns+` FROM dataset
		WHERE workspace = $1 AND removed_at > $2 ORDER BY removed_at DESC, id DESC LIMIT $3`, workspace, micros(after),
		limit)
	found, err := collect(rows, err, scanDataset)
	return found, explain(err, "removed datasets")
}

// RestoreDataset undoes the removal of a dataset. If another dataset has the
// name by now, the error is a problem with code conflict.
func (s *Store) RestoreDataset(ctx context.Context, workspace, id string, after time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE dataset SET removed_at = 0 WHERE workspace = $1 AND id = $2
			AND removed_at > $3`, workspace, id, micros(after))
		if err := changed(result, err, "removed dataset %q", id); err != nil {
			return err
		}
		return restoreFeeds(ctx, tx, id)
	})
}

// AllRemovedDatasets returns the removed datasets of all workspaces.
func (s *Store) AllRemovedDatasets(ctx context.Context) ([]dataset.Dataset, error) {
	rows, err := s.reader.QueryContext(ctx, "SELECT "+datasetColumns+" FROM dataset WHERE removed_at > 0 ORDER BY id")
	found, err := collect(rows, err, scanDataset)
	return found, explain(err, "removed datasets")
}

// DeleteDataset deletes a dataset that was removed at a time or before.
func (s *Store) DeleteDataset(ctx context.Context, workspace, id string, removedUntil time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM dataset WHERE workspace = $1 AND id = $2 AND removed_at > 0
			AND removed_at <= $3`,
			workspace, id, micros(removedUntil))
		if err != nil {
			return explain(err, "dataset %q", id)
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM feed WHERE workspace = $1 AND dataset_id = $2
			AND NOT EXISTS (SELECT 1 FROM dataset WHERE id = $2)`, workspace, id)
		return explain(err, "feeds of dataset %q", id)
	})
}
