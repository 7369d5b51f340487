package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// Commit makes the load durable and visible; see engine.Load.
func (l *load) Commit(ctx context.Context, end engine.Ending) (engine.Committed, error) {
	if l.Over {
		return engine.Committed{}, staged.ErrOver
	}
	defer l.finish() //nolint:contextcheck // the end isn't cancelled
	if l.Failed != nil {
		return engine.Committed{}, l.Failed
	}
	if err := l.addColumns(ctx); err != nil {
		return engine.Committed{}, err
	}
	m := &merge{load: l, end: end}
	err := l.engine.commit(ctx, l.session.conn, l.Spec.DatasetID, func(c *change) (bool, error) {
		m.change, m.done = c, engine.Committed{}
		return true, m.build(ctx)
	})
	if err != nil {
		return engine.Committed{}, err
	}
	return m.done, nil
}

// merge builds the commit of a load.
type merge struct {
	*load
	*change
	end  engine.Ending
	done engine.Committed
}

func (m *merge) build(ctx context.Context) error {
	l, next := m.load, &m.next.Dataset
	if l.Crossed(m.base.Version) {
		return engine.ErrCrossed
	}
	if !m.base.has(l.Spec.Schema.Layout) {
		return engine.ErrStale
	}
	columns, err := staged.Fit(m.base.Columns, l.Spec.Schema.Columns, l.Spec.NoValues)
	if err != nil {
		return err
	}
	parts := manifest.IndexOf(l.Spec.Schema)
	next.Layout, next.Columns = l.Spec.Schema.Layout, columns
	next.NotUnique = next.NotUnique && next.Index == parts
	next.Index, next.Updated = parts, l.Spec.Time
	next.NextSeq = max(next.NextSeq, l.NextSeq)
	if err := m.prepare(ctx); err != nil {
		return err
	}
	if err := m.remove(ctx); err != nil {
		return err
	}
	if err := m.insert(ctx); err != nil {
		return err
	}
	if m.made != "" {
		if err := m.change.engine.makeIndexes(ctx, m.tx, m.made, parts); err != nil {
			return err
		}
	}
	if err := l.Fill(m.next); err != nil {
		return err
	}
	m.done.Version = next.Version
	m.next.Committed, m.next.End = m.done, m.end
	return nil
}

// prepare adapts the table to the columns and the index: it adds columns, or writes
// all rows to a new table.
func (m *merge) prepare(ctx context.Context) error {
	next := &m.next.Dataset
	if m.base.table == "" || m.base.Rows == 0 && !m.sameTable() {
		return m.newTable(ctx, next.Columns)
	}
	if !m.sameTable() {
		return m.rewrite(ctx)
	}
	return nil
}

// addColumns adds the load's new columns to the table of the dataset. It does so
// before the commit, because adding a column blocks readers until its transaction
// ends. If the load doesn't commit, the columns do no harm.
func (l *load) addColumns(ctx context.Context) error {
	base, err := l.engine.acquire(ctx, l.Spec.DatasetID)
	if err != nil || base.table == "" || len(base.Columns) == len(l.fitted) || !base.keeps(l.fitted) {
		return err
	}
	var list []string
	for i := len(base.Columns); i < len(l.fitted); i++ {
		list = append(list, "ADD COLUMN IF NOT EXISTS "+columnName(i, l.fitted[i])+" "+
			kinds[kindOf(l.fitted[i].Type)].sql)
	}
	_, err = l.session.conn.Exec(ctx, "ALTER TABLE "+l.engine.table(base.table)+" "+strings.Join(list, ", "))
	return unavailable(err, "adding columns to dataset %s", l.Spec.DatasetID)
}

// keeps reports whether the table can store these columns. There may be additional
// ones at the end.
func (s *snapshot) keeps(columns []dataset.Column) bool {
	for i, c := range s.Columns {
		if kindOf(c.Type) != kindOf(columns[i].Type) {
			return false
		}
	}
	return true
}

// sameTable reports whether the table can store the rows of the next version.
func (m *merge) sameTable() bool {
	return m.base.Index == m.next.Dataset.Index && m.base.keeps(m.next.Dataset.Columns)
}

// rewrite writes the rows of the dataset to a new table.
func (m *merge) rewrite(ctx context.Context) error {
	next := &m.next.Dataset
	if err := m.newTable(ctx, next.Columns); err != nil {
		return err
	}
	schema := dataset.Schema{Columns: next.Columns, Index: m.Spec.Schema.Index, Layout: m.base.Layout}
	w := &copier{change: m.change, schema: schema}
	return w.copyAll(ctx, m.session.conn.Conn())
}

// remove retires the rows of objects that the load removes.
func (m *merge) remove(ctx context.Context) error {
	var from, to []int64
	for _, r := range m.Removals() {
		entry := &r.Entry
		if entry.Spans == nil && entry.Rows > 0 {
			return problem.New(problem.Conflict, "The rows of object %q are not known: an earlier release loaded it.",
				entry.Object.Key)
		}
		for _, s := range entry.Spans {
			from, to = append(from, s.From), append(to, s.To)
		}
	}
	if len(from) == 0 {
		return nil
	}
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range from {
		low, high = min(low, from[i]), max(high, to[i])
	}
	n, err := m.exec(ctx, "UPDATE "+m.change.engine.table(m.table)+` t SET _to = $1 WHERE _to = `+forever+`
		AND _seq >= $4 AND _seq < $5
		AND EXISTS (SELECT FROM unnest($2::int8[], $3::int8[]) AS s(low, high)
			WHERE t._seq >= s.low AND t._seq < s.high)`,
		m.next.Dataset.Version, from, to, low, high)
	m.done.Removed = n
	m.count(0, 0, n)
	return err
}

// insert merges the staged rows.
func (m *merge) insert(ctx context.Context) error {
	mode := staged.ModeOf(&m.Spec, &m.base.Dataset)
	m.done.Unique = mode == staged.KeepOne
	if m.rows > 0 {
		if _, err := m.exec(ctx, "ANALYZE stage"); err != nil {
			return err
		}
	}
	if mode == staged.Observe {
		if err := m.observe(ctx); err != nil {
			return err
		}
	}
	if m.rows == 0 {
		return nil
	}
	from := "stage"
	if mode == staged.KeepOne {
		var err error
		if from, err = m.choose(ctx); err != nil {
			return err
		}
	}
	columns := m.stageColumns()
	n, err := m.exec(ctx, "INSERT INTO "+m.change.engine.table(m.table)+" ("+columns.table+
		"_t, _seq, _updated, _from, _to) SELECT "+
		columns.stage+"_t, _seq, $1::timestamp, $2::int8, "+forever+" FROM "+from+" ORDER BY _t, _seq",
		momentOf(m.Spec.Time.UnixMicro()), m.next.Dataset.Version)
	if err != nil {
		return err
	}
	m.done.Rows = n
	if mode == staged.KeepOne {
		m.done.Duplicates += m.rows - n
	}
	m.count(n, int64(float64(m.bytes)*(float64(n)/float64(m.rows))), 0)
	return nil
}

// stageColumns are the names of the load's columns in the table and in the stage.
func (m *merge) stageColumns() (c struct{ table, stage string }) {
	for i, s := range m.columns {
		for at, f := range m.next.Dataset.Columns {
			if f.Name == s.Name {
				c.table += columnName(at, f) + ", "
				c.stage += columnName(i, s) + ", "
			}
		}
	}
	return c
}

// choose returns the staged rows to keep, one for each value of the index. With
// replace it retires the rows that they replace.
func (m *merge) choose(ctx context.Context) (string, error) {
	table := m.change.engine.table(m.table)
	if m.Spec.Duplicates == engine.Replace {
		n, err := m.exec(ctx, "UPDATE "+table+" t SET _to = $1 FROM (SELECT DISTINCT _t FROM stage) s WHERE t._t = s._t AND t._to = "+
			forever, m.next.Dataset.Version)
		if err != nil {
			return "", err
		}
		m.count(0, 0, n)
		m.done.Duplicates += n
		return "(SELECT DISTINCT ON (_t) * FROM stage ORDER BY _t, _seq DESC) s", nil
	}
	if err := m.known(ctx); err != nil {
		return "", err
	}
	return "(SELECT DISTINCT ON (_t) * FROM stage ORDER BY _t, _seq) s WHERE NOT EXISTS (SELECT FROM known k WHERE k._t = s._t)", nil
}

// known finds the index values that the dataset already has. They need their own
// table, because Citus can't join temporary tables in a condition.
func (m *merge) known(ctx context.Context) error {
	if _, err := m.exec(ctx, "DROP TABLE IF EXISTS known"); err != nil {
		return err
	}
	_, err := m.exec(ctx, "CREATE TEMP TABLE known AS SELECT DISTINCT t._t FROM "+m.change.engine.table(m.table)+
		" t JOIN stage s ON t._t = s._t WHERE t._to = "+forever)
	if err == nil {
		_, err = m.exec(ctx, "ANALYZE known")
	}
	return err
}

// observe checks whether the index is still unique.
func (m *merge) observe(ctx context.Context) error {
	m.done.Unique = true
	if m.rows > 0 {
		if err := m.known(ctx); err != nil {
			return err
		}
		var twins bool
		err := m.tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM known) OR (SELECT count(*) > count(DISTINCT _t) FROM stage)").
			Scan(&twins)
		if err != nil {
			return fmt.Errorf("comparing rows: %w", err)
		}
		m.done.Unique = !twins
	}
	m.next.Dataset.NotUnique = !m.done.Unique
	return nil
}
