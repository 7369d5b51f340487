package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/load"
)

// claimLockID is the advisory lock under which nodes claim loads from
// PostgreSQL, one after the other.
const claimLockID = 7_946_172_816

// CountQueued counts the queued loads of a workspace, up to most.
func (s *Store) CountQueued(ctx context.Context, workspace string, most int) (n int, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT COUNT(*) FROM (
		SELECT 1 FROM load WHERE workspace = $1 AND ended_at = 0 AND state = 'queued' LIMIT $2) waiting`, workspace,
		most).Scan(&n)
	return n, explain(err, "loads")
}

// ClaimLoad claims the load whose turn it is.
func (s *Store) ClaimLoad(ctx context.Context, claim load.Claim) (claimed load.Load, err error) {
	found := false
	err = s.claiming(ctx, func(tx *sql.Tx) error {
		found = false
		if err := loseClaims(ctx, tx, claim.Now, claim.Now, claim.Crashes); err != nil {
			return err
		}
		workspace, id, err := nextLoad(ctx, tx, &claim)
		if err != nil || id == "" {
			return err // lost claims are counted also when there is nothing to claim
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

// claiming runs fn in a transaction while no other transaction claims. Each
// statement sees what was committed before it.
func (s *Store) claiming(ctx context.Context, fn func(tx *sql.Tx) error) error {
	return transact(ctx, s.writer, &sql.TxOptions{}, func(tx *sql.Tx) error {
		if s.dialect == Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", claimLockID); err != nil {
				return explain(err, "lock of the load queue")
			}
		}
		return fn(tx)
	})
}

// loseClaims counts a crash for each load that runs under a claim that ended
// by a time, and queues it again or parks it.
func loseClaims(ctx context.Context, tx *sql.Tx, ended, now time.Time, crashes int) error {
	fault, hint := load.Parked(crashes)
	_, err := tx.ExecContext(ctx, `UPDATE load SET crashes = crashes + 1, worker = '', claimed_until = 0,
		state = CASE WHEN crashes + 1 >= $3 THEN 'failed' ELSE 'queued' END,
		ended_at = CASE WHEN crashes + 1 >= $3 THEN $2 ELSE ended_at END,
		fault = CASE WHEN crashes + 1 >= $3 THEN $4 ELSE fault END,
		hint = CASE WHEN crashes + 1 >= $3 THEN $5 ELSE hint END,
		code = CASE WHEN crashes + 1 >= $3 THEN $6 ELSE code END
		WHERE ended_at = 0 AND state <> 'queued' AND claimed_until <= $1`, micros(ended), micros(now), crashes, fault,
		hint, load.CodeCrashed)
	return explain(err, "loads whose worker crashed")
}

// nextLoad finds the load whose turn it is; id is empty if there is none. A workspace's
// backfills come after its other loads.
func nextLoad(ctx context.Context, tx *sql.Tx, claim *load.Claim) (workspace, id string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT w.workspace, w.id
		FROM (SELECT workspace, COALESCE(MIN(CASE WHEN kind <> 'backfill' THEN id END), MIN(id)) AS id FROM load
			WHERE ended_at = 0 AND state = 'queued' AND claimed_until <= $1 GROUP BY workspace) w
		LEFT JOIN (SELECT workspace, COUNT(*) AS anywhere, SUM(CASE WHEN worker = $2 THEN 1 ELSE 0 END) AS here
			FROM load
			WHERE ended_at = 0 AND state <> 'queued' GROUP BY workspace) r ON r.workspace = w.workspace
		LEFT JOIN load_turn t ON t.workspace = w.workspace
		WHERE COALESCE(r.here, 0) < $3
		ORDER BY COALESCE(r.anywhere, 0), COALESCE(t.turn, 0), w.id LIMIT 1`, micros(claim.Now), claim.Worker,
		claim.PerWorkspace)
	if err != nil {
		return "", "", explain(err, "load to do")
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&workspace, &id)
	}
	if err == nil {
		err = rows.Err()
	}
	return workspace, id, explain(err, "load to do")
}

// takeTurn puts a workspace behind all others.
func takeTurn(ctx context.Context, tx *sql.Tx, workspace string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO load_turn (workspace, turn) VALUES ($1, (SELECT COALESCE(MAX(turn),
		0) + 1 FROM load_turn))
		ON CONFLICT (workspace) DO UPDATE SET turn = excluded.turn`, workspace)
	return explain(err, "turn of workspace %s", workspace)
}

// ReleaseLoads ends the claims of all workers, as crashed.
func (s *Store) ReleaseLoads(ctx context.Context, now time.Time, crashes int) error {
	return s.claiming(ctx, func(tx *sql.Tx) error {
		if err := loseClaims(ctx, tx, endOfTime, now, crashes); err != nil {
			return err
		}
		// nor wait for a retry
		_, err := tx.ExecContext(ctx, "UPDATE load SET worker = '', claimed_until = 0, next_attempt_at = 0 WHERE ended_at = 0")
		return explain(err, "loads that wait")
	})
}

// endOfTime is later than any claim.
var endOfTime = time.UnixMicro(1<<63 - 1)
