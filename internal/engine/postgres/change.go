package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxCrossings limits how often a commit starts over because of other commits.
const maxCrossings = 100

// change is a commit in progress: rows of the next version, in a transaction that
// ends once the state names the version.
type change struct {
	engine *Engine
	tx     pgx.Tx
	base   *snapshot
	next   *manifest.Commit
	table  string // of the next version; empty: none
	made   string // the table, if it is new
	done   bool   // the transaction is committed
}

// change calls build in a transaction on the rows of a dataset, and then records the
// version in the state. build returns false if there is nothing to commit. If another
// commit came first, change starts over.
func (e *Engine) change(ctx context.Context, conn pgx.Tx, datasetID string, build func(*change) (bool, error)) error {
	c := &change{engine: e, tx: conn}
	if err := e.lockWrites(ctx, c.tx, datasetID); err != nil {
		return unavailable(err, "committing into dataset %s", datasetID)
	}
	var err error
	if c.base, err = e.acquire(ctx, datasetID); err != nil {
		return err
	}
	c.table = c.base.table
	c.next = c.base.next(e.config.Now())
	if err := c.undo(ctx); err != nil {
		return unavailable(err, "removing what an interrupted commit left of dataset %s", datasetID)
	}
	if ok, err := build(c); err != nil || !ok {
		return unavailable(err, "committing into dataset %s", datasetID)
	}
	if err := c.note(ctx); err != nil {
		return unavailable(err, "committing into dataset %s", datasetID)
	}
	return c.publish(ctx)
}

// beginner begins transactions.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// commit repeats a change until no other commit comes first.
func (e *Engine) commit(ctx context.Context, on beginner, datasetID string, build func(*change) (bool, error)) error {
	if e.config.Wrote != nil {
		began := time.Now() //nolint:forbidigo // only the difference counts
		defer func() { e.config.Wrote(time.Since(began)) }()
	}
	for range maxCrossings {
		tx, err := on.Begin(ctx)
		if err != nil {
			return unavailable(err, "committing into dataset %s", datasetID)
		}
		err = e.change(ctx, tx, datasetID, build)
		if rolled := tx.Rollback(context.WithoutCancel(ctx)); rolled != nil && !errors.Is(rolled, pgx.ErrTxClosed) &&
			err == nil {
			err = rolled
		}
		if !errors.Is(err, manifest.ErrCrossed) {
			return err
		}
	}
	return problem.New(problem.Unavailable, "%d other commits into the dataset came first.", maxCrossings).
		WithHint("Load again.")
}

// publish records the version in the state. The rows become durable before
// that transaction. If it fails, they aren't visible.
func (c *change) publish(ctx context.Context) error {
	if err := c.engine.checkIdentity(ctx); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // from here on, the result must be known
	c.next.Publish = func(ctx context.Context) error {
		if c.done {
			return nil
		}
		if err := c.tx.Commit(ctx); err != nil {
			return unavailable(err, "making the rows of dataset %s durable", c.base.ID)
		}
		c.done = true
		return nil
	}
	return c.engine.config.State.CommitRows(ctx, c.next)
}

// undo removes the rows of commits that ended before the state recorded their
// versions.
func (c *change) undo(ctx context.Context) error {
	rows, err := c.tx.Query(ctx, "SELECT made FROM "+c.engine.table("version")+" WHERE dataset = $1 AND version > $2",
		c.base.ID, c.base.Version)
	if err != nil {
		return err
	}
	made, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(made) == 0 {
		return err
	}
	for _, table := range made {
		if table != "" && table != c.base.table {
			if _, err := c.tx.Exec(ctx, "DROP TABLE IF EXISTS "+c.engine.table(table)); err != nil {
				return err
			}
		}
	}
	if c.base.table != "" {
		table := c.engine.table(c.base.table)
		if _, err := c.tx.Exec(ctx, "DELETE FROM "+table+" WHERE _from > $1", c.base.Version); err != nil {
			return err
		}
		if _, err := c.tx.Exec(ctx, "UPDATE "+table+" SET _to = "+forever+" WHERE _to > $1 AND _to < "+forever,
			c.base.Version); err != nil {
			return err
		}
	}
	_, err = c.tx.Exec(ctx, "DELETE FROM "+c.engine.table("version")+" WHERE dataset = $1 AND version > $2",
		c.base.ID, c.base.Version)
	return err
}

// note records the version in the database. If its commit is interrupted, the
// next one undoes it. Rows that it retired are collected later.
func (c *change) note(ctx context.Context) error {
	retired := ""
	if c.table != c.base.table {
		retired = c.base.table
	}
	_, err := c.tx.Exec(ctx, "INSERT INTO "+c.engine.table("version")+
		" (dataset, version, made, retired) VALUES ($1, $2, $3, $4)", c.base.ID, c.next.Dataset.Version, c.made,
		retired)
	return err
}

// newTable creates a new table for the next version.
func (c *change) newTable(ctx context.Context, columns []dataset.Column) error {
	c.made = id.New("seg", c.engine.config.Now())
	if c.base.table != "" {
		c.next.Remove = []string{c.base.table}
	}
	c.table = c.made
	c.next.Add = []manifest.Segment{{ID: c.made, CreatedAt: c.engine.config.Now(), CreatedBy: c.next.LoadID}}
	return c.engine.makeTable(ctx, c.tx, c.made, c.base.ID, columns)
}

// exec runs a statement and returns the number of rows that it changed.
func (c *change) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := c.tx.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}

// count adds added and removed rows to the counts.
func (c *change) count(added, addedBytes, gone int64) {
	d := &c.next.Dataset
	if d.Rows > 0 {
		d.Bytes -= int64(float64(d.Bytes) * (float64(gone) / float64(d.Rows)))
	}
	d.Rows += added - gone
	d.Bytes = max(d.Bytes+addedBytes, 0)
}
