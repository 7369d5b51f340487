package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

func saveRejects(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	for i, r := range c.Rejects {
		_, err := tx.ExecContext(ctx, "INSERT INTO rows_reject (load, part, dataset, rows, content) VALUES ($1, $2, $3, $4, $5)",
			c.LoadID, int64(i), c.Dataset.ID, r.Rows, r.Content)
		if err != nil {
			return fmt.Errorf("keeping rejected rows: %w", err)
		}
	}
	return nil
}

// Rejects returns one part of a load's rejected rows, from 0; after the last
// part its Content is nil.
func (s *Store) Rejects(ctx context.Context, loadID string, part int) (found manifest.Rejects, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT rows, content FROM rows_reject WHERE load = $1 AND part = $2", loadID,
		int64(part)).
		Scan(&found.Rows, &found.Content)
	if errors.Is(err, sql.ErrNoRows) {
		return manifest.Rejects{}, nil
	}
	return found, explain(err, "rejected rows of load %s", loadID)
}
