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
	for _, r := range c.Resolved {
		_, err := tx.ExecContext(ctx, `INSERT INTO rows_reject_resolved (load, resolver, dataset, places)
			VALUES ($1, $2, $3, $4)`, r.LoadID, r.By, c.Dataset.ID, r.Places)
		if err != nil {
			return fmt.Errorf("marking rejected rows as resolved: %w", err)
		}
	}
	return nil
}

// Resolved returns which rejected rows of a load others accepted later.
func (s *Store) Resolved(ctx context.Context, loadID string) ([]manifest.Resolved, error) {
	rows, err := s.reader.QueryContext(ctx,
		"SELECT load, resolver, places FROM rows_reject_resolved WHERE load = $1 ORDER BY resolver", loadID)
	found, err := collect(rows, err, func(row scanner) (r manifest.Resolved, err error) {
		err = row.Scan(&r.LoadID, &r.By, &r.Places)
		return r, err
	})
	return found, explain(err, "resolved rows of load %s", loadID)
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
