package parquetfile

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/engine"
)

// InSpans returns the positions of the rows of a file whose numbers are in spans.
// It leaves out deleted rows.
func InSpans(ctx context.Context, s Source, spans []engine.Span) (*roaring.Bitmap, error) {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b engine.Span) int { return cmp.Compare(a.From, b.From) })
	found := roaring.New()
	column := len(s.Reader.columns) - systemColumns + systemSeq
	for i := range s.Reader.pageCount() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := s.Reader.page(column, i, uncached)
		if err != nil {
			return nil, err
		}
		for at, number := range p.ints {
			if row := uint32(s.Reader.starts[i]) + uint32(at); within(spans, number) &&
				(s.Deleted == nil || !s.Deleted.Contains(row)) {
				found.Add(row)
			}
		}
	}
	return found, nil
}

// within reports whether a number is in one of the spans, which must be sorted and
// not overlap.
func within(spans []engine.Span, number int64) bool {
	at := sort.Search(len(spans), func(i int) bool { return spans[i].From > number }) - 1
	return at >= 0 && number < spans[at].To
}
