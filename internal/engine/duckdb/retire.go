package duckdb

import (
	"context"
	"fmt"
)

// Retire sets a dataset's ledger entries aside; see engine.Engine.
func (e *Engine) Retire(ctx context.Context, datasetID string) error {
	return e.moveLedger(ctx, datasetID, "retiring",
		`INSERT INTO windlass_retired (dataset, `+ledgerColumns+`) SELECT dataset, `+ledgerColumns+
			` FROM windlass_ledger WHERE dataset = $1`,
		`DELETE FROM windlass_ledger WHERE dataset = $1`)
}

// Reinstate brings a dataset's ledger entries back; see engine.Engine.
func (e *Engine) Reinstate(ctx context.Context, datasetID string) error {
	return e.moveLedger(ctx, datasetID, "reinstating",
		`INSERT INTO windlass_ledger (dataset, `+ledgerColumns+`) SELECT DISTINCT ON (source, key, version) dataset, `+ledgerColumns+` FROM windlass_retired AS r
			WHERE dataset = $1 AND NOT EXISTS (SELECT 1 FROM windlass_ledger AS l WHERE l.source = r.source AND l.key = r.key AND l.version = r.version)`,
		`DELETE FROM windlass_retired WHERE dataset = $1`)
}

func (e *Engine) moveLedger(ctx context.Context, datasetID, doing string, statements ...string) error {
	err := e.alter(ctx, datasetID, func(c *connection, _ *table) error {
		for _, sql := range statements {
			if _, err := c.exec(ctx, sql, datasetID); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	if err != nil {
		return fmt.Errorf("%s the ledger of %s: %w", doing, datasetID, err)
	}
	return nil
}
