package parquetfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// Check reads a whole file and verifies it: the checksum and content of every
// page, the order of the rows and the bounds of the pages. A fault is a problem
// for which [IsDamaged] is true.
func Check(ctx context.Context, r *Reader) error {
	for column := range r.columns {
		if _, err := r.boundsOf(column); err != nil {
			return err
		}
		for i := range r.pageCount() {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.checkPage(column, i); err != nil {
				return err
			}
		}
	}
	return r.checkOrder(ctx)
}

// checkPage reads a page from the file, bypassing the cache.
func (r *Reader) checkPage(column, i int) error {
	pages, err := r.pagesOf(column)
	if err != nil {
		return err
	}
	var dict *page
	g := r.group[i]
	if chunk := &r.groups[g].chunks[column]; chunk.dictionary > 0 {
		if dict, err = r.decode(column, chunk.dictionary, int(chunk.data-chunk.dictionary), 0, nil); err != nil {
			return err
		}
	}
	_, err = r.decode(column, pages.at[i], int(pages.size[i]), int(r.starts[i+1]-r.starts[i]), dict)
	return err
}

// checkOrder walks the index.
func (r *Reader) checkOrder(ctx context.Context) error {
	s, err := r.Scan(ctx, r.spec, nil)
	if err != nil {
		return err
	}
	var last []byte
	for s.Next() {
		if bytes.Compare(last, s.Tuple()) > 0 {
			return r.damaged(fmt.Errorf("row %d is not in the order of the index", s.Row()))
		}
		if err := r.checkBounds(s); err != nil {
			return err
		}
		last = append(last[:0], s.Tuple()...)
	}
	return s.Err()
}

var errBounds = errors.New("the bounds of a page do not match its rows")

func (r *Reader) checkBounds(s *Scanner) error {
	b, err := r.boundsOf(r.spec.Key)
	if err != nil || b == nil {
		return err
	}
	key := appendPagePart(nil, s.pages[0], &r.spec.Columns[r.spec.Key], s.row)
	if bytes.Compare(key, b.low[s.page]) < 0 || bytes.Compare(key, b.high[s.page]) > 0 {
		return r.damaged(errBounds)
	}
	return nil
}
