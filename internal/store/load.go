package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

const loadColumns = `id, workspace, source, dataset, dataset_id, duplicates, max_rejected, dry_run, made_by, state,
	progress, problems, notes, fault, hint, cancelled, attempt, created_at, started_at, ended_at, crashes`

// InsertLoad puts a new load in the queue.
func (s *Store) InsertLoad(ctx context.Context, made load.Load) error {
	values, err := loadValues(&made)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO load ("+loadColumns+`, worker, claimed_until)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, '', 0)`, values...)
		return explain(err, "load %s", made.ID)
	})
}

// Load gives one load of a workspace.
func (s *Store) Load(ctx context.Context, workspace, id string) (load.Load, error) {
	return loadOf(ctx, s.reader, workspace, id)
}

// ListLoads gives a page of a workspace's loads, newest first.
func (s *Store) ListLoads(ctx context.Context, workspace string, request paging.Request) (paging.List[load.Load], error) {
	after, limit, err := request.Start("load")
	if err != nil {
		return paging.List[load.Load]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+loadColumns+" FROM load WHERE workspace = $1 AND id < $2 ORDER BY id DESC LIMIT $3", workspace, newest(after), limit+1)
	if err != nil {
		return paging.List[load.Load]{}, explain(err, "loads")
	}
	defer rows.Close()
	var found []load.Load
	for rows.Next() {
		l, err := scanLoad(rows)
		if err != nil {
			return paging.List[load.Load]{}, explain(err, "loads")
		}
		found = append(found, l)
	}
	return paging.Cut("load", found, limit, func(l load.Load) string { return l.ID }), explain(rows.Err(), "loads")
}

// CancelLoad asks for a load's end: one that is queued ends at once.
func (s *Store) CancelLoad(ctx context.Context, workspace, id string, now time.Time) (load.Load, error) {
	var cancelled load.Load
	err := s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE load SET cancelled = 1 WHERE workspace = $1 AND id = $2 AND ended_at = 0", workspace, id)
		if err == nil {
			_, err = tx.ExecContext(ctx, `UPDATE load SET state = 'cancelled', ended_at = $3
				WHERE workspace = $1 AND id = $2 AND ended_at = 0 AND state = 'queued'`, workspace, id, micros(now))
		}
		if err != nil {
			return explain(err, "load %s", id)
		}
		cancelled, err = loadOf(ctx, tx, workspace, id)
		return err
	})
	return cancelled, err
}

// SaveLoad keeps a running load, renews its claim, and says whether somebody
// asked for its end.
func (s *Store) SaveLoad(ctx context.Context, running load.Load, worker string, until time.Time) (cancelled bool, err error) {
	progress, err := text(running.Progress)
	if err != nil {
		return false, err
	}
	problems, err := text(running.Problems)
	if err != nil {
		return false, err
	}
	notes, err := text(running.Notes)
	if err != nil {
		return false, err
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE load SET dataset_id = $3, state = $4, progress = $5, problems = $6, notes = $7, fault = $8, hint = $9,
			started_at = $10, ended_at = $11, claimed_until = $12, crashes = $13 WHERE id = $1 AND worker = $2`,
			running.ID, worker, running.DatasetID, string(running.State), progress, problems, notes, running.Fault, running.Hint,
			micros(running.StartedAt), micros(running.EndedAt), micros(until), running.Crashes)
		if err != nil {
			return explain(err, "load %s", running.ID)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(problem.New(problem.Conflict, "The load %s is another worker's.", running.ID), err)
		}
		return explain(tx.QueryRowContext(ctx, "SELECT cancelled FROM load WHERE id = $1", running.ID).Scan(&cancelled), "load %s", running.ID)
	})
	return cancelled, err
}

func loadOf(ctx context.Context, q querier, workspace, id string) (load.Load, error) {
	found, err := scanLoad(q.QueryRowContext(ctx, "SELECT "+loadColumns+" FROM load WHERE workspace = $1 AND id = $2", workspace, id))
	return found, explain(err, "load %s", id)
}

// loadValues gives the values of loadColumns.
func loadValues(l *load.Load) ([]any, error) {
	progress, err := text(l.Progress)
	if err != nil {
		return nil, err
	}
	problems, err := text(l.Problems)
	if err != nil {
		return nil, err
	}
	notes, err := text(l.Notes)
	if err != nil {
		return nil, err
	}
	return []any{
		l.ID, l.Workspace, l.SourceID, l.Dataset, l.DatasetID, string(l.Duplicates), l.MaxRejected, flag(l.DryRun), l.By, string(l.State),
		progress, problems, notes, l.Fault, l.Hint, flag(l.Cancelled), l.Attempt, micros(l.CreatedAt), micros(l.StartedAt), micros(l.EndedAt), l.Crashes,
	}, nil
}

func scanLoad(row interface{ Scan(...any) error }) (load.Load, error) {
	var l load.Load
	var progress, problems, notes string
	var created, started, ended int64
	err := row.Scan(&l.ID, &l.Workspace, &l.SourceID, &l.Dataset, &l.DatasetID, &l.Duplicates, &l.MaxRejected, &l.DryRun, &l.By, &l.State,
		&progress, &problems, &notes, &l.Fault, &l.Hint, &l.Cancelled, &l.Attempt, &created, &started, &ended, &l.Crashes)
	if err != nil {
		return load.Load{}, err
	}
	l.CreatedAt, l.StartedAt, l.EndedAt = moment(created), moment(started), moment(ended)
	err = errors.Join(parse(progress, &l.Progress), parse(problems, &l.Problems), parse(notes, &l.Notes))
	return l, err
}
