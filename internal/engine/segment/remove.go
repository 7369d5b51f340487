package segment

import (
	"context"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// remove finds the rows that the load removes, and hides them from the rest of the
// commit. mark marks them.
func (b *builder) remove(ctx context.Context) error {
	b.parts = append([]part(nil), b.base.segments...)
	b.done.Removed = 0
	var spans []engine.Span
	for i := range b.load.Removals() {
		entry := &b.load.Removals()[i].Entry
		if entry.Spans == nil && entry.Rows > 0 {
			return problem.New(problem.Conflict, "The rows of object %q are not known: an earlier release loaded it.",
				entry.Object.Key)
		}
		spans = append(spans, entry.Spans...)
	}
	if len(spans) == 0 {
		return nil
	}
	for i := range b.parts {
		p := &b.parts[i]
		r, err := p.file.open()
		if err != nil {
			return err
		}
		found, err := parquetfile.InSpans(ctx, parquetfile.Source{Reader: r, Deleted: p.deleted}, spans)
		if err != nil {
			return err
		}
		if found.IsEmpty() {
			continue
		}
		b.done.Removed += int64(found.GetCardinality()) //nolint:gosec // a file has fewer than 2^32 rows
		found.Or(p.deletedBefore())
		p.deleted = found
	}
	return nil
}
