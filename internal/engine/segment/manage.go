package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// Lookup reads the selected rows; see engine.Engine.
func (e *Engine) Lookup(ctx context.Context, selection engine.Selection) (engine.Rows, error) {
	d, err := e.entry(selection.DatasetID)
	if err != nil {
		return nil, err
	}
	s, err := e.acquireAs(ctx, d, selection.Schema.Layout)
	if err != nil {
		return nil, err
	}
	sources, err := s.sources()
	if err != nil {
		s.release()
		return nil, err
	}
	found, err := parquetfile.Select(ctx, sources, selection)
	if err != nil {
		s.release()
		return nil, e.damaged(d.id, err)
	}
	return &rows{found, e, s, d.id}, nil
}

// Scan reads all rows of a dataset, in the order of its index, at most limit of
// them. The files of the version that it reads stay until the rows are closed.
func (e *Engine) Scan(ctx context.Context, datasetID string, schema dataset.Schema, columns []string,
	limit int,
) (engine.Rows, error) {
	d, err := e.entry(datasetID)
	if err != nil {
		return nil, err
	}
	s, err := e.acquireAs(ctx, d, schema.Layout)
	if err != nil {
		return nil, err
	}
	sources, err := s.sources()
	if err != nil {
		s.release()
		return nil, err
	}
	index := manifest.IndexOf(schema)
	sorted := !slices.ContainsFunc(s.segments, func(p part) bool { return p.Bounds.Index != index })
	found, err := parquetfile.All(ctx, sources, schema, columns, sorted, limit)
	if err != nil {
		s.release()
		return nil, e.damaged(d.id, err)
	}
	return &rows{found, e, s, d.id}, nil
}

// damaged returns the error for readers of a dataset whose files can't be read.
func (e *Engine) damaged(datasetID string, err error) error {
	var d *parquetfile.DamagedError
	if !errors.As(err, &d) {
		return err
	}
	return e.damage.report(datasetID, strings.TrimSuffix(d.Name, ".parquet"), err)
}

// rows is a result that keeps its snapshot until it is closed.
type rows struct {
	engine.Rows
	engine    *Engine
	snapshot  *snapshot // nil once it was released
	datasetID string
}

// Next returns the next batch.
func (r *rows) Next() (*dataset.Batch, error) {
	batch, err := r.Rows.Next()
	if err != nil {
		return nil, r.engine.damaged(r.datasetID, err)
	}
	return batch, nil
}

// Close releases the snapshot.
func (r *rows) Close() error {
	err := r.Rows.Close()
	if r.snapshot != nil {
		r.snapshot.release()
		r.snapshot = nil
	}
	return err
}

// Stats counts a dataset's rows and the bytes of its files.
func (e *Engine) Stats(ctx context.Context, datasetID string) (stats engine.Stats, err error) {
	err = e.use(ctx, datasetID, func(_ *entry, s *snapshot) error {
		stats = engine.Stats{Rows: s.version.Rows, Bytes: s.version.Bytes, Updated: s.version.Updated}
		return nil
	})
	return stats, err
}

// Drop removes a dataset's rows, rejected rows and ledger entries; see
// engine.Engine. It waits for a running load.
func (e *Engine) Drop(ctx context.Context, datasetID string) error {
	d, err := e.entry(datasetID)
	if err != nil {
		return err
	}
	if err := d.loading.Acquire(ctx); err != nil {
		return fmt.Errorf("waiting for a load of %s: %w", datasetID, err)
	}
	defer d.loading.Release()
	if err := d.committing.Acquire(ctx); err != nil {
		return fmt.Errorf("waiting for a commit into %s: %w", datasetID, err)
	}
	defer d.committing.Release()
	if err := e.checkIdentity(); err != nil {
		return err
	}
	last, err := e.acquire(ctx, d)
	if err != nil {
		return err
	}
	defer last.release()
	if err := e.config.State.DropRows(context.WithoutCancel(ctx), datasetID); err != nil {
		e.Invalidate(datasetID)
		return fmt.Errorf("dropping the rows of %s: %w", datasetID, err)
	}
	for _, p := range last.segments {
		p.file.remove()
	}
	empty, err := e.newSnapshot(d, &manifest.Dataset{ID: datasetID})
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dropFormer(d)
	e.replace(d, empty)
	return nil
}

// Retire sets a dataset's ledger entries aside; see engine.Engine.
func (e *Engine) Retire(ctx context.Context, datasetID string) error {
	return e.moveLedger(ctx, datasetID, e.config.State.RetireLedger)
}

// Reinstate brings a dataset's ledger entries back; see engine.Engine.
func (e *Engine) Reinstate(ctx context.Context, datasetID string) error {
	return e.moveLedger(ctx, datasetID, e.config.State.ReinstateLedger)
}

// moveLedger calls move while the dataset has no running load.
func (e *Engine) moveLedger(ctx context.Context, datasetID string, move func(context.Context, string) error) error {
	d, err := e.entry(datasetID)
	if err != nil {
		return err
	}
	if err := d.loading.Acquire(ctx); err != nil {
		return fmt.Errorf("waiting for a load of %s: %w", datasetID, err)
	}
	defer d.loading.Release()
	return move(ctx, datasetID)
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
func (e *Engine) Recorded(ctx context.Context, sourceID, datasetID string,
	objects []engine.ObjectVersion,
) ([]engine.LedgerEntry, error) {
	return e.config.State.Recorded(ctx, sourceID, datasetID, objects)
}

// Rejects calls fn for each rejected row of a load; see engine.Engine.
func (e *Engine) Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error {
	return staged.EachReject(ctx, e.config.State, loadID, fn)
}
