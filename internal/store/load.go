package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
)

const loadColumns = `id, workspace, source, dataset, dataset_id, duplicates, max_rejected, dry_run, made_by, state,
	progress, problems, notes, fault, hint, cancelled, attempt, created_at, started_at, ended_at, crashes,
	outcome, code, max_rejected_percent, waits, next_attempt_at, feed, kind, selection`

// QueueLoad puts a new load in the queue and returns it. If an equal load of the feed
// waits to begin, it returns that one and adds nothing.
func (s *Store) QueueLoad(ctx context.Context, made load.Load) (queued load.Load, err error) {
	err = s.committing(ctx, func(tx *sql.Tx) error {
		queued, err = queueLoad(ctx, tx, &made)
		return err
	})
	return queued, err
}

// EqualWaits reports whether QueueLoad would return a load that waits.
func (s *Store) EqualWaits(ctx context.Context, made *load.Load) (bool, error) {
	_, found, err := equalLoad(ctx, s.reader, made, false)
	return found, err
}

func queueLoad(ctx context.Context, tx *sql.Tx, made *load.Load) (load.Load, error) {
	equal, found, err := equalLoad(ctx, tx, made, false)
	if err != nil || found {
		return equal, err
	}
	return *made, insertLoad(ctx, tx, made)
}

// equalLoad finds a queued load of the same feed that does the same. retried includes
// loads that wait for another attempt.
func equalLoad(ctx context.Context, from querier, made *load.Load, retried bool) (
	equal load.Load, found bool, _ error,
) {
	if made.FeedID == "" || made.DryRun {
		return load.Load{}, false, nil
	}
	selection, err := selectionText(made)
	if err != nil {
		return load.Load{}, false, err
	}
	equal, err = scanLoad(from.QueryRowContext(ctx, "SELECT "+loadColumns+` FROM load WHERE feed = $1 AND ended_at = 0
		AND state = 'queued' AND dry_run = 0 AND kind = $2 AND selection = $3 AND duplicates = $4 AND max_rejected = $5
		AND max_rejected_percent = $6 AND (attempt = 0 OR $7 = 1) ORDER BY id LIMIT 1`,
		made.FeedID, string(cmp.Or(made.Kind, load.Objects)), selection, string(made.Duplicates), made.MaxRejected,
		made.MaxRejectedPercent, flag(retried)))
	if errors.Is(err, sql.ErrNoRows) {
		return load.Load{}, false, nil
	}
	return equal, err == nil, explain(err, "loads of feed %s", made.FeedID)
}

func insertLoad(ctx context.Context, tx *sql.Tx, made *load.Load) error {
	values, err := loadValues(made)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO load ("+loadColumns+`, worker, claimed_until)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
			$23, $24, $25, $26, $27, $28, $29, '', 0)`, values...)
	return explain(err, "load %s", made.ID)
}

// Load returns one load of a workspace.
func (s *Store) Load(ctx context.Context, workspace, id string) (load.Load, error) {
	return loadOf(ctx, s.reader, workspace, id)
}

// CancelLoad cancels a load in any state before its end. Afterwards no worker can
// save it or commit its rows.
func (s *Store) CancelLoad(ctx context.Context, workspace, id string, now time.Time) (load.Load, error) {
	var cancelled load.Load
	err := s.committing(ctx, func(tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, `UPDATE load SET state = 'cancelled', cancelled = 1, ended_at = $3
			WHERE workspace = $1 AND id = $2 AND ended_at = 0`, workspace, id, micros(now)))
		if err != nil {
			return explain(err, "load %s", id)
		}
		cancelled, err = loadOf(ctx, tx, workspace, id)
		if err == nil && n > 0 {
			err = announceLoad(ctx, tx, &cancelled)
		}
		if err == nil && cancelled.State != load.Cancelled {
			err = problem.New(problem.Conflict, "The load %s can't be cancelled: it is %s.", id, cancelled.State)
		}
		return err
	})
	return cancelled, err
}

// SaveLoad stores a running load, or its end, and renews its claim. The attempt
// is part of the claim, so that a worker that lost its claim and claimed again
// can't be confused with itself.
func (s *Store) SaveLoad(ctx context.Context, tx engine.Tx, running load.Load, worker string, until time.Time) error {
	if within, ok := tx.(stateTx); ok {
		return saveLoad(ctx, within.Tx, &running, worker, until)
	}
	return s.committing(ctx, func(tx *sql.Tx) error { return saveLoad(ctx, tx, &running, worker, until) })
}

func saveLoad(ctx context.Context, tx *sql.Tx, running *load.Load, worker string, until time.Time) error {
	progress, err := text(running.Progress)
	if err != nil {
		return err
	}
	problems, err := text(running.Problems)
	if err != nil {
		return err
	}
	notes, err := text(running.Notes)
	if err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, `UPDATE load SET dataset_id = $4, state = $5, progress = $6, problems = $7,
		notes = $8, fault = $9, hint = $10,
		started_at = $11, ended_at = $12, claimed_until = $13, crashes = $14, outcome = $15, code = $16,
			waits = $17, next_attempt_at = $18 WHERE id = $1 AND worker = $2
			AND attempt = $3 AND ended_at = 0`,
		running.ID, worker, running.Attempt, running.DatasetID, string(running.State), progress, problems, notes,
		running.Fault, running.Hint,
		micros(running.StartedAt), micros(running.EndedAt), micros(until), running.Crashes,
		string(running.Outcome), running.Code, running.Waits, micros(running.NextAttempt))
	if err != nil {
		return explain(err, "load %s", running.ID)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errOr(err, problem.Wrap(load.ErrOver, problem.Conflict,
			"The load %s has ended, or another worker has it.", running.ID))
	}
	return announceLoad(ctx, tx, running)
}

func loadOf(ctx context.Context, q querier, workspace, id string) (load.Load, error) {
	found, err := scanLoad(q.QueryRowContext(ctx, "SELECT "+loadColumns+" FROM load WHERE workspace = $1 AND id = $2",
		workspace, id))
	return found, explain(err, "load %s", id)
}

// loadValues returns the values of loadColumns.
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
	selection, err := selectionText(l)
	if err != nil {
		return nil, err
	}
	return []any{
		l.ID, l.Workspace, l.SourceID, l.Dataset, l.DatasetID, string(l.Duplicates), l.MaxRejected, flag(l.DryRun),
		l.By, string(l.State),
		progress, problems, notes, l.Fault, l.Hint, flag(l.Cancelled), l.Attempt, micros(l.CreatedAt),
		micros(l.StartedAt), micros(l.EndedAt), l.Crashes,
		string(l.Outcome), l.Code, l.MaxRejectedPercent, l.Waits, micros(l.NextAttempt), l.FeedID,
		string(cmp.Or(l.Kind, load.Objects)), selection,
	}, nil
}

// selectionText returns the column selection of a load.
func selectionText(l *load.Load) (string, error) {
	if l.Kind != load.Replay && l.Kind != load.Backfill && l.Kind != load.Rejected {
		return "", nil
	}
	return text(loadSelection{l.Select, l.Of, l.Reasons})
}

// loadSelection is the content of the column selection: what a load loads.
type loadSelection struct {
	load.Selection
	Of      string               `json:"of,omitempty"`
	Reasons []dataset.RejectCode `json:"reasons,omitempty"`
}

func scanLoad(row interface{ Scan(...any) error }) (load.Load, error) {
	var l load.Load
	var progress, problems, notes, selection string
	var created, started, ended, next int64
	err := row.Scan(&l.ID, &l.Workspace, &l.SourceID, &l.Dataset, &l.DatasetID, &l.Duplicates, &l.MaxRejected,
		&l.DryRun, &l.By, &l.State,
		&progress, &problems, &notes, &l.Fault, &l.Hint, &l.Cancelled, &l.Attempt, &created, &started, &ended,
		&l.Crashes, &l.Outcome, &l.Code, &l.MaxRejectedPercent, &l.Waits, &next, &l.FeedID, &l.Kind, &selection)
	if err != nil {
		return load.Load{}, err
	}
	l.CreatedAt, l.StartedAt, l.EndedAt, l.NextAttempt = moment(created), moment(started), moment(ended), moment(next)
	err = errors.Join(parse(progress, &l.Progress), parse(problems, &l.Problems), parse(notes, &l.Notes))
	if selection != "" {
		var kept loadSelection
		err = errors.Join(err, parse(selection, &kept))
		l.Select, l.Of, l.Reasons = kept.Selection, kept.Of, kept.Reasons
	}
	return l, err
}
