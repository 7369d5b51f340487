package duckdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
)

// Commit merges what was staged into the dataset's table, in one transaction
// with the rejected rows and the ledger's entries.
func (l *load) Commit(ctx context.Context, end engine.Ending) (engine.Committed, error) {
	if l.over {
		return engine.Committed{}, errOver
	}
	defer l.finish()
	if l.failed != nil {
		return engine.Committed{}, l.failed
	}
	if err := l.flush(ctx); err != nil {
		return engine.Committed{}, err
	}
	var done engine.Committed
	err := l.engine.write(ctx, l.connection, func() error {
		var err error
		if done, err = l.merge(ctx); err == nil && end != nil {
			err = end(ctx, nil, done)
		}
		return err
	})
	if err != nil {
		return engine.Committed{}, err
	}
	l.engine.setTable(l.spec.DatasetID, l.to)
	return done, nil
}

func (l *load) flush(ctx context.Context) error {
	if err := l.rows.flush(ctx); err != nil {
		return fmt.Errorf("staging rows: %w", err)
	}
	if l.rejects != nil {
		if err := l.rejects.flush(ctx); err != nil {
			return fmt.Errorf("staging rejected rows: %w", err)
		}
	}
	return nil
}

// write runs fn in a transaction of the connection: the only one that writes.
func (e *Engine) write(ctx context.Context, c *connection, fn func() error) error {
	if err := e.writing.acquire(ctx); err != nil {
		return fmt.Errorf("waiting for another commit: %w", err)
	}
	defer e.writing.release()
	if _, err := c.exec(ctx, "BEGIN TRANSACTION"); err != nil {
		return err
	}
	err := fn()
	if err == nil {
		// From here on the answer must be known: no interruption.
		_, err = c.exec(context.WithoutCancel(ctx), "COMMIT")
		if err == nil {
			return nil
		}
		err = fmt.Errorf("committing: %w", err)
	}
	// When the transaction is gone already there is nothing to roll back.
	_, _ = c.exec(context.WithoutCancel(ctx), "ROLLBACK")
	return err
}

func (l *load) merge(ctx context.Context) (engine.Committed, error) {
	if err := l.commitLedger(ctx); err != nil {
		return engine.Committed{}, err
	}
	if err := change(ctx, l.connection, l.spec.DatasetID, l.from, l.to); err != nil {
		return engine.Committed{}, err
	}
	done, err := l.commitRows(ctx)
	if err != nil {
		return engine.Committed{}, fmt.Errorf("merging rows: %w", err)
	}
	if err := l.commitRejects(ctx); err != nil {
		return engine.Committed{}, fmt.Errorf("keeping rejected rows: %w", err)
	}
	l.to.nextSeq += l.count
	l.to.appendedRows += l.count
	l.to.appendedBytes += l.bytes
	l.to.updated = l.spec.Time
	if err := l.to.record(ctx, l.connection, l.spec.DatasetID, l.from); err != nil {
		return engine.Committed{}, fmt.Errorf("recording the table: %w", err)
	}
	return done, nil
}

func (l *load) commitRejects(ctx context.Context) error {
	if l.rejects == nil {
		return nil
	}
	_, err := l.connection.exec(ctx, `INSERT INTO windlass_reject (dataset, load, object, line, column_name, value, reason, seq)
		SELECT $1, $2, object, line, column_name, value, reason, $3 + rowid FROM staged_reject`,
		l.spec.DatasetID, l.spec.LoadID, l.from.sequence())
	return err
}

// sequence is the _seq of the next row.
func (t *table) sequence() int64 {
	if t == nil {
		return 0
	}
	return t.nextSeq
}

// commitRows merges the staged rows into the dataset's table.
func (l *load) commitRows(ctx context.Context) (engine.Committed, error) {
	name, err := quoteTable(l.spec.DatasetID)
	if err != nil {
		return engine.Committed{}, err
	}
	m := &merge{load: l, target: name, part: l.partNames()}
	there, err := l.connection.int64(ctx, "SELECT count(*) FROM "+name)
	if err != nil {
		return engine.Committed{}, err
	}
	index := l.spec.Schema.Index
	parts := [3]string{index.Key, index.Subkey, index.Date}
	if l.to.key != parts {
		l.to.key, l.to.notUnique = parts, false
	}
	switch {
	case !index.Unique || len(m.part) == 0 || index.Guessed && l.to.notUnique && there > 0:
		return m.keepAll(ctx, false)
	case index.Guessed && there == 0:
		return m.tryGuess(ctx)
	default:
		return m.keepOne(ctx, there)
	}
}

func (l *load) partNames() []string {
	names := make([]string, len(l.order.parts))
	for i, p := range l.order.parts {
		names[i] = physical(l.at[p])
	}
	return names
}

// merge is the setting in which staged rows become a dataset's rows.
type merge struct {
	load   *load
	target string   // quoted
	part   []string // the columns of the index
}

// keepAll inserts every staged row.
func (m *merge) keepAll(ctx context.Context, unique bool) (engine.Committed, error) {
	n, err := m.insert(ctx)
	return engine.Committed{Rows: n, Unique: unique}, err
}

// tryGuess is for the first load of a guessed index: no row is dropped for a
// guess.
func (m *merge) tryGuess(ctx context.Context) (engine.Committed, error) {
	twice, err := m.maybeTwice(ctx)
	if err != nil {
		return engine.Committed{}, err
	}
	m.load.to.notUnique = twice
	return m.keepAll(ctx, !twice)
}

// keepOne keeps one row for each value of the index: of the staged ones the
// first or the last, and of that and the one that is there the old or the new.
func (m *merge) keepOne(ctx context.Context, there int64) (engine.Committed, error) {
	lost, err := m.dropStagedTwins(ctx)
	if err != nil {
		return engine.Committed{}, err
	}
	if there > 0 {
		n, err := m.dropKnown(ctx)
		if err != nil {
			return engine.Committed{}, err
		}
		lost += n
	}
	n, err := m.insert(ctx)
	return engine.Committed{Rows: n, Duplicates: lost, Unique: true}, err
}

// maybeTwice says whether two staged rows may be equal in the index. No is
// certain.
func (m *merge) maybeTwice(ctx context.Context) (bool, error) {
	if m.load.order.distinct() {
		return false, nil
	}
	if twice, known := m.load.prints.twice(); known {
		return twice, nil
	}
	// Equal rows have equal hashes, and one number is cheaper to group by.
	n, err := m.load.connection.int64(ctx, "SELECT count(*) FROM (SELECT 1 FROM staged GROUP BY hash("+
		strings.Join(m.part, ", ")+") HAVING count(*) > 1 LIMIT 1)")
	return n > 0, err
}

// dropStagedTwins leaves one staged row for each value of the index.
func (m *merge) dropStagedTwins(ctx context.Context) (int64, error) {
	twice, err := m.maybeTwice(ctx)
	if err != nil || !twice {
		return 0, err
	}
	survivor := "min"
	if m.load.spec.Duplicates == engine.Replace {
		survivor = "max"
	}
	return m.load.connection.exec(ctx, "DELETE FROM staged USING (SELECT "+strings.Join(m.part, ", ")+", "+survivor+
		"(_seq) AS survivor FROM staged GROUP BY "+
		strings.Join(m.part, ", ")+" HAVING count(*) > 1) AS twin WHERE "+m.equal("staged", "twin")+
		" AND staged._seq <> twin.survivor")
}

// dropKnown drops, of the rows that are equal in the index, the staged ones or
// those that are there.
func (m *merge) dropKnown(ctx context.Context) (int64, error) {
	if m.load.spec.Duplicates == engine.Replace {
		return m.load.connection.exec(ctx, "DELETE FROM "+m.target+" AS old USING staged WHERE "+
			m.equal("old", "staged"))
	}
	return m.load.connection.exec(ctx, "DELETE FROM staged WHERE EXISTS (SELECT 1 FROM "+m.target+" AS old WHERE "+
		m.equal("old", "staged")+")")
}

// equal is the condition that rows of a and b are equal in the index.
func (m *merge) equal(a, b string) string {
	// Nothing equals a null with "=", so without a staged null both say the
	// same, and "=" is joined faster.
	operator := " = "
	if m.load.order.nulls {
		operator = " IS NOT DISTINCT FROM "
	}
	conditions := make([]string, len(m.part))
	for i, p := range m.part {
		conditions[i] = a + "." + p + operator + b + "." + p
	}
	return strings.Join(conditions, " AND ")
}

// insert moves the staged rows, sorted by the index, so that the rows of a key
// lie together and the others are skipped when it is looked up.
func (m *merge) insert(ctx context.Context) (int64, error) {
	columns := make([]string, len(m.load.at))
	for i, at := range m.load.at {
		columns[i] = physical(at)
	}
	list := strings.Join(columns, ", ")
	sql := "INSERT INTO " + m.target + " (" + list + ", _seq, _updated, _load) SELECT " + list +
		", $1 + _seq, $2, $3 FROM staged"
	if len(m.part) > 0 && !m.load.order.sorted() {
		sql += " ORDER BY " + strings.Join(m.part, ", ") + ", _seq"
	}
	return m.load.connection.exec(ctx, sql, m.load.from.sequence(), timestamp(m.load.spec.Time.UnixMicro()),
		m.load.spec.LoadID)
}
