package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

const rowsSegmentColumns = "id, rows, deleted, bytes, bounds, created_by, created_at, deletes"

func scanRowsSegment(row scanner) (manifest.Segment, error) {
	var found manifest.Segment
	var bounds string
	var created int64
	if err := row.Scan(&found.ID, &found.Rows, &found.Deleted, &found.Bytes, &bounds, &found.CreatedBy, &created,
		&found.Deletes); err != nil {
		return manifest.Segment{}, err
	}
	found.CreatedAt = moment(created)
	return found, parse(bounds, &found.Bounds)
}

// saveRowsSegments adds, changes and removes a dataset's segments.
func saveRowsSegments(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	for i := range c.Add {
		if err := addRowsSegment(ctx, tx, c.Dataset.ID, &c.Add[i]); err != nil {
			return err
		}
	}
	for _, d := range c.Deletes {
		_, err := tx.ExecContext(ctx, "UPDATE rows_segment SET deletes = $2, deleted = $3 WHERE id = $1", d.SegmentID,
			d.Bitmap, d.Deleted)
		if err != nil {
			return fmt.Errorf("marking rows of segment %s as deleted: %w", d.SegmentID, err)
		}
	}
	for _, id := range c.Remove {
		if _, err := tx.ExecContext(ctx, "DELETE FROM rows_segment WHERE id = $1", id); err != nil {
			return fmt.Errorf("removing segment %s: %w", id, err)
		}
	}
	return nil
}

func addRowsSegment(ctx context.Context, tx *sql.Tx, datasetID string, added *manifest.Segment) error {
	bounds, err := text(added.Bounds)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO rows_segment (dataset, "+rowsSegmentColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		datasetID, added.ID, added.Rows, added.Deleted, added.Bytes, bounds, added.CreatedBy, micros(added.CreatedAt),
		added.Deletes)
	if err != nil {
		return fmt.Errorf("adding segment %s: %w", added.ID, err)
	}
	return nil
}
