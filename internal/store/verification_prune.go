package store

import (
	"context"
	"database/sql"
	"time"
)

// pruneBatch limits one transaction, because other writers must wait.
const pruneBatch = 500

// PruneVerifications deletes ended verifications and returns their number. It
// keeps the newest ones of each integration, up to keep. Older ones are
// deleted if their result equals the previous one's, or if they began before a
// time. For a removed integration, everything before that time is deleted.
func (s *Store) PruneVerifications(ctx context.Context, keep int, before time.Time) (int, error) {
	dropped := 0
	for {
		n, err := s.pruneSome(ctx, keep, before)
		dropped += n
		if err != nil || n < pruneBatch {
			return dropped, err
		}
	}
}

func (s *Store) pruneSome(ctx context.Context, keep int, before time.Time) (n int, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM verification WHERE id IN (
			SELECT v.id FROM (
				SELECT id, integration, state, notable, started_at, row_number() OVER (PARTITION BY integration
				ORDER BY id DESC) AS place FROM verification
			) v JOIN integration i ON i.id = v.integration
			WHERE v.state <> 'running' AND (
				v.place > $1 AND (v.notable = 0 OR v.started_at < $2)
				OR i.state = 'removed' AND i.removed_at < $2 AND v.started_at < $2)
			LIMIT $3)`, keep, micros(before), pruneBatch)
		if err != nil {
			return explain(err, "old verifications")
		}
		count, err := result.RowsAffected()
		n = int(count)
		return explain(err, "old verifications")
	})
	return n, err
}
