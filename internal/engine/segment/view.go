package segment

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// view is a pinned version of a dataset.
type view struct {
	engine    *Engine
	datasetID string
	snapshot  *snapshot
	sources   []parquetfile.Source // nil until they are needed
}

// Open pins the current version of a dataset; see engine.Engine.
func (e *Engine) Open(ctx context.Context, datasetID string) (engine.View, error) {
	d, err := e.entry(datasetID)
	if err != nil {
		return nil, err
	}
	s, err := e.acquire(ctx, d)
	if err != nil {
		return nil, err
	}
	return &view{engine: e, datasetID: d.id, snapshot: s}, nil
}

// Version returns the number of the version.
func (v *view) Version() int64 { return v.snapshot.version.Version }

// NextNumber returns the number of the next row.
func (v *view) NextNumber() int64 { return v.snapshot.version.NextSeq }

func (v *view) open() (err error) {
	if v.sources == nil {
		v.sources, err = v.snapshot.sources()
	}
	return err
}

// Lookup reads the selected rows.
func (v *view) Lookup(ctx context.Context, selection engine.Selection) (engine.Rows, error) {
	if err := v.open(); err != nil {
		return nil, err
	}
	found, err := parquetfile.Select(ctx, v.sources, selection)
	if err != nil {
		return nil, v.engine.damaged(v.datasetID, err)
	}
	return &rows{found, v.engine, v.snapshot.retain(), v.datasetID}, nil
}

// Find reads the rows of a search.
func (v *view) Find(ctx context.Context, search *engine.Search) (engine.Found, error) {
	if err := v.open(); err != nil {
		return nil, err
	}
	result, err := parquetfile.Find(ctx, v.sources, search, v.sorted(&search.Schema))
	if err != nil {
		return nil, v.engine.damaged(v.datasetID, err)
	}
	return &found{Found: result, view: v}, nil
}

// sorted reports whether all files are in the order of the schema's index.
func (v *view) sorted(schema *dataset.Schema) bool {
	shape, err := parquetfile.SpecOf(schema)
	if err != nil {
		return false
	}
	return !slices.ContainsFunc(v.sources, func(s parquetfile.Source) bool { return !s.Reader.SortedAs(&shape) })
}

// Count counts the rows of a search.
func (v *view) Count(ctx context.Context, search *engine.Search) (int64, error) {
	if err := v.open(); err != nil {
		return 0, err
	}
	n, err := parquetfile.Count(ctx, v.sources, search)
	if err != nil {
		return 0, v.engine.damaged(v.datasetID, err)
	}
	return n, nil
}

// Close releases the version. Call it once.
func (v *view) Close() {
	if v.snapshot != nil {
		v.snapshot.release()
		v.snapshot = nil
	}
}

// found is a result whose errors name the damaged file.
type found struct {
	engine.Found
	view *view
}

// Next returns the next batch.
func (f *found) Next() (*dataset.Batch, error) {
	batch, err := f.Found.Next()
	if err != nil {
		return nil, f.view.engine.damaged(f.view.datasetID, err)
	}
	return batch, nil
}
