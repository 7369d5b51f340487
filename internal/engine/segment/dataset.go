package segment

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// entry has the engine's data about one dataset.
type entry struct {
	id         string
	folder     parquetfile.Folder
	loading    staged.Lock // held from Begin to Commit or Rollback
	committing staged.Lock // held while the state and then current are changed

	current    *snapshot // nil until read; guarded by Engine.mu
	generation int       // increases whenever current changes; guarded by Engine.mu
	former     *snapshot // before the last change of the schema, for a while; guarded by Engine.mu
}

// entry returns the entry of a dataset, and creates it if it doesn't exist.
func (e *Engine) entry(datasetID string) (*entry, error) {
	if err := staged.CheckID(datasetID); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, problem.New(problem.Unavailable, "The service is stopping.")
	}
	found := e.datasets[datasetID]
	if found == nil {
		found = &entry{
			id: datasetID, folder: e.folderOf(datasetID), loading: staged.NewLock(),
			committing: staged.NewLock(),
		}
		e.datasets[datasetID] = found
	}
	return found, nil
}

// acquire returns the current snapshot of a dataset. The caller releases it.
// Only the first call for a dataset reads the state.
func (e *Engine) acquire(ctx context.Context, d *entry) (*snapshot, error) {
	for {
		e.mu.Lock()
		if d.current != nil {
			defer e.mu.Unlock()
			return d.current.retain(), nil
		}
		generation := d.generation
		e.mu.Unlock()
		version, err := e.config.State.RowsDataset(ctx, d.id)
		if err != nil {
			return nil, err
		}
		read, err := e.newSnapshot(d, &version)
		if err != nil {
			return nil, err
		}
		if e.install(d, read, generation) {
			return read, nil
		}
		read.release()
	}
}

// install makes a snapshot the current one, unless the current one has
// changed since generation.
func (e *Engine) install(d *entry, next *snapshot, generation int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || d.generation != generation {
		return false
	}
	e.replace(d, next.retain())
	return true
}

// replace makes a snapshot the current one. With nil, the next read loads it
// again. The caller holds e.mu.
func (e *Engine) replace(d *entry, next *snapshot) {
	d.generation++
	if d.current != nil {
		d.current.release()
	}
	d.current = next
}

// Invalidate drops the snapshot of a dataset that another node has changed.
// The next read loads it from the state.
func (e *Engine) Invalidate(datasetID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if d := e.datasets[datasetID]; d != nil {
		e.replace(d, nil)
	}
}

// commit commits a change of a dataset to the state and then makes the
// resulting snapshot the current one. base is the snapshot that the change
// builds on. If the state's response is lost, commit drops the current
// snapshot.
func (e *Engine) commit(ctx context.Context, d *entry, base *snapshot, c *manifest.Commit) error {
	if err := d.committing.Acquire(ctx); err != nil {
		return fmt.Errorf("waiting for another commit: %w", err)
	}
	defer d.committing.Release()
	return e.commitLocked(ctx, d, base, c)
}

// commitLocked is commit for callers that hold d.committing.
func (e *Engine) commitLocked(ctx context.Context, d *entry, base *snapshot, c *manifest.Commit) error {
	if err := e.checkIdentity(); err != nil {
		return err
	}
	// From here on, the result must be known, so ctx must not interrupt.
	if err := e.config.State.CommitRows(context.WithoutCancel(ctx), c); err != nil {
		e.Invalidate(d.id)
		return err
	}
	next, err := base.after(e, d, c)
	if err != nil { // the change is committed, and the next read loads it from the state
		e.Invalidate(d.id)
		return nil //nolint:nilerr // the commit is done
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	base.markGone(c.Remove)
	if c.Dataset.Layout != base.version.Layout {
		e.keepFormer(d, base)
	}
	e.replace(d, next)
	e.compact.nudge(d.id)
	return nil
}
