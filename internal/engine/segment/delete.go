package segment

import (
	"context"
	"errors"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// DeleteRows deletes the rows of a removal; see engine.Engine. It doesn't wait
// for a running load.
func (e *Engine) DeleteRows(ctx context.Context, removal engine.Removal) (done engine.Deleted, err error) {
	for {
		err := e.use(ctx, removal.DatasetID, func(d *entry, base *snapshot) (err error) {
			done, err = e.deleteFrom(ctx, d, base, &removal)
			return err
		})
		if !errors.Is(err, manifest.ErrCrossed) {
			return done, err
		}
	}
}

// deleteFrom marks the rows as deleted in the version that follows base.
func (e *Engine) deleteFrom(ctx context.Context, d *entry, base *snapshot, removal *engine.Removal) (
	engine.Deleted, error,
) {
	if !base.has(removal.Schema.Layout) {
		return engine.Deleted{}, engine.ErrStale
	}
	if expected := removal.IfVersion; expected != nil && *expected != base.version.Version {
		return engine.Deleted{Version: base.version.Version}, engine.ErrCrossed
	}
	sources, err := base.sources()
	if err != nil {
		return engine.Deleted{}, err
	}
	plan, err := parquetfile.NewPlan(&removal.Selection)
	if err != nil {
		return engine.Deleted{}, err
	}
	noted := removal.NewNoted(plan.Needs()[:plan.Outputs()])
	c := base.change(e.config.Now())
	done := engine.Deleted{Version: base.version.Version}
	for i := range sources {
		found, err := parquetfile.Match(ctx, sources[i], plan, noted)
		if err != nil {
			return engine.Deleted{}, e.damaged(d.id, err)
		}
		if found.IsEmpty() {
			continue
		}
		done.Rows += int64(found.GetCardinality()) //nolint:gosec // a file has fewer than 2^32 rows
		deleted := base.segments[i].deletedBefore()
		deleted.Or(found)
		if err := c.mark(&base.segments[i], deleted); err != nil {
			return engine.Deleted{}, err
		}
	}
	if done.Rows == 0 || removal.Count {
		return done, nil
	}
	if c.Note, err = removal.NoteOf(noted); err != nil {
		return engine.Deleted{}, err
	}
	done.Version = c.Dataset.Version
	return done, e.commit(ctx, d, base, &c.Commit)
}
