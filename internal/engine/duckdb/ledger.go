package duckdb

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// The ledger's columns, without the dataset, in the order in which they are
// staged and read.
const ledgerColumns = "source, key, version, load, outcome, reason, size, modified, rows, rejected, recorded"

var ledgerTypes = []dataset.Type{
	dataset.String, dataset.String, dataset.String, dataset.String, dataset.String, dataset.String,
	dataset.Integer, dataset.DateTime, dataset.Integer, dataset.Integer, dataset.DateTime,
}

// commitLedger writes the load's ledger entries. An object that was loaded
// before is a conflict; an entry that says it was skipped, or failed, gives
// way to the new one.
func (l *load) commitLedger(ctx context.Context) error {
	if len(l.objects) == 0 {
		return nil
	}
	if err := l.stageLedger(ctx); err != nil {
		return fmt.Errorf("staging the ledger: %w", err)
	}
	if err := l.checkLedger(ctx); err != nil {
		return err
	}
	for _, sql := range []string{
		`UPDATE windlass_ledger AS old SET load = s.load, outcome = s.outcome, reason = s.reason, size = s.size, modified = s.modified,
			rows = s.rows, rejected = s.rejected, recorded = s.recorded, dataset = s.dataset
			FROM staged_ledger AS s WHERE old.source = s.source AND old.key = s.key AND old.version = s.version`,
		`INSERT INTO windlass_ledger (dataset, ` + ledgerColumns + `) SELECT dataset, ` + ledgerColumns + ` FROM staged_ledger AS s
			WHERE NOT EXISTS (SELECT 1 FROM windlass_ledger AS old WHERE old.source = s.source AND old.key = s.key AND old.version = s.version)`,
	} {
		if _, err := l.connection.exec(ctx, sql); err != nil {
			return fmt.Errorf("writing the ledger: %w", err)
		}
	}
	return nil
}

func (l *load) stageLedger(ctx context.Context) error {
	if _, err := l.connection.exec(ctx, `CREATE TEMP TABLE staged_ledger (source VARCHAR, key VARCHAR, version VARCHAR, load VARCHAR,
		outcome VARCHAR, reason VARCHAR, size BIGINT, modified TIMESTAMP, rows BIGINT, rejected BIGINT, recorded TIMESTAMP, dataset VARCHAR)`); err != nil {
		return err
	}
	types := append(append([]dataset.Type{}, ledgerTypes...), dataset.String)
	a, err := newAppender(l.connection, "staged_ledger", types)
	if err != nil {
		return err
	}
	defer a.close()
	v := newVectors(types)
	for _, o := range l.objects {
		for i, s := range []string{o.SourceID, o.Object.Key, o.Object.Version, o.LoadID, string(o.Outcome), o.Reason} {
			v[i].AppendBytes(clean(s))
		}
		v[6].AppendInt(o.Size)
		if o.Modified.IsZero() {
			v[7].AppendNull()
		} else {
			v[7].AppendInt(o.Modified.UnixMicro())
		}
		v[8].AppendInt(o.Rows)
		v[9].AppendInt(o.Rejected)
		v[10].AppendInt(o.Time.UnixMicro())
		v[11].AppendBytes([]byte(l.spec.DatasetID))
	}
	if err := a.append(ctx, v, len(l.objects), nil); err != nil {
		return err
	}
	return a.flush(ctx)
}

func (l *load) checkLedger(ctx context.Context) error {
	for _, sql := range []string{
		`SELECT s.key, s.version FROM staged_ledger AS s JOIN windlass_ledger AS old
			ON old.source = s.source AND old.key = s.key AND old.version = s.version WHERE old.outcome = 'loaded' ORDER BY s.key LIMIT 1`,
		`SELECT key, version FROM staged_ledger GROUP BY source, key, version HAVING count(*) > 1 ORDER BY key LIMIT 1`,
	} {
		r, err := l.connection.query(ctx, sql)
		if err != nil {
			return err
		}
		b, err := r.all(ctx, dataset.String, dataset.String)
		if err != nil {
			return err
		}
		if b.Rows > 0 {
			return problem.New(problem.Conflict, "Object %q in version %q is loaded already.", text(b, 0, 0),
				text(b, 1, 0)).
				WithHint("Plan the load again: what is loaded is left out.")
		}
	}
	return nil
}

// Ledger lists the entries of a source after a key; see engine.Engine. All
// versions of a key come in one answer, unless they alone are more than limit.
func (e *Engine) Ledger(ctx context.Context, sourceID, afterKey string, limit int) ([]engine.LedgerEntry, error) {
	c, err := e.readers.take(ctx)
	if err != nil {
		return nil, err
	}
	defer e.readers.put(c)
	r, err := c.query(ctx, `SELECT `+ledgerColumns+
		` FROM windlass_ledger WHERE source = $1 AND key > $2 ORDER BY key, recorded, version LIMIT $3`,
		sourceID, afterKey, int64(limit)+1)
	if err != nil {
		return nil, err
	}
	entries, err := readLedger(ctx, r)
	if err != nil || len(entries) <= limit {
		return entries, err
	}
	n := limit
	for n > 0 && entries[n-1].Object.Key == entries[limit].Object.Key {
		n--
	}
	if n == 0 {
		n = limit
	}
	return entries[:n], nil
}

// Recorded finds which of the objects the ledger has; see engine.Engine.
func (e *Engine) Recorded(ctx context.Context, sourceID string,
	objects []engine.ObjectVersion,
) ([]engine.LedgerEntry, error) {
	if len(objects) == 0 {
		return nil, nil
	}
	c, err := e.readers.take(ctx)
	if err != nil {
		return nil, err
	}
	defer e.readers.put(c)
	if err := stageWanted(ctx, c, objects); err != nil {
		return nil, fmt.Errorf("staging the objects to look for: %w", err)
	}
	r, err := c.query(ctx, `SELECT `+ledgerColumns+` FROM windlass_ledger JOIN (SELECT DISTINCT key, version FROM wanted) USING (key, version)
		WHERE source = $1 ORDER BY key, version`, sourceID)
	if err != nil {
		return nil, err
	}
	found, err := readLedger(ctx, r)
	if _, dropped := c.exec(ctx, "DROP TABLE wanted"); err == nil {
		err = dropped
	}
	return found, err
}

func stageWanted(ctx context.Context, c *connection, objects []engine.ObjectVersion) error {
	if _, err := c.exec(ctx, `CREATE OR REPLACE TEMP TABLE wanted (key VARCHAR, version VARCHAR)`); err != nil {
		return err
	}
	types := []dataset.Type{dataset.String, dataset.String}
	a, err := newAppender(c, "wanted", types)
	if err != nil {
		return err
	}
	defer a.close()
	v := newVectors(types)
	for _, o := range objects {
		v[0].AppendBytes(clean(o.Key))
		v[1].AppendBytes(clean(o.Version))
	}
	if err := a.append(ctx, v, len(objects), nil); err != nil {
		return err
	}
	return a.flush(ctx)
}

func readLedger(ctx context.Context, r *result) ([]engine.LedgerEntry, error) {
	b, err := r.all(ctx, ledgerTypes...)
	if err != nil {
		return nil, err
	}
	entries := make([]engine.LedgerEntry, b.Rows)
	for i := range entries {
		entries[i] = engine.LedgerEntry{
			SourceID: text(b, 0, i),
			Object:   engine.ObjectVersion{Key: text(b, 1, i), Version: text(b, 2, i)},
			LoadID:   text(b, 3, i),
			Outcome:  engine.Outcome(text(b, 4, i)),
			Reason:   text(b, 5, i),
			Size:     b.Vectors[6].Ints[i],
			Modified: moment(b, 7, i),
			Rows:     b.Vectors[8].Ints[i],
			Rejected: b.Vectors[9].Ints[i],
			Time:     moment(b, 10, i),
		}
	}
	return entries, nil
}
