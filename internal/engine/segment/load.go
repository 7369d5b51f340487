package segment

import (
	"context"
	"errors"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// load is a load in progress. It sorts its rows in memory, up to a budget, and
// writes them to files that are invisible until the commit.
type load struct {
	staged.Load
	engine  *Engine
	entry   *entry
	shape   parquetfile.Spec
	keepOne bool // keep one of the rows with an equal index

	run     *parquetfile.Run
	counted int64 // bytes of run in Engine.sorting
	written []manifest.Segment
	readers map[string]*parquetfile.Reader // of written ones
	twins   int64                          // duplicate rows that were dropped before writing
}

// Begin starts a load; see engine.Engine.
func (e *Engine) Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error) {
	d, err := e.entry(spec.DatasetID)
	if err != nil {
		return nil, err
	}
	if err := staged.CheckSpec(&spec); err != nil {
		return nil, err
	}
	shape, err := parquetfile.SpecOf(&spec.Schema)
	if err != nil {
		return nil, err
	}
	if err := d.loading.Acquire(ctx); err != nil {
		return nil, fmt.Errorf("waiting for another load of %s: %w", spec.DatasetID, err)
	}
	l := &load{Load: staged.Load{Spec: spec}, engine: e, entry: d, shape: shape}
	if err := l.begin(ctx); err != nil {
		l.finish()
		return nil, err
	}
	return l, nil
}

func (l *load) begin(ctx context.Context) error {
	base, err := l.engine.acquire(ctx, l.entry)
	if err != nil {
		return err
	}
	defer base.release()
	if !base.has(l.Spec.Schema.Layout) {
		return engine.ErrStale
	}
	if _, err := staged.Fit(base.version.Columns, l.Spec.Schema.Columns, l.Spec.NoValues); err != nil {
		return err
	}
	l.Start(base.version.NextSeq)
	l.keepOne = staged.ModeOf(&l.Spec, &base.version) == staged.KeepOne
	l.run = parquetfile.NewRun(l.shape)
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
		err = l.append(ctx, batch)
	}
	if err != nil {
		l.Failed = fmt.Errorf("staging rows: %w", err)
	}
	return l.Failed
}

func (l *load) append(ctx context.Context, batch *dataset.Batch) error {
	if err := l.run.Append(batch, l.NextSeq); err != nil {
		return err
	}
	l.countRun(l.run.Size())
	l.NextSeq += int64(batch.Rows)
	if l.run.Size() < l.engine.config.RunBytes {
		return nil
	}
	l.dropTwins()
	return l.write(ctx)
}

// dropTwins sorts the run and drops all but one of the rows with an equal
// index.
func (l *load) dropTwins() {
	l.run.Sort()
	if !l.keepOne {
		return
	}
	drop := roaring.New()
	for i := 1; i < l.run.Rows(); i++ {
		switch {
		case !l.run.Same(i-1, i):
		case l.Spec.Duplicates == engine.Replace:
			drop.Add(uint32(i - 1))
		default:
			drop.Add(uint32(i))
		}
	}
	l.drop(drop)
}

func (l *load) drop(rows *roaring.Bitmap) {
	if n := rows.GetCardinality(); n > 0 {
		l.run.Drop(rows)
		l.twins += int64(n) //nolint:gosec // a run has fewer than 2^31 rows
	}
}

// write writes the sorted run to a file and empties it.
func (l *load) write(ctx context.Context) error {
	if l.run.Rows() == 0 {
		l.run.Reset()
		return nil
	}
	segmentID, err := l.engine.newFile(l.entry)
	if err != nil {
		return err
	}
	meta := parquetfile.Meta{Load: l.Spec.LoadID, Updated: l.Spec.Time}
	info, err := parquetfile.Write(ctx, folder{l.entry.folder, &l.engine.space}, fileName(segmentID), l.run, meta)
	if err != nil {
		l.engine.forget(segmentID)
		return err
	}
	l.written = append(l.written, l.engine.segmentOf(segmentID, &info, manifest.IndexOf(l.Spec.Schema), l.Spec.LoadID))
	l.run.Reset()
	l.countRun(0)
	return nil
}

// segmentOf describes a new file.
func (e *Engine) segmentOf(segmentID string, info *parquetfile.Info, index manifest.Index, by string) manifest.Segment {
	return manifest.Segment{
		ID: segmentID, Rows: info.Rows, Bytes: info.Bytes, CreatedBy: by, CreatedAt: e.config.Now(),
		Bounds: manifest.Bounds{
			Index: index, MinKey: info.MinKey, MaxKey: info.MaxKey, Dates: info.Dates, NullDates: info.NullDates,
			MinDate: info.MinDate, MaxDate: info.MaxDate,
		},
	}
}

// Rollback discards the load. It has no effect after Commit.
func (l *load) Rollback() error {
	l.finish()
	return nil
}

// finish releases what the load uses, and removes the files that no manifest
// names.
func (l *load) finish() {
	if l.Over {
		return
	}
	l.Over = true
	l.countRun(0)
	for _, r := range l.readers {
		_ = r.Close() // it was only read
	}
	for i := range l.written {
		l.discard(l.written[i].ID)
	}
	l.run, l.written, l.readers = nil, nil, nil
	l.entry.loading.Release()
}

// discard removes a file that is in no manifest.
func (l *load) discard(segmentID string) {
	l.engine.removeFile(l.entry, segmentID)
	l.engine.forget(segmentID)
}

// open opens a file of the load for reading; finish closes it.
func (l *load) open(segmentID string) (*parquetfile.Reader, error) {
	if r := l.readers[segmentID]; r != nil {
		return r, nil
	}
	r, err := parquetfile.Open(l.entry.folder, fileName(segmentID), l.engine.cache)
	if err == nil {
		if l.readers == nil {
			l.readers = map[string]*parquetfile.Reader{}
		}
		l.readers[segmentID] = r
	}
	return r, err
}

// isLost reports whether an error leaves open whether a commit succeeded.
func isLost(err error) bool {
	var known *problem.Error
	return !errors.Is(err, manifest.ErrCrossed) && !errors.As(err, &known)
}
