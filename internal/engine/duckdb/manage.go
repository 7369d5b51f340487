package duckdb

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/engine"
)

// Stats counts a dataset's rows; see engine.Engine. Bytes are estimated from
// what its rows weighed when they came.
func (e *Engine) Stats(ctx context.Context, datasetID string) (engine.Stats, error) {
	name, err := quoteTable(datasetID)
	if err != nil {
		return engine.Stats{}, err
	}
	t := e.table(datasetID)
	if t == nil {
		return engine.Stats{}, nil
	}
	c, err := e.readers.take(ctx)
	if err != nil {
		return engine.Stats{}, err
	}
	defer e.readers.put(c)
	n, err := c.int64(ctx, "SELECT count(*) FROM "+name)
	if err != nil {
		return engine.Stats{}, err
	}
	stats := engine.Stats{Rows: n, Updated: t.updated}
	if t.appendedRows > 0 {
		stats.Bytes = int64(float64(t.appendedBytes) / float64(t.appendedRows) * float64(n))
	}
	return stats, nil
}

// DeleteRows deletes the rows a selection names; see engine.Engine. Order,
// limit and offset do not count.
func (e *Engine) DeleteRows(ctx context.Context, s engine.Selection) (int64, error) {
	name, err := quoteTable(s.DatasetID)
	if err != nil {
		return 0, err
	}
	var n int64
	err = e.alter(ctx, s.DatasetID, func(c *connection, t *table) error {
		q := &query{table: t}
		if err := q.conditions(&s); err != nil || q.none {
			return err
		}
		n, err = c.exec(ctx, "DELETE FROM "+name+q.whereSQL(), q.args...)
		return err
	}, nil)
	return n, err
}

// Drop removes a dataset's rows, rejected rows and ledger entries; see
// engine.Engine. It waits for a load that is under way.
func (e *Engine) Drop(ctx context.Context, datasetID string) error {
	name, err := quoteTable(datasetID)
	if err != nil {
		return err
	}
	err = e.alter(ctx, datasetID, func(c *connection, _ *table) error {
		for _, own := range []string{
			"windlass_dataset", "windlass_column", "windlass_ledger", "windlass_retired",
			"windlass_reject",
		} {
			if _, err := c.exec(ctx, "DELETE FROM "+own+" WHERE dataset = $1", datasetID); err != nil {
				return err
			}
		}
		_, err := c.exec(ctx, "DROP TABLE "+name)
		return err
	}, func() { e.setTable(datasetID, nil) })
	if err != nil {
		return fmt.Errorf("dropping the rows of %s: %w", datasetID, err)
	}
	return nil
}

// alter runs fn in a transaction, and then, when it is committed, done; all
// while no load of the dataset is under way. A dataset that has no table is
// left alone.
func (e *Engine) alter(ctx context.Context, datasetID string, fn func(*connection, *table) error, done func()) error {
	release, err := e.lockDataset(ctx, datasetID)
	if err != nil {
		return err
	}
	defer release()
	t := e.table(datasetID)
	if t == nil {
		return nil
	}
	c, err := connect(&e.database)
	if err != nil {
		return err
	}
	defer c.close()
	err = e.write(ctx, c, func() error { return fn(c, t) })
	if err == nil && done != nil {
		done()
	}
	return err
}
