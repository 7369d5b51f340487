package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// copier writes the rows of a dataset to the new table of a change. They keep their
// numbers and the times at which they were loaded.
type copier struct {
	*change
	schema  dataset.Schema // of the new table
	how     *engine.Copy   // nil: rows are only converted to the new types
	kept    *engine.KeptRejects
	rejects *staged.Rejects
	rows    int64
	bytes   int64
}

// readSchema returns the schema for reading rows.
func (w *copier) readSchema(before *dataset.Schema) dataset.Schema {
	if w.how == nil {
		return w.schema
	}
	return *before
}

// copyAll copies all rows.
func (w *copier) copyAll(ctx context.Context, conn *pgx.Conn) error {
	return w.copy(ctx, conn, &w.schema)
}

// copy copies the rows that are read with the schema before.
func (w *copier) copy(ctx context.Context, conn *pgx.Conn, before *dataset.Schema) error {
	var columns []string
	if w.how != nil {
		columns = w.how.Columns
	}
	tupler := newTupler(w.schema.Columns, manifest.IndexOf(w.schema))
	return w.engine.each(ctx, w.base, w.readSchema(before), columns, func(r *reader) error {
		batch, err := w.convert(r)
		if err != nil {
			return err
		}
		batch.s.version = w.next.Dataset.Version
		batch.s.tuples = make([][]byte, batch.Rows)
		for i := range batch.Rows {
			batch.s.tuples[i] = tupler.of(batch.Vectors, i)
		}
		n, err := copyInto(ctx, conn, w.engine.table(w.table), w.schema.Columns, batch.Vectors, batch.Rows, &batch.s)
		w.rows += int64(batch.Rows)
		w.bytes += n
		return err
	})
}

// numbered is a batch of rows with their numbers and times.
type numbered struct {
	*dataset.Batch
	s system
}

// convert returns the last batch of a reader in the form to write.
func (w *copier) convert(r *reader) (*numbered, error) {
	seq, _ := r.plan.System()
	seqs := r.vector(seq).Ints
	b := &numbered{&r.batch, system{seqs: seqs, updated: r.updated}}
	if w.how == nil {
		return b, nil
	}
	converted, err := w.how.Convert(&r.batch)
	if err != nil {
		return nil, err
	}
	if w.kept != nil {
		if err := w.rejects.Add(w.kept.Keep(converted.Rejected)); err != nil {
			return nil, err
		}
	}
	if err := staged.CheckBatch(converted.Batch, w.schema.Columns); err != nil {
		return nil, err
	}
	if err := checkDates(converted.Batch, w.schema.Columns); err != nil {
		return nil, err
	}
	b.Batch = converted.Batch
	if converted.Kept != nil {
		b.s = system{}
		for _, i := range converted.Kept {
			b.s.seqs = append(b.s.seqs, seqs[i])
			b.s.updated = append(b.s.updated, r.updated[i])
		}
		if b.s.updated == nil {
			b.s.updated = []int64{}
		}
	}
	return b, nil
}

// each calls fn with a reader after each batch that it has read, for all rows in the
// order of loading.
func (e *Engine) each(ctx context.Context, s *snapshot, schema dataset.Schema, columns []string,
	fn func(*reader) error,
) error {
	selection := engine.Selection{DatasetID: s.ID, Schema: schema, Columns: columns, Order: engine.Ascending, Limit: 1}
	plan, err := parquetfile.NewPlan(&selection)
	if err != nil {
		return fmt.Errorf("reading the rows of dataset %s: %w", s.ID, err)
	}
	from := source{snapshot: s, plan: plan}
	r := e.readerOf(ctx, from, from.byDate(&selection))
	defer func() { _ = r.Close() }() // read only
	for {
		if batch, err := r.Next(); err != nil || batch == nil {
			return err
		}
		if err := fn(r); err != nil {
			return err
		}
	}
}
