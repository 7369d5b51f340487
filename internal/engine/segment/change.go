package segment

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

// change builds a commit. Its counts follow from the segments that are added,
// marked and removed.
type change struct{ manifest.Commit }

// change starts a change of the version.
func (s *snapshot) change(now time.Time) *change {
	next := s.version
	next.Version++
	if s.version.Version == 0 { // a number that no earlier version of this ID had
		next.Version = now.UnixMicro()
	}
	return &change{manifest.Commit{From: s.version.Version, Dataset: next}}
}

// mark sets the deleted rows of a segment. If all its rows are deleted, the
// segment is removed.
func (c *change) mark(p *part, deleted *roaring.Bitmap) error {
	live := p.Rows - int64(deleted.GetCardinality()) //nolint:gosec // a file has fewer than 2^32 rows
	c.Dataset.Rows -= p.Rows - p.Deleted - live
	if live == 0 {
		c.Remove = append(c.Remove, p.ID)
		c.Dataset.Bytes -= p.Bytes
		return nil
	}
	m, err := marks(p.ID, deleted)
	c.Deletes = append(c.Deletes, m)
	return err
}

// remove removes a segment whose rows are in other segments.
func (c *change) remove(p *part) {
	c.Remove = append(c.Remove, p.ID)
	c.Dataset.Rows -= p.Rows - p.Deleted
	c.Dataset.Bytes -= p.Bytes
}

// add adds a segment.
func (c *change) add(s manifest.Segment) {
	c.Add = append(c.Add, s)
	c.Dataset.Rows += s.Rows - s.Deleted
	c.Dataset.Bytes += s.Bytes
}
