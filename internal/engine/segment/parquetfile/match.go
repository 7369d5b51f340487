package parquetfile

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/engine"
)

// Match returns the positions of the selected rows in a file, ignoring order,
// limit, offset and step. It leaves out deleted rows. It adds the rows to noted, until
// that is full; nil adds none.
func Match(ctx context.Context, s Source, p *Plan, noted *engine.Noted) (*roaring.Bitmap, error) {
	return p.inner.matched(ctx, s, noted)
}

func (p *plan) matched(ctx context.Context, s Source, noted *engine.Noted) (*roaring.Bitmap, error) {
	found := roaring.New()
	if p.none {
		return found, nil
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
		if err := b.note(keep, noted); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// note adds the kept rows of a block.
func (b *block) note(keep []bool, noted *engine.Noted) error {
	if noted == nil || noted.Full() || !slices.Contains(keep, true) {
		return nil
	}
	for i := range noted.Rows.Vectors {
		p, err := b.need(i)
		if err != nil {
			return err
		}
		for row, ok := range keep {
			if ok {
				appendPage(&noted.Rows.Vectors[i], p, row, row+1)
			}
		}
	}
	for _, ok := range keep {
		if ok {
			noted.Rows.Rows++
		}
	}
	return nil
}
