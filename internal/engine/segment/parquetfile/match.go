package parquetfile

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/engine"
)

// Match returns the positions of the selected rows in a file, ignoring order,
// limit, offset and step. It leaves out deleted rows.
func Match(ctx context.Context, s Source, selection engine.Selection) (*roaring.Bitmap, error) {
	found := roaring.New()
	p, err := newPlan(&selection)
	if err != nil || p.none {
		return found, err
	}
	source := p.bind(s, nil)
	from, to, err := source.pageRange()
	if err != nil {
		return nil, err
	}
	if to-from > scanPages {
		source.keep = uncached
	}
	var keep []bool
	for i := from; i < to; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := source.block(i)
		if keep, err = b.keep(p.filters, 0, b.rows, keep); err != nil {
			return nil, err
		}
		for row, ok := range keep {
			if ok {
				found.Add(uint32(b.first) + uint32(row))
			}
		}
	}
	return found, nil
}
