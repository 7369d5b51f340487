package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// load is a load in progress. It has its own connection, with its rows in a
// temporary table. No transaction is open before the commit.
type load struct {
	staged.Load
	engine  *Engine
	session *session
	fitted  []dataset.Column // of the dataset, wide enough for the load's
	columns []dataset.Column // of the stage: the load's columns with the dataset's types
	tupler  tupler           // over the stage's columns
	rows    int64
	bytes   int64
	stage   bool // the temporary table exists
}

// session is a connection that holds the lock of a load of a dataset.
type session struct {
	engine *Engine
	entry  *entry
	conn   *pgxpool.Conn
}

// begin waits for the lock of a dataset's loads, first among the loads of
// this node.
func (e *Engine) begin(ctx context.Context, datasetID string) (*session, error) {
	d, err := e.entry(datasetID)
	if err != nil {
		return nil, err
	}
	if err := d.loading.Acquire(ctx); err != nil {
		return nil, fmt.Errorf("waiting for another load of %s: %w", datasetID, err)
	}
	s := &session{engine: e, entry: d}
	if s.conn, err = e.writers.Acquire(ctx); err != nil {
		d.loading.Release()
		return nil, unavailable(err, "waiting for a connection for a load of %s", datasetID)
	}
	if err := s.lock(ctx); err != nil {
		s.end() //nolint:contextcheck // the end isn't cancelled
		return nil, unavailable(err, "waiting for another load of %s", datasetID)
	}
	return s, nil
}

// lock waits for the lock of the dataset's loads.
func (s *session) lock(ctx context.Context) error {
	key := s.engine.loadLock(s.entry.id)
	if _, err := s.conn.Exec(ctx, "SET lock_timeout = "+lockWait); err != nil {
		return err
	}
	for {
		_, err := s.conn.Exec(ctx, "SELECT pg_advisory_lock("+key+")")
		var waited *pgconn.PgError
		if !errors.As(err, &waited) || waited.Code != "55P03" { // lock_not_available: the wait was too long
			_, reset := s.conn.Exec(ctx, "RESET lock_timeout")
			return errors.Join(err, reset)
		}
		if err := s.engine.endLost(ctx, key); err != nil {
			return err
		}
	}
}

// end releases the lock, removes everything of the load from the connection and
// returns it to the pool.
func (s *session) end() {
	if s.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.conn.Conn().IsClosed() || s.conn.Conn().PgConn().TxStatus() != 'I' || s.reset(ctx) != nil {
		_ = s.conn.Conn().Close(ctx) // which releases everything
	}
	s.conn.Release()
	s.conn = nil
	s.entry.loading.Release()
}

func (s *session) reset(ctx context.Context) error {
	_, err := s.conn.Exec(ctx, "SELECT pg_advisory_unlock_all()")
	if err == nil {
		_, err = s.conn.Exec(ctx, "DISCARD TEMP")
	}
	return err
}

// Begin starts a load; see engine.Engine.
func (e *Engine) Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error) {
	if err := staged.CheckID(spec.DatasetID); err != nil {
		return nil, err
	}
	if err := staged.CheckSpec(&spec); err != nil {
		return nil, err
	}
	if err := checkIndex(&spec.Schema); err != nil {
		return nil, err
	}
	s, err := e.begin(ctx, spec.DatasetID)
	if err != nil {
		return nil, err
	}
	l := &load{Load: staged.Load{Spec: spec}, engine: e, session: s}
	if err := l.begin(ctx); err != nil {
		l.finish() //nolint:contextcheck // the end isn't cancelled
		return nil, err
	}
	return l, nil
}

// checkIndex checks that the columns of an index exist.
func checkIndex(schema *dataset.Schema) error {
	_, err := parquetfile.SpecOf(schema)
	return err
}

func (l *load) begin(ctx context.Context) error {
	base, err := l.engine.acquire(ctx, l.Spec.DatasetID)
	if err != nil {
		return err
	}
	if !base.has(l.Spec.Schema.Layout) {
		return engine.ErrStale
	}
	if l.fitted, err = staged.Fit(base.Columns, l.Spec.Schema.Columns, l.Spec.NoValues); err != nil {
		return err
	}
	if err := checkLimits(l.fitted); err != nil {
		return err
	}
	for _, c := range l.Spec.Schema.Columns {
		for _, f := range l.fitted {
			if f.Name == c.Name {
				l.columns = append(l.columns, f)
			}
		}
	}
	l.tupler = newTupler(l.columns, manifest.IndexOf(l.Spec.Schema))
	l.Start(base.NextSeq)
	return nil
}

// Append stages rows.
func (l *load) Append(ctx context.Context, batch *dataset.Batch) error {
	if l.Over {
		return staged.ErrOver
	}
	err := ctx.Err()
	if err == nil {
		err = staged.CheckBatch(batch, l.Spec.Schema.Columns)
	}
	if err == nil {
		err = checkDates(batch, l.Spec.Schema.Columns)
	}
	if err == nil && batch.Rows > 0 {
		err = l.append(ctx, batch)
	}
	if err != nil {
		l.Failed = fmt.Errorf("staging rows: %w", err)
	}
	return l.Failed
}

func (l *load) append(ctx context.Context, batch *dataset.Batch) error {
	if !l.stage {
		if err := l.makeStage(ctx); err != nil {
			return err
		}
	}
	vectors := make([]dataset.Vector, len(batch.Vectors))
	for i := range batch.Vectors {
		vectors[i] = parquetfile.Convert(&batch.Vectors[i], l.Spec.Schema.Columns[i], l.columns[i])
	}
	s := system{tuples: make([][]byte, batch.Rows), seqs: make([]int64, batch.Rows)}
	for i := range batch.Rows {
		s.tuples[i], s.seqs[i] = l.tupler.of(vectors, i), l.NextSeq+int64(i)
	}
	n, err := copyInto(ctx, l.session.conn.Conn(), "stage", l.columns, vectors, batch.Rows, &s)
	if err != nil {
		return err
	}
	l.NextSeq += int64(batch.Rows)
	l.rows += int64(batch.Rows)
	l.bytes += n
	return nil
}

// makeStage creates the temporary table.
func (l *load) makeStage(ctx context.Context) error {
	_, err := l.session.conn.Exec(ctx, "CREATE TEMP TABLE stage ("+definition(l.columns)+
		"_t bytea NOT NULL, _seq int8 NOT NULL)")
	l.stage = err == nil
	return unavailable(err, "making the table of a load")
}

// copyInto copies rows into a table and returns their size in bytes.
func copyInto(ctx context.Context, conn *pgx.Conn, table string, columns []dataset.Column, vectors []dataset.Vector,
	rows int, s *system,
) (int64, error) {
	list := names(columns) + "_t, _seq"
	if s.updated != nil {
		list += ", _updated"
	}
	if s.version != 0 {
		list += ", _from, _to"
	}
	b := encode(vectors, rows, s)
	_, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(b), "COPY "+table+" ("+list+") FROM STDIN (FORMAT binary)")
	if err == nil {
		return int64(len(b)), nil
	}
	if ctx.Err() != nil {
		err = errors.Join(ctx.Err(), err)
	}
	return 0, unavailable(err, "copying rows")
}

// Rollback discards the load. It has no effect after Commit.
func (l *load) Rollback() error {
	l.finish()
	return nil
}

func (l *load) finish() {
	if !l.Over {
		l.Over = true
		l.session.end()
	}
}
