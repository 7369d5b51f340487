package duckdb

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxColumns bounds a dataset's columns.
const maxColumns = 2000

// load is a load under way. Its rows are staged in temporary tables of its
// connection.
type load struct {
	engine     *Engine
	spec       engine.LoadSpec
	connection *connection
	release    func() // lets the next load of the dataset begin

	from, to *table // the dataset's table as it is, and as it shall be
	at       []int  // for each column of the schema its place in the table
	order    *order
	prints   *fingerprints // nil when the index is not unique

	rows    *appender
	count   int64 // rows appended
	bytes   int64
	rejects *appender // nil until a row is rejected
	objects []engine.LedgerEntry
	failed  error // what went wrong while staging: such a load cannot commit
	over    bool
}

// Begin starts a load; see engine.Engine.
func (e *Engine) Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error) {
	if err := checkSpec(spec); err != nil {
		return nil, err
	}
	release, err := e.lockDataset(ctx, spec.DatasetID)
	if err != nil {
		return nil, err
	}
	l := &load{engine: e, spec: spec, release: release}
	if err := l.begin(ctx); err != nil {
		l.finish()
		return nil, err
	}
	return l, nil
}

func checkSpec(spec engine.LoadSpec) error {
	if _, err := quoteTable(spec.DatasetID); err != nil {
		return err
	}
	if spec.Duplicates != engine.Ignore && spec.Duplicates != engine.Replace {
		return problem.New(problem.Invalid, "Duplicates can be %q or %q, not %q.", engine.Ignore, engine.Replace,
			spec.Duplicates)
	}
	if n := len(spec.Schema.Columns); n == 0 || n > maxColumns {
		return problem.New(problem.Invalid, "A dataset has 1 to %d columns, not %d.", maxColumns, n)
	}
	for _, c := range spec.Schema.Columns {
		if storageOf(c.Type).sql == "" || !utf8.ValidString(c.Name) {
			return problem.New(problem.Invalid, "Column %q has type %q, which is none.", c.Name, c.Type)
		}
	}
	return nil
}

func (l *load) begin(ctx context.Context) error {
	var err error
	l.from = l.engine.table(l.spec.DatasetID)
	if l.to, l.at, err = l.from.fit(l.spec.Schema); err != nil {
		return err
	}
	parts, err := indexParts(l.spec.Schema)
	if err != nil {
		return err
	}
	l.order = newOrder(parts)
	if l.spec.Schema.Index.Unique && len(parts) > 0 {
		l.prints = newFingerprints(parts)
	}
	if l.connection, err = connect(&l.engine.database); err != nil {
		return err
	}
	definitions, types := make([]string, len(l.at)), make([]dataset.Type, len(l.at))
	for i, c := range l.spec.Schema.Columns {
		definitions[i], types[i] = physical(l.at[i])+" "+storageOf(c.Type).sql, c.Type
	}
	if _, err := l.connection.exec(ctx, "CREATE TEMP TABLE staged ("+strings.Join(definitions, ", ")+
		", _seq BIGINT)"); err != nil {
		return fmt.Errorf("making the table that rows are staged in: %w", err)
	}
	l.rows, err = newAppender(l.connection, "staged", append(types, dataset.Integer))
	return err
}

// indexParts gives the places in the schema of the index's parts.
func indexParts(schema dataset.Schema) ([]int, error) {
	var parts []int
	for _, name := range []string{schema.Index.Key, schema.Index.Subkey, schema.Index.Date} {
		if name == "" {
			continue
		}
		_, i, ok := schema.Column(name)
		if !ok {
			return nil, problem.New(problem.Invalid, "The index names column %q, which the schema does not have.", name)
		}
		parts = append(parts, i)
	}
	return parts, nil
}

// Append stages rows.
func (l *load) Append(ctx context.Context, batch *dataset.Batch) error {
	if l.over {
		return errOver
	}
	if err := checkBatch(batch, l.spec.Schema.Columns); err != nil {
		return err
	}
	if hasDecimals(l.spec.Schema.Columns) {
		batch = withoutDecimals(batch)
	}
	l.order.watch(batch)
	if l.prints != nil {
		l.prints.add(batch)
	}
	if err := l.rows.append(ctx, batch.Vectors, batch.Rows, &l.count); err != nil {
		l.failed = fmt.Errorf("staging rows: %w", err)
		return l.failed
	}
	for i := range batch.Vectors {
		v := &batch.Vectors[i]
		l.bytes += int64(8*len(v.Ints) + 8*len(v.Floats) + len(v.Bytes))
	}
	return nil
}

// Reject stages rejected rows.
func (l *load) Reject(ctx context.Context, rows []dataset.Rejected) error {
	if l.over {
		return errOver
	}
	if len(rows) == 0 {
		return nil
	}
	if l.rejects == nil {
		if err := l.stageRejects(ctx); err != nil {
			return err
		}
	}
	vectors := newVectors(rejectTypes)
	for _, r := range rows {
		vectors[0].AppendBytes(clean(r.Object))
		vectors[1].AppendInt(r.Line)
		vectors[2].AppendBytes(clean(r.Column))
		vectors[3].AppendBytes(clean(r.Value))
		vectors[4].AppendBytes(clean(r.Reason))
	}
	if err := l.rejects.append(ctx, vectors, len(rows), nil); err != nil {
		l.failed = fmt.Errorf("staging rejected rows: %w", err)
		return l.failed
	}
	return nil
}

var rejectTypes = []dataset.Type{dataset.String, dataset.Integer, dataset.String, dataset.String, dataset.String}

func (l *load) stageRejects(ctx context.Context) error {
	_, err := l.connection.exec(ctx, "CREATE TEMP TABLE staged_reject (object VARCHAR, line BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR)")
	if err != nil {
		return fmt.Errorf("making the table that rejected rows are staged in: %w", err)
	}
	l.rejects, err = newAppender(l.connection, "staged_reject", rejectTypes)
	return err
}

// clean makes any text fit to be kept: what is not UTF-8 is replaced.
func clean(s string) []byte { return []byte(strings.ToValidUTF8(s, "\uFFFD")) }

func newVectors(types []dataset.Type) []dataset.Vector {
	vectors := make([]dataset.Vector, len(types))
	for i, t := range types {
		vectors[i] = dataset.NewVector(t, 0)
	}
	return vectors
}

// Object notes a ledger entry.
func (l *load) Object(_ context.Context, entry engine.LedgerEntry) error {
	if l.over {
		return errOver
	}
	if entry.SourceID == "" {
		entry.SourceID = l.spec.SourceID
	}
	if entry.LoadID == "" {
		entry.LoadID = l.spec.LoadID
	}
	if entry.Time.IsZero() {
		entry.Time = l.spec.Time
	}
	l.objects = append(l.objects, entry)
	return nil
}

// Rollback drops the load; after Commit it does nothing.
func (l *load) Rollback() error {
	l.finish()
	return nil
}

// finish gives back what the load holds. The staged rows go with the
// connection.
func (l *load) finish() {
	if l.over {
		return
	}
	l.over = true
	if l.rows != nil {
		l.rows.close()
	}
	if l.rejects != nil {
		l.rejects.close()
	}
	if l.connection != nil {
		l.connection.close()
	}
	l.release()
}

var errOver = problem.New(problem.Conflict, "The load is over.")
