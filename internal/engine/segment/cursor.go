package segment

import (
	"bytes"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// cursor walks rows in the order of the index. It starts before the first row.
type cursor interface {
	// next moves to the next row. It returns false at the end and on errors.
	next() bool
	// tuple returns the index of the row, valid until the next call of next.
	tuple() []byte
	// row returns the position of the row.
	row() uint32
	err() error
}

// runCursor walks a sorted run.
type runCursor struct {
	run  *parquetfile.Run
	at   int
	text []byte
}

func newRunCursor(run *parquetfile.Run) *runCursor { return &runCursor{run: run, at: -1} }

func (c *runCursor) next() bool {
	if c.at+1 >= c.run.Rows() {
		return false
	}
	c.at++
	c.text = c.run.Tuple(c.text[:0], c.at)
	return true
}

func (c *runCursor) tuple() []byte { return c.text }
func (c *runCursor) row() uint32   { return uint32(c.at) } //nolint:gosec // a run has fewer than 2^31 rows
func (c *runCursor) err() error    { return nil }

// fileCursor walks a file that is sorted by the index, without deleted rows.
type fileCursor struct {
	ctx     context.Context //nolint:containedctx // for the whole walk, whose many calls are too frequent to pass it
	reader  *parquetfile.Reader
	shape   parquetfile.Spec
	deleted *roaring.Bitmap // nil: none
	scan    *parquetfile.Scanner
	fault   error
}

func newFileCursor(ctx context.Context, source parquetfile.Source, shape parquetfile.Spec,
	from []byte,
) (*fileCursor, error) {
	c := &fileCursor{ctx: ctx, reader: source.Reader, shape: shape, deleted: source.Deleted}
	var err error
	c.scan, err = c.reader.Scan(ctx, shape, from)
	return c, err
}

func (c *fileCursor) next() bool {
	for c.fault == nil && c.scan.Next() {
		if c.deleted == nil || !c.deleted.Contains(c.scan.Row()) {
			return true
		}
	}
	return false
}

func (c *fileCursor) tuple() []byte { return c.scan.Tuple() }
func (c *fileCursor) row() uint32   { return c.scan.Row() }

func (c *fileCursor) err() error {
	if c.fault != nil {
		return c.fault
	}
	return c.scan.Err()
}

// jump positions the cursor so that next moves to the first row whose index
// is at least from.
func (c *fileCursor) jump(from []byte) {
	c.scan, c.fault = c.reader.Scan(c.ctx, c.shape, from)
}

// sortedCursor walks the rows of a file that was written for another index.
// It sorts them in memory.
type sortedCursor struct {
	rows []sortedRow
	at   int
}

type sortedRow struct {
	tuple []byte
	row   uint32
}

func newSortedCursor(from *fileCursor) (*sortedCursor, error) {
	c := &sortedCursor{at: -1}
	for from.next() {
		c.rows = append(c.rows, sortedRow{slices.Clone(from.tuple()), from.row()})
	}
	slices.SortStableFunc(c.rows, func(a, b sortedRow) int { return bytes.Compare(a.tuple, b.tuple) })
	return c, from.err()
}

func (c *sortedCursor) next() bool {
	if c.at+1 >= len(c.rows) {
		return false
	}
	c.at++
	return true
}

func (c *sortedCursor) tuple() []byte { return c.rows[c.at].tuple }
func (c *sortedCursor) row() uint32   { return c.rows[c.at].row }
func (c *sortedCursor) err() error    { return nil }
