package segment

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// copied has the rows of a dataset with another schema, in new files.
type copied struct {
	*alteration
	how     *engine.Copy
	shape   parquetfile.Spec
	run     *parquetfile.Run
	kept    *engine.KeptRejects // nil: rejected rows aren't kept
	rejects staged.Rejects
	written []manifest.Segment
	lost    []*roaring.Bitmap // for each file: the rows to drop
	done    engine.Committed
}

func (a *alteration) newCopy(how *engine.Copy, kept *engine.KeptRejects) *copied {
	return &copied{alteration: a, how: how, kept: kept}
}

// discard removes the files.
func (c *copied) discard() {
	for i := range c.written {
		c.engine.removeFile(c.entry, c.written[i].ID)
		c.engine.forget(c.written[i].ID)
	}
	c.written = nil
}

// stage writes the rows and adds the files to a change, in place of all
// existing ones.
func (c *copied) stage(ctx context.Context, to *change) ([]manifest.Segment, error) {
	if err := c.write(ctx); err != nil {
		return nil, err
	}
	if err := c.rejects.Flush(); err != nil {
		return nil, err
	}
	if c.how.Schema.Index.Unique {
		repeats, err := c.dropRepeats(ctx)
		if err != nil {
			return nil, err
		}
		c.done.Duplicates, c.done.Unique = repeats, true
	}
	for i := range c.base.segments {
		to.remove(&c.base.segments[i])
	}
	for i, s := range c.written {
		if c.lost != nil && !c.lost[i].IsEmpty() {
			m, err := marks(s.ID, c.lost[i])
			if err != nil {
				return nil, err
			}
			s.Deletes, s.Deleted = m.Bitmap, m.Deleted
		}
		to.add(s)
	}
	if len(c.written) > 0 {
		if err := c.entry.folder.Sync(); err != nil {
			return nil, fmt.Errorf("making the files of dataset %s durable: %w", c.entry.id, err)
		}
	}
	return c.written, c.engine.space.check(0)
}

// write writes all converted rows.
func (c *copied) write(ctx context.Context) error {
	var err error
	if c.shape, err = parquetfile.SpecOf(&c.how.Schema); err != nil {
		return err
	}
	c.run = parquetfile.NewRun(c.shape)
	err = c.each(ctx, c.how.Columns, func(batch *dataset.Batch, system *parquetfile.System) error {
		converted, err := c.how.Convert(batch)
		if err != nil {
			return err
		}
		if c.kept != nil {
			if err := c.rejects.Add(c.kept.Keep(converted.Rejected)); err != nil {
				return err
			}
		}
		if converted.Kept != nil {
			system = system.Keep(converted.Kept)
		}
		if err := staged.CheckBatch(converted.Batch, c.how.Schema.Columns); err != nil {
			return err
		}
		if err := c.run.AppendNumbered(converted.Batch, system); err != nil {
			return err
		}
		if c.run.Size() < c.engine.config.RunBytes {
			return nil
		}
		return c.flush(ctx)
	})
	if err == nil {
		err = c.flush(ctx)
	}
	return err
}

// flush writes the run to a file and empties it.
func (c *copied) flush(ctx context.Context) error {
	if c.run.Rows() == 0 {
		return nil
	}
	segmentID, err := c.engine.newFile(c.entry)
	if err != nil {
		return err
	}
	c.run.SortNumbered()
	info, err := parquetfile.Write(ctx, folder{c.entry.folder, &c.engine.space}, fileName(segmentID), c.run,
		parquetfile.Meta{})
	if err != nil {
		c.engine.forget(segmentID)
		return err
	}
	c.written = append(c.written,
		c.engine.segmentOf(segmentID, &info, manifest.IndexOf(c.how.Schema), manifest.Change))
	c.run.Reset()
	return nil
}

// dropRepeats marks all but one of the rows with an equal index, and counts
// the marked ones.
func (c *copied) dropRepeats(ctx context.Context) (n int64, err error) {
	readers := make([]*parquetfile.Reader, 0, len(c.written))
	defer func() {
		for _, r := range readers {
			_ = r.Close() // read only
		}
	}()
	var sides []*side
	for i := range c.written {
		r, err := parquetfile.Open(c.entry.folder, fileName(c.written[i].ID), c.engine.cache)
		if err != nil {
			return 0, err
		}
		readers = append(readers, r)
		cursor, err := newFileCursor(ctx, parquetfile.Source{Reader: r}, c.shape, nil)
		if err != nil {
			return 0, err
		}
		sides = append(sides, newSide(cursor))
	}
	j := &join{fresh: sides}
	err = j.groups(ctx, func() (bool, error) {
		if len(j.members) > 1 {
			n += int64(len(j.members) - 1)
			return true, c.keepOne(j.members, sides, readers)
		}
		return true, nil
	})
	for _, s := range sides {
		c.lost = append(c.lost, s.lost)
	}
	return n, err
}

// keepOne marks all rows of a group except the one to keep.
func (c *copied) keepOne(group []member, sides []*side, readers []*parquetfile.Reader) error {
	best, bestSeq := -1, int64(0)
	for i, m := range group {
		for at, s := range sides {
			if s != m.side {
				continue
			}
			seq, err := readers[at].Seq(m.row)
			if err != nil {
				return err
			}
			if best < 0 || (seq > bestSeq) == (c.how.Keep == engine.KeepLast) {
				best, bestSeq = i, seq
			}
		}
	}
	for i, m := range group {
		if i != best {
			m.side.lost.Add(m.row)
		}
	}
	return nil
}
