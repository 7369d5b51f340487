package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/load"
)

// CountQueued counts the queued loads of a workspace, up to most.
func (s *Store) CountQueued(ctx context.Context, workspace string, most int) (n int, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT COUNT(*) FROM (
		SELECT 1 FROM load WHERE workspace = $1 AND ended_at = 0 AND state = 'queued' LIMIT $2) waiting`, workspace,
		most).Scan(&n)
	return n, explain(err, "loads")
}

// ClaimLoad claims the load whose turn it is. In PostgreSQL nodes claim at the same
// time: each passes over the rows that another one is just claiming or saving.
func (s *Store) ClaimLoad(ctx context.Context, claim load.Claim) (claimed load.Load, err error) {
	find := nextLoad
	if s.dialect == Postgres {
		find = nextUnlocked
	}
	found := false
	err = s.committing(ctx, func(tx *sql.Tx) error {
		found = false
		if err := s.loseClaims(ctx, tx, claim.Now, claim.Now, claim.Crashes); err != nil {
			return err
		}
		workspace, id, err := find(ctx, tx, &claim)
		if err != nil || id == "" {
			return err // lost claims count even if there is nothing to claim
		}
		result, err := tx.ExecContext(ctx, `UPDATE load SET worker = $2, claimed_until = $3, state = 'planning',
			attempt = attempt + 1, next_attempt_at = 0
			WHERE id = $1 AND ended_at = 0 AND state = 'queued'`, id, claim.Worker, micros(claim.Until))
		if err := changed(result, err, "load %s", id); err != nil {
			return err // it was cancelled this moment
		}
		if err := takeTurn(ctx, tx, workspace); err != nil {
			return err
		}
		claimed, err = loadOf(ctx, tx, workspace, id)
		found = err == nil
		return err
	})
	if err == nil && !found {
		err = explain(sql.ErrNoRows, "load to do")
	}
	return claimed, err
}

// loseClaims counts a crash for each load that runs under a claim that ended
// by a time, and queues it again or parks it.
func (s *Store) loseClaims(ctx context.Context, tx *sql.Tx, ended, now time.Time, crashes int) error {
	locked := ""
	if s.dialect == Postgres {
		locked = " FOR UPDATE SKIP LOCKED" // a row that its node is saving isn't lost
	}
	fault, hint := load.Parked(crashes)
	rows, err := tx.QueryContext(ctx, `UPDATE load SET crashes = crashes + 1, worker = '', claimed_until = 0,
		state = CASE WHEN crashes + 1 >= $3 THEN 'failed' ELSE 'queued' END,
		ended_at = CASE WHEN crashes + 1 >= $3 THEN $2 ELSE ended_at END,
		fault = CASE WHEN crashes + 1 >= $3 THEN $4 ELSE fault END,
		hint = CASE WHEN crashes + 1 >= $3 THEN $5 ELSE hint END,
		code = CASE WHEN crashes + 1 >= $3 THEN $6 ELSE code END
		WHERE id IN (SELECT id FROM load WHERE ended_at = 0 AND state <> 'queued' AND claimed_until <= $1`+locked+`)
		RETURNING workspace, id`, micros(ended), micros(now), crashes, fault, hint, load.CodeCrashed)
	lost, err := collect(rows, err, scanPair)
	if err != nil {
		return explain(err, "loads whose worker crashed")
	}
	return announceLoads(ctx, tx, lost)
}

// takeTurn puts a workspace behind all others.
func takeTurn(ctx context.Context, tx *sql.Tx, workspace string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO load_turn (workspace, turn) VALUES ($1, (SELECT COALESCE(MAX(turn),
		0) + 1 FROM load_turn))
		ON CONFLICT (workspace) DO UPDATE SET turn = excluded.turn`, workspace)
	return explain(err, "turn of workspace %s", workspace)
}

// ReleaseLoads ends the claims of all workers and counts them as crashed.
func (s *Store) ReleaseLoads(ctx context.Context, now time.Time, crashes int) error {
	return s.committing(ctx, func(tx *sql.Tx) error {
		if err := s.loseClaims(ctx, tx, endOfTime, now, crashes); err != nil {
			return err
		}
		// nor wait for a retry
		_, err := tx.ExecContext(
			ctx,
			"UPDATE load SET worker = '', claimed_until = 0, next_attempt_at = 0 WHERE ended_at = 0",
		)
		return explain(err, "loads that wait")
	})
}

// endOfTime is later than any claim.
var endOfTime = time.UnixMicro(1<<63 - 1)
