package delivery

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
)

// writeModern writes the rows of a modern request: for JSON a page, else all rows.
func (a *Answer) writeModern(ctx context.Context, out *output) error {
	e := a.query.encoder(a.plans[0])
	out.b = e.begin(out.b)
	err := a.writeRows(ctx, out, e)
	a.reads[0].rows, a.reads[0].bytes = a.written, out.size()
	if err != nil {
		return &brokenError{a.service.code(), a.late(ctx, err)}
	}
	out.b = e.end(out.b)
	if c, ok := e.(*columnarEncoder); ok && c.err != nil {
		return &brokenError{a.service.code(), c.err}
	}
	return nil
}

func (a *Answer) writeRows(ctx context.Context, out *output, e encoder) error {
	if a.query.reverse {
		err := out.reversed(ctx, a.first, e)
		a.written = out.rows
		return err
	}
	for {
		batch, err := a.nextBatch(ctx)
		if err != nil || batch == nil || out.err != nil {
			return err
		}
		for row := range batch.Rows {
			if a.pageIsFull(out) {
				return a.cut(ctx, row)
			}
			out.add(e)
			out.b = e.row(out.b, a.first, batch, row)
			a.written++
		}
		if err := a.remember(batch); err != nil {
			return err
		}
	}
}

// nextBatch returns the next batch. For a stream, the first one is the batch
// that Load has read.
func (a *Answer) nextBatch(ctx context.Context) (*dataset.Batch, error) {
	if a.begun {
		a.begun = false
		return a.head, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return a.first.Next()
}

// pageIsFull reports whether a JSON page is full.
func (a *Answer) pageIsFull(out *output) bool {
	if a.query.taken {
		return false
	}
	if a.poll != nil && a.poll.limit > 0 && a.written >= int64(a.poll.limit) {
		return true
	}
	if a.query.Format != JSON || a.poll != nil && a.poll.search {
		return false
	}
	return a.written >= int64(a.pageRows()) || a.written > 0 && out.size() >= PageBytes
}

func (a *Answer) pageRows() int {
	if a.query.most > 0 {
		return a.query.most
	}
	return PageRows
}

// Next returns the cursor of the rows after the written ones, or "" if there
// are none.
func (a *Answer) Next() string { return a.next }

// Truncated reports whether there are more rows but no cursor for them.
func (a *Answer) Truncated() bool { return a.truncated }

// Range returns the Content-Range of the written rows or, for a stream, of the
// rows to write. It is empty unless the request counts rows.
func (a *Answer) Range() string {
	switch {
	case !a.query.count || a.query.Schema:
		return ""
	case !a.stream:
		return a.rangeOf(a.written)
	case a.query.most > 0:
		return a.rangeOf(min(max(0, a.total-int64(a.query.offset)), int64(a.query.most)))
	default:
		return a.rangeOf(max(0, a.total-int64(a.query.offset)))
	}
}

// PreferredCount reports whether the preference count=exact was applied.
func (a *Answer) PreferredCount() bool { return a.query.preferred }

// Counts reports whether the request counts rows.
func (a *Answer) Counts() bool { return a.query.count }
