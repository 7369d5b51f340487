package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

// stateTx is a transaction as an engine's commit passes it on.
type stateTx struct{ *sql.Tx }

// StateTx marks it as a transaction of the state.
func (stateTx) StateTx() {}

var _ engine.Tx = stateTx{}

// CommitRows applies one change of a dataset's rows in one transaction: it ends
// the load, then writes segments, ledger and rejected rows. If the change
// doesn't build on the latest version, it returns [manifest.ErrCrossed].
func (s *Store) CommitRows(ctx context.Context, c *manifest.Commit) error {
	return s.committing(ctx, func(tx *sql.Tx) error {
		if c.End != nil { // first, because it locks the load's row, which has the owner of the load
			if err := c.End(ctx, stateTx{tx}, c.Committed); err != nil {
				return err
			}
		}
		for _, step := range []func(context.Context, *sql.Tx, *manifest.Commit) error{
			saveBreak, saveVersion, saveRowsSegments,
			saveLedger, saveRejects,
		} {
			if err := step(ctx, tx, c); err != nil {
				return err
			}
		}
		if c.Publish != nil {
			return c.Publish(ctx)
		}
		return nil
	})
}

func saveVersion(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	return saveRowsDataset(ctx, tx, &c.Dataset, c.From)
}

// committing runs fn in a transaction that is only ordered with others by the
// rows that it changes: each statement sees everything committed before it.
// PostgreSQL may run fn again after a deadlock.
func (s *Store) committing(ctx context.Context, fn func(tx *sql.Tx) error) (err error) {
	for range attempts {
		if err = transact(ctx, s.writer, &sql.TxOptions{}, fn); !s.collided(err) {
			break
		}
	}
	return err
}

// DropRows removes everything stored about a dataset's rows: segments, rejected
// rows and ledger entries, retired or not.
func (s *Store) DropRows(ctx context.Context, datasetID string) error {
	return s.committing(ctx, func(tx *sql.Tx) error {
		for _, query := range []string{
			"DELETE FROM rows_dataset WHERE dataset = $1",
			"DELETE FROM rows_segment WHERE dataset = $1",
			"DELETE FROM rows_reject WHERE dataset = $1",
			"DELETE FROM rows_reject_resolved WHERE dataset = $1",
			"DELETE FROM rows_ledger WHERE dataset = $1",
			"DELETE FROM rows_retired WHERE dataset = $1",
			"DELETE FROM rows_break WHERE dataset = $1",
		} {
			if _, err := tx.ExecContext(ctx, query, datasetID); err != nil {
				return explain(err, "rows of dataset %s", datasetID)
			}
		}
		return nil
	})
}
