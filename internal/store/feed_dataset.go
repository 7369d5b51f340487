package store

import (
	"context"
	"database/sql"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// adoptFeeds sets the dataset of the feeds that wait for one of its name.
func adoptFeeds(ctx context.Context, tx *sql.Tx, made *dataset.Dataset) error {
	_, err := tx.ExecContext(ctx, `UPDATE feed SET dataset_id = $3, dataset = $4
		WHERE workspace = $1 AND folded = $2 AND removed = 0 AND dataset_id = ''`,
		made.Workspace, strings.ToLower(made.Name), made.ID, made.Name)
	return explain(err, "feeds of dataset %q", made.Name)
}

// renameFeeds updates the feeds of a dataset with its new name.
func renameFeeds(ctx context.Context, tx *sql.Tx, renamed *dataset.Dataset) error {
	folded := strings.ToLower(renamed.Name)
	if err := dropWaiting(ctx, tx, renamed.ID, folded); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, "UPDATE feed SET dataset = $2, folded = $3 WHERE dataset_id = $1 AND dataset <> $2",
		renamed.ID, renamed.Name, folded)
	if err != nil {
		return explain(err, "feeds of dataset %q", renamed.Name)
	}
	return adoptFeeds(ctx, tx, renamed)
}

// dropWaiting removes feeds that wait for a dataset with a name, if a feed of the
// dataset replaces them. They have no ledger.
func dropWaiting(ctx context.Context, tx *sql.Tx, datasetID, folded string) error {
	const pair = `FROM feed f WHERE f.dataset_id = $1 AND f.workspace = waiting.workspace AND f.source = waiting.source`
	_, err := tx.ExecContext(ctx, `UPDATE load
		SET feed = (SELECT f.id FROM feed f JOIN feed waiting ON waiting.id = load.feed
			AND waiting.workspace = f.workspace AND waiting.source = f.source WHERE f.dataset_id = $1)
		WHERE ended_at = 0 AND EXISTS (SELECT 1 FROM feed waiting WHERE waiting.id = load.feed
			AND waiting.dataset_id = '' AND waiting.folded = $2 AND waiting.removed = 0
			AND EXISTS (SELECT 1 `+pair+`))`, datasetID, folded)
	if err != nil {
		return explain(err, "loads of dataset %s", datasetID)
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM feed AS waiting WHERE waiting.dataset_id = '' AND waiting.folded = $2
		AND waiting.removed = 0 AND EXISTS (SELECT 1 `+pair+")", datasetID, folded)
	return explain(err, "feeds of dataset %s", datasetID)
}

// setFeedsAside hides the feeds of a dataset that is removed.
func setFeedsAside(ctx context.Context, tx *sql.Tx, datasetID string) error {
	_, err := tx.ExecContext(ctx, "UPDATE feed SET removed = 1 WHERE dataset_id = $1", datasetID)
	return explain(err, "feeds of dataset %s", datasetID)
}

// restoreFeeds restores the feeds of a dataset.
func restoreFeeds(ctx context.Context, tx *sql.Tx, datasetID string) error {
	var folded string
	err := tx.QueryRowContext(ctx, "SELECT folded FROM dataset WHERE id = $1", datasetID).Scan(&folded)
	if err == nil {
		err = dropWaiting(ctx, tx, datasetID, folded)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, "UPDATE feed SET removed = 0 WHERE dataset_id = $1", datasetID)
	}
	return explain(err, "feeds of dataset %s", datasetID)
}
