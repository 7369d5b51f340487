package segment

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// snapshot is one version of a dataset. It never changes.
type snapshot struct {
	version  manifest.Dataset // without its segments
	segments []part
	holders  atomic.Int64
}

// part is a segment of a snapshot.
type part struct {
	manifest.Segment
	file    *file
	deleted *roaring.Bitmap // nil: none
}

// newSnapshot returns a snapshot with one holder.
func (e *Engine) newSnapshot(d *entry, version *manifest.Dataset) (*snapshot, error) {
	s := &snapshot{version: *version}
	s.version.Segments = nil
	s.holders.Store(1)
	for _, m := range version.Segments {
		deleted, err := readDeletes(m.Deletes)
		if err != nil {
			s.release()
			return nil, fmt.Errorf("reading the deleted rows of segment %s: %w", m.ID, err)
		}
		s.segments = append(s.segments, part{m, e.files.take(e, d, m.ID), deleted})
	}
	return s, nil
}

func readDeletes(b []byte) (*roaring.Bitmap, error) {
	if len(b) == 0 {
		return nil, nil //nolint:nilnil // none
	}
	m := roaring.New()
	_, err := m.ReadFrom(bytes.NewReader(b))
	return m, err
}

func (s *snapshot) retain() *snapshot {
	s.holders.Add(1)
	return s
}

// release releases the snapshot. Files that no snapshot uses any more are
// closed and, when their segment was removed, deleted.
func (s *snapshot) release() {
	if s.holders.Add(-1) > 0 {
		return
	}
	for _, p := range s.segments {
		p.file.release()
	}
}

// markGone marks segments whose files are to be deleted once nothing reads them.
func (s *snapshot) markGone(segmentIDs []string) {
	for _, p := range s.segments {
		if slices.Contains(segmentIDs, p.ID) {
			p.file.remove()
		}
	}
}

// after returns the snapshot that follows from a commit.
func (s *snapshot) after(e *Engine, d *entry, c *manifest.Commit) (*snapshot, error) {
	next := c.Dataset
	next.Segments = nil
	for _, p := range s.segments {
		if slices.Contains(c.Remove, p.ID) {
			continue
		}
		m := p.Segment
		for _, change := range c.Deletes {
			if change.SegmentID == m.ID {
				m.Deletes, m.Deleted = change.Bitmap, change.Deleted
			}
		}
		next.Segments = append(next.Segments, m)
	}
	next.Segments = append(next.Segments, c.Add...)
	return e.newSnapshot(d, &next)
}

// sources opens the files of the snapshot.
func (s *snapshot) sources() ([]parquetfile.Source, error) {
	sources := make([]parquetfile.Source, len(s.segments))
	for i := range s.segments {
		r, err := s.segments[i].file.open()
		if err != nil {
			return nil, err
		}
		sources[i] = parquetfile.Source{Reader: r, Deleted: s.segments[i].deleted}
	}
	return sources, nil
}

// deletedBefore returns a copy of the positions of deleted rows, which the
// caller may change.
func (p *part) deletedBefore() *roaring.Bitmap {
	if p.deleted == nil {
		return roaring.New()
	}
	return p.deleted.Clone()
}

// marks returns the change that sets the deleted rows of a segment.
func marks(segmentID string, deleted *roaring.Bitmap) (manifest.Deletes, error) {
	deleted.RunOptimize()
	b, err := deleted.ToBytes()
	if err != nil {
		return manifest.Deletes{}, fmt.Errorf("writing the deleted rows of segment %s: %w", segmentID, err)
	}
	return manifest.Deletes{SegmentID: segmentID, Bitmap: b, Deleted: int64(deleted.GetCardinality())}, nil //nolint:gosec // a file has fewer than 2^32 rows
}

// use calls fn with the sources of a dataset's current snapshot.
func (e *Engine) use(ctx context.Context, datasetID string, fn func(*entry, *snapshot) error) error {
	d, err := e.entry(datasetID)
	if err != nil {
		return err
	}
	s, err := e.acquire(ctx, d)
	if err != nil {
		return err
	}
	defer s.release()
	return fn(d, s)
}
