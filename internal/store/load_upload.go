package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/load"
)

// InsertRunningLoad stores a load that is already running.
func (s *Store) InsertRunningLoad(ctx context.Context, made load.Load, worker string, until time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := insertLoad(ctx, tx, &made); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "UPDATE load SET worker = $2, claimed_until = $3 WHERE id = $1", made.ID, worker,
			micros(until))
		return explain(err, "load %s", made.ID)
	})
}
