package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// DeleteRows deletes the rows of a removal; see engine.Engine. It doesn't wait
// for a running load.
func (e *Engine) DeleteRows(ctx context.Context, removal engine.Removal) (engine.Deleted, error) {
	base, err := e.deletable(ctx, &removal)
	if err != nil {
		return engine.Deleted{}, err
	}
	if crossed(base, &removal) {
		return engine.Deleted{Version: base.Version}, engine.ErrCrossed
	}
	plan, err := parquetfile.NewPlan(&removal.Selection)
	if err != nil {
		return engine.Deleted{}, err
	}
	if base.table == "" || plan.None() {
		return engine.Deleted{Version: base.Version}, nil
	}
	if removal.Count {
		v := view{e, base}
		n, err := v.Count(ctx, &engine.Search{Selection: removal.Selection})
		return engine.Deleted{Rows: n, Version: base.Version}, err
	}
	var done engine.Deleted
	err = e.commit(ctx, e.writers, removal.DatasetID, func(c *change) (bool, error) {
		done = engine.Deleted{Version: c.base.Version}
		if crossed(c.base, &removal) {
			return false, engine.ErrCrossed
		}
		if !c.base.has(removal.Schema.Layout) {
			return false, engine.ErrStale
		}
		noted := removal.NewNoted(plan.Needs()[:plan.Outputs()])
		n, err := c.retire(ctx, plan, &removal, noted)
		if err != nil || n == 0 {
			return false, err
		}
		done = engine.Deleted{Rows: n, Version: c.next.Dataset.Version}
		c.next.Note, err = removal.NoteOf(noted)
		return err == nil, err
	})
	if err != nil && !errors.Is(err, engine.ErrCrossed) {
		return engine.Deleted{}, err
	}
	return done, err
}

// deletable returns the latest version of a dataset, if it has the removal's
// schema.
func (e *Engine) deletable(ctx context.Context, removal *engine.Removal) (*snapshot, error) {
	if _, err := e.entry(removal.DatasetID); err != nil {
		return nil, err
	}
	base, err := e.acquire(ctx, removal.DatasetID)
	if err == nil && !base.has(removal.Schema.Layout) {
		err = engine.ErrStale
	}
	return base, err
}

func crossed(base *snapshot, removal *engine.Removal) bool {
	return removal.IfVersion != nil && *removal.IfVersion != base.Version
}

// retire marks the rows of a plan as removed in this version, and adds them to noted,
// which may be nil.
func (c *change) retire(ctx context.Context, plan *parquetfile.Plan, removal *engine.Removal, noted *engine.Noted) (
	n int64, err error,
) {
	if c.table == "" {
		return 0, nil
	}
	from := source{snapshot: c.base, plan: plan}
	q := &statement{}
	if noted != nil {
		q.text.WriteString("WITH gone AS (")
	}
	fmt.Fprintf(&q.text, "UPDATE %s SET _to = %s WHERE _to = "+forever, c.engine.table(c.table),
		q.intArg(c.next.Dataset.Version))
	from.conditions(q)
	prefix, _ := from.prefix(&removal.Selection)
	writeRange(q, prefix)
	r := c.engine.readerOf(ctx, from, nil)
	if noted != nil {
		q.text.WriteString(" RETURNING ")
		for i := range plan.Needs() {
			q.text.WriteString(r.output(i) + ", ")
		}
		q.text.WriteString("_t) SELECT (SELECT count(*) FROM gone), gone.* FROM gone LIMIT " +
			q.intArg(int64(removal.MaxNoted)+1))
	}
	if from.stale || r.stale {
		return 0, engine.ErrStale
	}
	if noted == nil {
		n, err = c.exec(ctx, q.text.String(), q.args...)
	} else {
		n, err = c.readRetired(ctx, r, q)
		noted.Rows = r.batch
	}
	c.count(0, 0, n)
	return n, err
}

// readRetired runs a statement that returns the number of removed rows before the
// values of each.
func (c *change) readRetired(ctx context.Context, r *reader, q *statement) (n int64, err error) {
	rows, err := c.tx.Query(ctx, q.text.String(),
		append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, q.args...)...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues()
		n = int64(binary.BigEndian.Uint64(raw[0])) //nolint:gosec // a count
		if err := r.add(raw[1:]); err != nil {
			return 0, err
		}
	}
	return n, rows.Err()
}

// Drop removes a dataset's rows, rejected rows and ledger entries; see engine.Engine.
// It waits for a running load. The table is removed when no read uses it any more.
func (e *Engine) Drop(ctx context.Context, datasetID string) error {
	return e.alone(ctx, datasetID, func(s *session) error {
		if err := e.checkIdentity(ctx); err != nil {
			return err
		}
		if err := e.announceDrop(ctx, s, datasetID); err != nil {
			return unavailable(err, "dropping the rows of %s", datasetID)
		}
		ctx := context.WithoutCancel(ctx)
		if err := e.config.State.DropRows(ctx, datasetID); err != nil {
			return fmt.Errorf("dropping the rows of %s: %w", datasetID, err)
		}
		e.mu.Lock()
		s.entry.former = nil
		e.mu.Unlock()
		return unavailable(e.retireAll(ctx, datasetID), "dropping the rows of %s", datasetID)
	})
}

// announceDrop records that the table of a dataset will be dropped. The collector
// keeps it as long as the state has a version of the dataset.
func (e *Engine) announceDrop(ctx context.Context, s *session, datasetID string) error {
	return pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		if err := e.lockWrites(ctx, tx, datasetID); err != nil {
			return err
		}
		last, err := e.acquire(ctx, datasetID)
		if err != nil || last.table == "" {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO "+e.table("version")+` (dataset, version, made, retired)
			VALUES ($1, $2, '', $3) ON CONFLICT (dataset, version) DO NOTHING`, datasetID, dropVersion, last.table)
		return err
	})
}

// dropVersion is greater than all versions of a dataset.
const dropVersion = math.MaxInt64

// retireAll retires all tables of a dataset that has no version any more.
func (e *Engine) retireAll(ctx context.Context, datasetID string) error {
	_, err := e.pool.Exec(ctx, "UPDATE "+e.table("version")+` SET published = now(),
		retired = CASE WHEN made = '' THEN retired ELSE made END WHERE dataset = $1 AND published IS NULL`, datasetID)
	return err
}

// Retire sets a dataset's ledger entries aside; see engine.Engine.
func (e *Engine) Retire(ctx context.Context, datasetID string) error {
	return e.alone(ctx, datasetID, func(*session) error { return e.config.State.RetireLedger(ctx, datasetID) })
}

// Reinstate restores a dataset's ledger entries; see engine.Engine.
func (e *Engine) Reinstate(ctx context.Context, datasetID string) error {
	return e.alone(ctx, datasetID, func(*session) error { return e.config.State.ReinstateLedger(ctx, datasetID) })
}

// alone calls fn while the dataset has no running load.
func (e *Engine) alone(ctx context.Context, datasetID string, fn func(*session) error) error {
	s, err := e.begin(ctx, datasetID)
	if err != nil {
		return err
	}
	defer s.end() //nolint:contextcheck // the end isn't cancelled
	return fn(s)
}

// Ledger lists the entries of a source; see engine.Engine.
func (e *Engine) Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) (
	[]engine.LedgerEntry, error,
) {
	return e.config.State.Ledger(ctx, sourceID, datasetID, afterKey, limit)
}

// History lists the entries of objects; see engine.Engine.
func (e *Engine) History(ctx context.Context, sourceID, datasetID string, keys []string) (
	[]engine.LedgerEntry, error,
) {
	return e.config.State.History(ctx, sourceID, datasetID, keys)
}

// Recorded finds which of the objects the ledger has; see engine.Engine.
func (e *Engine) Recorded(ctx context.Context, sourceID, datasetID string, objects []engine.ObjectVersion) (
	[]engine.LedgerEntry, error,
) {
	return e.config.State.Recorded(ctx, sourceID, datasetID, objects)
}

// Rejects calls fn for each rejected row of a load; see engine.Engine.
func (e *Engine) Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error {
	return staged.EachReject(ctx, e.config.State, loadID, fn)
}
