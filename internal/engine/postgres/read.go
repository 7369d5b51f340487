package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of what one statement reads, estimated from the average row.
const (
	minChunk   = 16
	maxChunk   = 8192
	chunkBytes = 4 << 20
	sortBytes  = 32 << 20 // of statements that sort all rows
)

// term is a part of an order.
type term struct {
	expr       string
	need       int // in the plan; -1 for the tuple
	descending bool
	nullsFirst bool
	nullable   bool
}

// phase is a part of a result: the rows that satisfy a condition, in an order.
type phase struct {
	prefix []byte // of the tuples; empty: any
	where  string // follows " AND "; may be empty
	order  []term
	rows   bool // the order is that of an index: compare as a row
}

// reader reads rows of one version in batches. Each statement begins after the
// last row of the previous one.
type reader struct {
	ctx    context.Context //nolint:containedctx // for the whole read, because engine.Rows has no context
	engine *Engine
	source
	phases []phase
	chunk  int
	skip   int64 // rows to skip before the first
	left   int64 // rows still wanted
	every  int64
	owner  bool     // only this read uses the snapshot
	among  [][]byte // the wanted tuples; nil: any
	index  int64    // index of the next row, not counting skipped ones

	after   []value // of the last row, by the terms of the phase; nil: none yet
	batch   dataset.Batch
	extra   []dataset.Vector // needs after the outputs
	tuples  [][]byte         // of the batch, if the order has it
	updated []int64
}

// value is a value of a row's order.
type value struct {
	null  bool
	value any
	tuple []byte
}

// readerOf returns a reader of a source. Its outputs are the first needs of the plan;
// the plan must already have what the order needs.
func (e *Engine) readerOf(ctx context.Context, s source, phases []phase) *reader {
	r := &reader{ctx: ctx, engine: e, source: s, phases: phases, left: 1<<62 - 1, every: 1}
	average := int64(100)
	if s.Rows > 0 {
		average = max(average, s.Bytes/s.Rows)
	}
	budget := int64(chunkBytes)
	if len(phases) > 0 && !phases[0].rows {
		budget = sortBytes
	}
	r.chunk = int(min(max(budget/average, minChunk), maxChunk*budget/chunkBytes))
	needs := s.plan.Needs()
	for i, c := range needs {
		v := dataset.NewVectorOf(c, 0)
		if i < s.plan.Outputs() {
			r.batch.Vectors = append(r.batch.Vectors, v)
		} else {
			r.extra = append(r.extra, v)
		}
	}
	return r
}

// Columns returns the result's columns.
func (r *reader) Columns() []dataset.Column { return r.plan.Needs()[:r.plan.Outputs()] }

// Updated returns when row i of the last batch was loaded.
func (r *reader) Updated(i int) time.Time { return time.UnixMicro(r.updated[i]).UTC() }

// Close releases the read's resources.
func (r *reader) Close() error {
	if r.phases = nil; r.owner {
		r.engine.unpin(r.ctx, r.snapshot)
	}
	return nil
}

// Next returns the next batch, nil at the end.
func (r *reader) Next() (*dataset.Batch, error) {
	for len(r.phases) > 0 && r.left > 0 && r.table != "" && !r.plan.None() {
		if err := errors.Join(r.ctx.Err(), r.engine.keepPin(r.ctx, r.snapshot)); err != nil {
			return nil, err
		}
		read, limit, err := r.fetch()
		if err != nil {
			return nil, err
		}
		if read < limit { // the phase has no more rows
			r.phases, r.after = r.phases[1:], nil
		}
		if r.batch.Rows > 0 {
			return &r.batch, nil
		}
	}
	return nil, nil //nolint:nilnil // the end
}

// fetch reads the next rows of the phase.
func (r *reader) fetch() (read, limit int64, err error) {
	limit = int64(r.chunk)
	if r.left < 1<<40 {
		pause := (r.every - r.index%r.every) % r.every
		limit = min(limit, r.skip+pause+(r.left-1)*r.every+1)
	}
	q := r.statement(limit)
	if r.stale {
		return 0, 0, engine.ErrStale
	}
	r.reset()
	rows, err := r.engine.pool.Query(r.ctx, q.text.String(),
		append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, q.args...)...)
	if err != nil {
		return 0, 0, r.explain(err)
	}
	defer rows.Close()
	var last [][]byte
	for rows.Next() {
		read++
		raw := rows.RawValues()
		if read == limit {
			last = cloneAll(raw)
		}
		if r.skip > 0 {
			r.skip--
			continue
		}
		r.index++
		if (r.index-1)%r.every != 0 || r.left == 0 {
			continue
		}
		if err := r.add(raw); err != nil {
			return 0, 0, err
		}
		r.left--
	}
	if err := rows.Err(); err != nil {
		return 0, 0, r.explain(err)
	}
	if read == limit {
		return read, limit, r.remember(last)
	}
	return read, limit, nil
}

func cloneAll(raw [][]byte) [][]byte {
	all := make([][]byte, len(raw))
	for i, b := range raw {
		if b != nil {
			all[i] = append([]byte{}, b...)
		}
	}
	return all
}

// explain returns an error of reading for its reader.
func (r *reader) explain(err error) error {
	var pg *pgconn.PgError
	switch {
	case r.ctx.Err() != nil:
		return r.ctx.Err()
	case errors.As(err, &pg) && pg.Code == "42P01": // undefined_table
		return r.engine.missing(r.ctx, r.snapshot, err)
	default:
		return unavailable(err, "reading rows of dataset %s", r.ID)
	}
}

// unavailable returns an error of the database. If another attempt may succeed, it
// is a problem with code unavailable.
func unavailable(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf(format+": %w", append(args, err)...)
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch class := pg.Code[:min(2, len(pg.Code))]; class {
		case "08", "40", "53", "57":
			return problem.Wrap(wrapped, problem.Unavailable, "The database with the rows can't do this right now.").
				WithHint("Try again in a moment.")
		case "54":
			return problem.Wrap(wrapped, problem.Invalid, "PostgreSQL can't store this: %s.", pg.Message).
				WithHint("Load fewer columns, or split the object into several datasets.")
		default:
			return wrapped
		}
	}
	if !isBroken(err) {
		return wrapped
	}
	return problem.Wrap(wrapped, problem.Unavailable, "The database with the rows doesn't respond.").
		WithHint("Try again in a moment.")
}

// isBroken reports whether a connection broke or couldn't be opened.
func isBroken(err error) bool {
	var connecting *pgconn.ConnectError
	var network net.Error
	return errors.As(err, &connecting) || errors.As(err, &network) && !errors.Is(err, context.DeadlineExceeded) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		err.Error() == "conn closed"
}

// reset empties the batch.
func (r *reader) reset() {
	for i := range r.batch.Vectors {
		r.batch.Vectors[i].Reset()
	}
	for i := range r.extra {
		r.extra[i].Reset()
	}
	r.batch.Rows, r.tuples, r.updated = 0, r.tuples[:0], r.updated[:0]
}

// statement writes the next statement. It selects the needs of the plan, then the
// tuple.
func (r *reader) statement(limit int64) *statement {
	q := &statement{}
	p := &r.phases[0]
	q.text.WriteString("SELECT ")
	for i := range r.plan.Needs() {
		q.text.WriteString(r.output(i) + ", ")
	}
	fmt.Fprintf(&q.text, "_t FROM %s WHERE _from <= %s AND _to > %s", r.engine.table(r.table), q.intArg(r.Version),
		q.intArg(r.Version))
	r.conditions(q)
	writeRange(q, p.prefix)
	q.text.WriteString(p.where)
	if r.among != nil {
		q.args = append(q.args, r.among)
		fmt.Fprintf(&q.text, " AND _t = ANY($%d::bytea[])", len(q.args))
	}
	if r.after != nil {
		q.text.WriteString(" AND ")
		r.writeAfter(q, p)
	}
	for i := range p.order {
		t := &p.order[i]
		q.text.WriteString([]string{" ORDER BY ", ", "}[min(i, 1)] + t.expr)
		if t.descending {
			q.text.WriteString(" DESC")
		}
		if t.nullable && t.nullsFirst {
			q.text.WriteString(" NULLS FIRST")
		} else if t.nullable {
			q.text.WriteString(" NULLS LAST")
		}
	}
	q.text.WriteString(" LIMIT " + q.intArg(limit))
	return q
}

// output returns SQL for a need whose result decode can read. Values that SQL can't
// convert are selected as stored.
func (r *reader) output(need int) string {
	if at, ok := r.stored(need); ok {
		return columnName(at, r.snapshot.Columns[at])
	}
	return r.expr(need)
}

// writeAfter writes the condition that a row comes after the last one.
func (r *reader) writeAfter(q *statement, p *phase) {
	if p.rows {
		op := ">"
		if p.order[0].descending {
			op = "<"
		}
		var exprs, values []string
		for i := range r.after {
			exprs, values = append(exprs, p.order[i].expr), append(values, r.argOf(q, &p.order[i], &r.after[i]))
		}
		fmt.Fprintf(&q.text, "(%s) %s (%s)", strings.Join(exprs, ", "), op, strings.Join(values, ", "))
		return
	}
	q.text.WriteString("(")
	for i := range r.after {
		if i > 0 {
			q.text.WriteString(" OR ")
		}
		q.text.WriteString("(")
		for j := range i {
			q.text.WriteString(r.sameAs(q, &p.order[j], &r.after[j]) + " AND ")
		}
		q.text.WriteString(r.isAfter(q, &p.order[i], &r.after[i]) + ")")
	}
	q.text.WriteString(")")
}

func (r *reader) argOf(q *statement, t *term, v *value) string {
	if t.need < 0 {
		return q.bytesArg(v.tuple)
	}
	return q.arg(kindOf(r.plan.Needs()[t.need].Type), v.value)
}

func (r *reader) sameAs(q *statement, t *term, v *value) string {
	if v.null {
		return t.expr + " IS NULL"
	}
	return t.expr + " = " + r.argOf(q, t, v)
}

// isAfter returns the condition that a row comes after a value by one term.
func (r *reader) isAfter(q *statement, t *term, v *value) string {
	switch {
	case v.null && t.nullsFirst:
		return t.expr + " IS NOT NULL"
	case v.null:
		return "FALSE"
	}
	op := " > "
	if t.descending {
		op = " < "
	}
	test := t.expr + op + r.argOf(q, t, v)
	if t.nullable && !t.nullsFirst {
		return "(" + test + " OR " + t.expr + " IS NULL)"
	}
	return test
}

// add adds a row to the batch.
func (r *reader) add(raw [][]byte) error {
	for i := range r.plan.Needs() {
		v := r.vector(i)
		if err := r.decodeInto(v, i, raw[i]); err != nil {
			return fmt.Errorf("reading rows of dataset %s: %w", r.ID, err)
		}
	}
	_, updated := r.plan.System()
	r.updated = append(r.updated, int64(binary.BigEndian.Uint64(raw[updated]))+epochMicros) //nolint:gosec // two's complement
	r.tuples = append(r.tuples, append([]byte{}, raw[len(raw)-1]...))
	r.batch.Rows++
	return nil
}

func (r *reader) vector(need int) *dataset.Vector {
	if need < len(r.batch.Vectors) {
		return &r.batch.Vectors[need]
	}
	return &r.extra[need-len(r.batch.Vectors)]
}

// remember stores the position of the last row in the order.
func (r *reader) remember(raw [][]byte) error {
	p := &r.phases[0]
	r.after = make([]value, len(p.order))
	for i := range p.order {
		t := &p.order[i]
		if t.need < 0 {
			r.after[i].tuple = raw[len(raw)-1]
			continue
		}
		v := dataset.NewVectorOf(r.plan.Needs()[t.need], 1)
		if err := r.decodeInto(&v, t.need, raw[t.need]); err != nil {
			return err
		}
		if r.after[i].null = v.Nulls[0]; !v.Nulls[0] {
			r.after[i].value = valueOf(&v, 0)
		}
	}
	return nil
}
