package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// alteration is a change of a dataset's schema. It writes converted rows to a new
// table, which is invisible until the commit.
type alteration struct {
	engine  *Engine
	session *session // nil: a dry run
	base    *snapshot
	before  dataset.Schema
	over    bool
}

// Alter begins a change; see engine.Alterer.
func (e *Engine) Alter(ctx context.Context, datasetID string, before dataset.Schema, look bool) (
	engine.Alteration, error,
) {
	if _, err := e.entry(datasetID); err != nil {
		return nil, err
	}
	a := &alteration{engine: e, before: before}
	err := a.lock(ctx, datasetID, look)
	if err == nil {
		a.base, err = e.acquire(ctx, datasetID)
	}
	if err == nil && !a.base.has(before.Layout) {
		err = engine.ErrStale
	}
	if err != nil {
		return nil, errors.Join(err, a.Close()) //nolint:contextcheck // the end isn't cancelled
	}
	return a, nil
}

// lock keeps loads, and then other commits, out of the dataset.
func (a *alteration) lock(ctx context.Context, datasetID string, look bool) (err error) {
	if look {
		return nil
	}
	if a.session, err = a.engine.begin(ctx, datasetID); err != nil {
		return err
	}
	_, err = a.session.conn.Exec(ctx, "SELECT pg_advisory_lock("+a.engine.writeLock(datasetID)+")")
	return unavailable(err, "waiting for a commit into %s", datasetID)
}

// Rows counts the rows.
func (a *alteration) Rows() int64 { return a.base.Rows }

// Close ends the change.
func (a *alteration) Close() error {
	if a.over {
		return nil
	}
	a.over = true
	if a.session != nil {
		a.session.end()
	}
	if a.base != nil {
		a.engine.unpin(context.Background(), a.base)
	}
	return nil
}

// Scan reads all rows; see engine.Alteration.
func (a *alteration) Scan(ctx context.Context, columns []string, fn func(*dataset.Batch) error) error {
	return a.engine.each(ctx, a.base, a.before, columns, func(r *reader) error { return fn(&r.batch) })
}

// Repeats counts rows with the same index; see engine.Alteration.
func (a *alteration) Repeats(ctx context.Context, copying *engine.Copy) (n int64, err error) {
	conn, err := a.engine.writers.Acquire(ctx)
	if err != nil {
		return 0, unavailable(err, "waiting for a connection")
	}
	defer conn.Release()
	defer func() { _, _ = conn.Exec(context.WithoutCancel(ctx), "DISCARD TEMP") }()
	if _, err := conn.Exec(ctx, "CREATE TEMP TABLE repeats (_t bytea NOT NULL, _seq int8 NOT NULL)"); err != nil {
		return 0, unavailable(err, "making a table")
	}
	w := &copier{schema: copying.Schema, how: copying}
	tupler := newTupler(copying.Schema.Columns, manifest.IndexOf(copying.Schema))
	err = a.engine.each(ctx, a.base, a.before, copying.Columns, func(r *reader) error {
		b, err := w.convert(r)
		if err != nil {
			return err
		}
		b.s.updated = nil
		for i := range b.Rows {
			b.s.tuples = append(b.s.tuples, tupler.of(b.Vectors, i))
		}
		_, err = copyInto(ctx, conn.Conn(), "repeats", nil, nil, b.Rows, &b.s)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = conn.QueryRow(ctx, "SELECT count(*) - count(DISTINCT _t) FROM repeats").Scan(&n)
	return n, unavailable(err, "comparing rows of dataset %s", a.base.ID)
}

// Commit makes the change; see engine.Alteration.
func (a *alteration) Commit(ctx context.Context, altered *engine.Altered, end engine.Ending) (engine.Committed, error) {
	if a.over || a.session == nil {
		return engine.Committed{}, staged.ErrOver
	}
	defer a.Close() //nolint:errcheck,contextcheck // it returns none, and isn't cancelled
	var done engine.Committed
	err := a.engine.commit(ctx, a.session.conn, a.base.ID, func(c *change) (bool, error) {
		if c.base.Version != a.base.Version { // the lock was lost, and another commit followed
			return false, engine.ErrStale
		}
		err := a.build(ctx, c, altered)
		done, c.next.End = c.next.Committed, end
		return true, err
	})
	if err != nil {
		return engine.Committed{}, err
	}
	a.engine.keepFormer(a.session.entry, a.base)
	return done, nil
}

// build writes the rows with the new schema.
func (a *alteration) build(ctx context.Context, c *change, altered *engine.Altered) error {
	next := &c.next.Dataset
	next.Layout, next.Index, next.NotUnique = altered.After.Layout, manifest.IndexOf(altered.After), false
	next.Columns = nil
	for _, column := range altered.After.Columns {
		next.Columns = append(next.Columns, dataset.Column{
			Name: column.Name, Type: column.Type, Precision: column.Precision, Scale: column.Scale,
		})
	}
	if err := checkLimits(next.Columns); err != nil {
		return err
	}
	if a.base.table == "" {
		c.next.Committed.Rows = next.Rows
		return nil
	}
	w := &copier{change: c, schema: altered.After, how: altered.Copy, kept: altered.Kept, rejects: &staged.Rejects{}}
	if w.how != nil {
		w.schema, c.next.LoadID = altered.Copy.Schema, altered.LoadID
	}
	if err := c.newTable(ctx, next.Columns); err != nil {
		return err
	}
	if err := w.copy(ctx, a.session.conn.Conn(), &a.before); err != nil {
		return err
	}
	next.Rows, next.Bytes = w.rows, w.bytes
	if w.how != nil {
		if err := a.reduce(ctx, c, w); err != nil {
			return err
		}
	}
	c.next.Committed.Rows = next.Rows
	return a.engine.makeIndexes(ctx, c.tx, c.made, next.Index)
}

// reduce keeps one row for each value of a unique index, and stores the
// rejected rows.
func (a *alteration) reduce(ctx context.Context, c *change, w *copier) error {
	if err := w.rejects.Flush(); err != nil {
		return err
	}
	c.next.Rejects = w.rejects.Parts
	if !w.how.Schema.Index.Unique {
		return nil
	}
	order := ""
	if w.how.Keep == engine.KeepLast {
		order = " DESC"
	}
	n, err := c.exec(ctx, fmt.Sprintf(`DELETE FROM %s WHERE _seq IN (SELECT _seq FROM
		(SELECT _seq, row_number() OVER (PARTITION BY _t ORDER BY _seq%s) AS place FROM %s) s WHERE place > 1)`,
		a.engine.table(c.made), order, a.engine.table(c.made)))
	if err != nil {
		return err
	}
	c.count(0, 0, n)
	c.next.Committed.Duplicates, c.next.Committed.Unique = n, true
	return nil
}
