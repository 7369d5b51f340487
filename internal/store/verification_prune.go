package store

import (
	"context"
	"database/sql"
	"time"
)

// pruneBatch bounds one transaction: others wait to write meanwhile.
const pruneBatch = 500

// PruneVerifications drops verifications that have ended, and counts them.
// Those of an integration that are not among its newest keep are dropped when
// they came to what the one before them did, and else when they began before a
// time. Of an integration that is removed none that old is kept.
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
