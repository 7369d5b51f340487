package segment

import (
	"context"
	"errors"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// DeleteRows deletes the rows a selection names; see engine.Engine. It doesn't
// wait for a load that is under way.
func (e *Engine) DeleteRows(ctx context.Context, selection engine.Selection) (n int64, err error) {
	for {
		err := e.use(ctx, selection.DatasetID, func(d *entry, base *snapshot) (err error) {
			n, err = e.deleteFrom(ctx, d, base, selection)
			return err
		})
		if !errors.Is(err, manifest.ErrCrossed) {
			return n, err
		}
	}
}

// deleteFrom marks the rows as deleted in the version that follows base.
func (e *Engine) deleteFrom(ctx context.Context, d *entry, base *snapshot, selection engine.Selection) (int64, error) {
	if !base.has(selection.Schema.Layout) {
		return 0, engine.ErrStale
	}
	sources, err := base.sources()
	if err != nil {
		return 0, err
	}
	c := base.change(e.config.Now())
	var n int64
	for i := range sources {
		found, err := parquetfile.Match(ctx, sources[i], selection)
		if err != nil {
			return 0, e.damaged(d.id, err)
		}
		if found.IsEmpty() {
			continue
		}
		n += int64(found.GetCardinality()) //nolint:gosec // a file has fewer than 2^32 rows
		deleted := base.segments[i].deletedBefore()
		deleted.Or(found)
		if err := c.mark(&base.segments[i], deleted); err != nil {
			return 0, err
		}
	}
	if n == 0 {
		return 0, nil
	}
	return n, e.commit(ctx, d, base, &c.Commit)
}
