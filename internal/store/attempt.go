package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/attempt"
)

// TakeAttempts takes one attempt from each bucket, or from none if one is
// empty. In that case wait is the time until it has an attempt again. A
// bucket is stored as the time at which it is full; each attempt moves this
// time by an interval.
func (s *Store) TakeAttempts(ctx context.Context, buckets []attempt.Bucket,
	now time.Time,
) (wait time.Duration, err error) {
	err = s.count(ctx, buckets, func(tx *sql.Tx, b attempt.Bucket) error {
		w, err := takeAttempt(ctx, tx, b, now)
		wait = max(wait, w)
		if err == nil && w > 0 {
			err = errEmpty
		}
		return err
	})
	if errors.Is(err, errEmpty) {
		return wait, nil
	}
	return 0, err
}

// errEmpty undoes a transaction that found an empty bucket.
var errEmpty = errors.New("a bucket of attempts is empty")

// count runs fn for each bucket in one transaction. The rows that it changes are
// locked in the order of their names, so it needs no serializable transaction,
// which many failures at once would make fail.
func (s *Store) count(ctx context.Context, buckets []attempt.Bucket, fn func(*sql.Tx, attempt.Bucket) error) error {
	sorted := slices.SortedFunc(slices.Values(buckets),
		func(a, b attempt.Bucket) int { return strings.Compare(a.Name, b.Name) })
	return transact(ctx, s.writer, &sql.TxOptions{}, func(tx *sql.Tx) error {
		for _, b := range sorted {
			if err := fn(tx, b); err != nil {
				return err
			}
		}
		return nil
	})
}

func takeAttempt(ctx context.Context, tx *sql.Tx, b attempt.Bucket, now time.Time) (wait time.Duration, err error) {
	at, every := now.UnixMicro(), b.Every.Microseconds()
	latest := at + int64(b.Size)*every // a bucket that is full later than this is empty now
	var full int64
	err = tx.QueryRowContext(ctx, `INSERT INTO attempt (bucket, full_at) VALUES ($1, $2)
		ON CONFLICT (bucket)
			DO UPDATE SET full_at = CASE WHEN attempt.full_at < $3 THEN $2 ELSE attempt.full_at + $4 END
		WHERE attempt.full_at <= $5
		RETURNING full_at`, b.Name, at+every, at, every, latest-every).Scan(&full)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return 0, explain(err, "attempts")
	}
	err = tx.QueryRowContext(ctx, `SELECT full_at FROM attempt WHERE bucket = $1`, b.Name).Scan(&full)
	return max(time.Microsecond, time.Duration(full+every-latest)*time.Microsecond), explain(err, "attempts")
}

// ReturnAttempts puts one attempt back into each bucket.
func (s *Store) ReturnAttempts(ctx context.Context, buckets []attempt.Bucket) error {
	return s.count(ctx, buckets, func(tx *sql.Tx, b attempt.Bucket) error {
		_, err := tx.ExecContext(ctx, `UPDATE attempt SET full_at = full_at - $2 WHERE bucket = $1`, b.Name,
			b.Every.Microseconds())
		return explain(err, "attempts")
	})
}

// PruneAttempts deletes full buckets.
func (s *Store) PruneAttempts(ctx context.Context, now time.Time) error {
	return transact(ctx, s.writer, &sql.TxOptions{}, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM attempt WHERE full_at < $1`, now.UnixMicro())
		return explain(err, "old attempts")
	})
}

// InstanceSecret returns 32 random bytes under a name, the same on every node.
// The first call generates them.
func (s *Store) InstanceSecret(ctx context.Context, name string) (value []byte, err error) {
	made := make([]byte, 32)
	_, _ = rand.Read(made) // crypto/rand.Read never returns an error
	var kept string
	err = s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO instance_secret (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO NOTHING`,
			name, base64.StdEncoding.EncodeToString(made))
		if err != nil {
			return explain(err, "secret of the instance")
		}
		return explain(tx.QueryRowContext(ctx, `SELECT value FROM instance_secret WHERE name = $1`, name).Scan(&kept),
			"secret of the instance")
	})
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(kept)
}
