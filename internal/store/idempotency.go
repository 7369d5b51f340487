package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/idempotency"
)

// ClaimIdempotency stores a request that begins, unless there is one with its ID
// that didn't expire by now, which it returns.
func (s *Store) ClaimIdempotency(
	ctx context.Context, begun idempotency.Entry, now time.Time,
) (found idempotency.Entry, claimed bool, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `INSERT INTO idempotency (id, actor, run, request, bytes, expires_at)
			VALUES ($1, $2, $3, '', 0, $4)
			ON CONFLICT (id) DO UPDATE SET run = excluded.run, request = '', answer = NULL, bytes = 0,
				expires_at = excluded.expires_at
			WHERE idempotency.expires_at <= $5`,
			begun.ID, begun.Actor, begun.Run, micros(begun.ExpiresAt), micros(now))
		if err != nil {
			return explain(err, "idempotency key")
		}
		rows, err := result.RowsAffected()
		if claimed = rows > 0; err != nil || claimed {
			return err
		}
		var expires int64
		err = tx.QueryRowContext(ctx, "SELECT id, actor, run, request, answer, expires_at FROM idempotency WHERE id = $1",
			begun.ID).Scan(&found.ID, &found.Actor, &found.Run, &found.Request, &found.Answer, &expires)
		found.ExpiresAt = moment(expires)
		return explain(err, "idempotency key")
	})
	return found, claimed, err
}

// RenewIdempotency extends the lease of a run that still has its key.
func (s *Store) RenewIdempotency(ctx context.Context, id, run string, until time.Time) (held bool, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx,
			"UPDATE idempotency SET expires_at = $3 WHERE id = $1 AND run = $2 AND answer IS NULL",
			id, run, micros(until))
		if err != nil {
			return explain(err, "idempotency key")
		}
		rows, err := result.RowsAffected()
		held = rows > 0
		return err
	})
	return held, err
}

// FinishIdempotency stores the answer of a run that still has its key.
func (s *Store) FinishIdempotency(ctx context.Context, done idempotency.Entry) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE idempotency SET request = $3, answer = $4, bytes = $5, expires_at = $6
			WHERE id = $1 AND run = $2 AND answer IS NULL`,
			done.ID, done.Run, done.Request, done.Answer, len(done.Answer), micros(done.ExpiresAt))
		return explain(err, "idempotency key")
	})
}

// ReleaseIdempotency deletes the run that has a key.
func (s *Store) ReleaseIdempotency(ctx context.Context, id, run string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM idempotency WHERE id = $1 AND run = $2 AND answer IS NULL", id, run)
		return explain(err, "idempotency key")
	})
}

// IdempotencyUse returns the number of an actor's keys, and the size of their
// answers in bytes.
func (s *Store) IdempotencyUse(ctx context.Context, actor string) (keys, bytes int64, err error) {
	err = s.reader.QueryRowContext(ctx,
		"SELECT count(*), CAST(coalesce(sum(bytes), 0) AS BIGINT) FROM idempotency WHERE actor = $1", actor).
		Scan(&keys, &bytes)
	return keys, bytes, explain(err, "idempotency key")
}

// DeleteIdempotency deletes expired keys.
func (s *Store) DeleteIdempotency(ctx context.Context, now time.Time) (deleted int64, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM idempotency WHERE expires_at <= $1", micros(now))
		if err != nil {
			return explain(err, "idempotency key")
		}
		deleted, err = result.RowsAffected()
		return err
	})
	return deleted, err
}
