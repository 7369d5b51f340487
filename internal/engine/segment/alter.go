package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// alteration is a change of a dataset's schema. It writes converted rows to
// new files, which are invisible until the commit.
type alteration struct {
	engine *Engine
	entry  *entry
	base   *snapshot
	before dataset.Schema
	look   bool // a dry run, which holds no lock
	copies []*copied
	over   bool
}

// Alter begins a change; see engine.Alterer.
func (e *Engine) Alter(ctx context.Context, datasetID string, before dataset.Schema, look bool) (
	engine.Alteration, error,
) {
	d, err := e.entry(datasetID)
	if err != nil {
		return nil, err
	}
	a := &alteration{engine: e, entry: d, before: before, look: look}
	if !look {
		if err := a.lock(ctx); err != nil {
			return nil, err
		}
	}
	if a.base, err = e.acquire(ctx, d); err == nil && !a.base.has(before.Layout) {
		err = engine.ErrStale
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// lock keeps loads, and then other commits, out of the dataset.
func (a *alteration) lock(ctx context.Context) error {
	if err := a.entry.loading.Acquire(ctx); err != nil {
		return fmt.Errorf("waiting for a load of %s: %w", a.entry.id, err)
	}
	if err := a.entry.committing.Acquire(ctx); err != nil {
		a.entry.loading.Release()
		return fmt.Errorf("waiting for a commit into %s: %w", a.entry.id, err)
	}
	return nil
}

// Rows counts the rows.
func (a *alteration) Rows() int64 { return a.base.version.Rows }

// Close ends the change.
func (a *alteration) Close() error {
	if a.over {
		return nil
	}
	a.over = true
	for _, c := range a.copies {
		c.discard()
	}
	if a.base != nil {
		a.base.release()
	}
	if !a.look {
		a.entry.committing.Release()
		a.entry.loading.Release()
	}
	return nil
}

// Scan reads all rows; see engine.Alteration.
func (a *alteration) Scan(ctx context.Context, columns []string, fn func(*dataset.Batch) error) error {
	return a.each(ctx, columns, func(batch *dataset.Batch, _ *parquetfile.System) error { return fn(batch) })
}

func (a *alteration) each(ctx context.Context, columns []string,
	fn func(*dataset.Batch, *parquetfile.System) error,
) error {
	sources, err := a.base.sources()
	if err != nil {
		return err
	}
	spec, err := a.specOf(sources)
	if err != nil {
		return err
	}
	places := make([]int, len(columns))
	for i, name := range columns {
		if places[i] = slices.IndexFunc(spec.Columns,
			func(c dataset.Column) bool { return c.Name == name }); places[i] < 0 {
			return fmt.Errorf("the schema of dataset %s has no column %q", a.entry.id, name)
		}
	}
	return a.engine.damaged(a.entry.id, parquetfile.Each(ctx, sources, spec, places, fn))
}

// specOf returns the shape of the stored rows. It has the index if all files
// are sorted by it.
func (a *alteration) specOf(sources []parquetfile.Source) (parquetfile.Spec, error) {
	spec, err := parquetfile.SpecOf(&a.before)
	if err != nil {
		return spec, err
	}
	index := manifest.IndexOf(a.before)
	for i := range a.base.segments {
		if a.base.segments[i].Bounds.Index != index || !sources[i].Reader.SortedAs(&spec) {
			return parquetfile.Spec{Columns: spec.Columns, Key: -1, Subkey: -1, Date: -1}, nil
		}
	}
	return spec, nil
}

// Repeats counts rows with the same index; see engine.Alteration.
func (a *alteration) Repeats(ctx context.Context, copying *engine.Copy) (int64, error) {
	c := a.newCopy(copying, nil)
	defer c.discard()
	if err := c.write(ctx); err != nil {
		return 0, err
	}
	return c.dropRepeats(ctx)
}

// Commit makes the change; see engine.Alteration.
func (a *alteration) Commit(ctx context.Context, change *engine.Altered, end engine.Ending) (engine.Committed, error) {
	if a.over || a.look {
		return engine.Committed{}, staged.ErrOver
	}
	defer a.Close() //nolint:errcheck // it returns none
	now := a.engine.config.Now()
	c := a.base.change(now)
	next := &c.Dataset
	next.Layout, next.Index, next.NotUnique = change.After.Layout, manifest.IndexOf(change.After), false
	next.Columns = nil
	for _, column := range change.After.Columns {
		next.Columns = append(next.Columns, dataset.Column{
			Name: column.Name, Type: column.Type, Precision: column.Precision, Scale: column.Scale,
		})
	}
	var files []manifest.Segment
	if change.Copy != nil {
		made := a.newCopy(change.Copy, change.Kept)
		a.copies = append(a.copies, made)
		var err error
		if files, err = made.stage(ctx, c); err != nil {
			return engine.Committed{}, err
		}
		c.LoadID, c.Rejects, c.Committed = change.LoadID, made.rejects.Parts, made.done
	}
	c.Committed.Rows, c.End = c.Dataset.Rows, end
	err := a.engine.commitLocked(ctx, a.entry, a.base, &c.Commit)
	if err == nil || isLost(err) { // the manifest may have the files, so leave them to the sweep
		for i := range files {
			a.engine.forget(files[i].ID)
		}
		a.copies = nil
	}
	if errors.Is(err, manifest.ErrCrossed) {
		err = engine.ErrStale
	}
	return c.Committed, err
}
