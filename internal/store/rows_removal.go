package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/problem"
)

// saveRemovals changes the ledger entries whose rows a commit removes. If an entry
// has changed since it was read, the error is a problem with code conflict.
func saveRemovals(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	for i := range c.Removals {
		e := &c.Removals[i].Entry
		spans, err := spansText(e.Spans)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `UPDATE rows_ledger SET outcome = $5, load = $6, recorded = $7, spans = '[]',
				code = $10, reason = ''
			WHERE dataset = $1 AND source = $2 AND key = $3 AND version = $4 AND outcome = 'loaded' AND load = $8
				AND spans = $9`,
			c.Dataset.ID, e.SourceID, []byte(e.Object.Key), []byte(e.Object.Version), string(c.Removals[i].Outcome),
			c.LoadID, micros(c.Dataset.Updated), e.LoadID, spans,
			e.Code)
		if err != nil {
			return fmt.Errorf("changing the ledger: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errOr(err, problem.New(problem.Conflict, "The ledger entry of object %q was changed.", e.Object.Key))
		}
	}
	return nil
}

// saveExtensions adds rows to loaded objects. If an entry has changed since it was
// read, the error is a problem with code conflict. If the spans of an object aren't
// known, they stay unknown.
func saveExtensions(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	for i := range c.Extensions {
		x := &c.Extensions[i]
		e := &x.Entry
		before, err := spansText(e.Spans)
		if err != nil {
			return err
		}
		after := before
		if e.Spans != nil {
			if after, err = spansText(slices.Concat(e.Spans, x.Spans)); err != nil {
				return err
			}
		}
		result, err := tx.ExecContext(ctx, `UPDATE rows_ledger SET rows = rows + $5, rejected = rejected - $6, spans = $7
			WHERE dataset = $1 AND source = $2 AND key = $3 AND version = $4 AND outcome = 'loaded' AND load = $8
				AND spans = $9 AND rejected = $10`,
			c.Dataset.ID, e.SourceID, []byte(e.Object.Key), []byte(e.Object.Version), x.Rows, x.Resolved, after,
			e.LoadID, before, e.Rejected)
		if err != nil {
			return fmt.Errorf("changing the ledger: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errOr(err, problem.New(problem.Conflict, "The ledger entry of object %q was changed.", e.Object.Key))
		}
	}
	return nil
}

// spansText returns spans in stored form. nil becomes an empty text.
func spansText(spans []engine.Span) (string, error) {
	if spans == nil {
		return "", nil
	}
	pairs := make([][2]int64, len(spans))
	for i, s := range spans {
		pairs[i] = [2]int64{s.From, s.To}
	}
	return text(pairs)
}

func parseSpans(kept string) ([]engine.Span, error) {
	if kept == "" {
		return nil, nil
	}
	var pairs [][2]int64
	if err := parse(kept, &pairs); err != nil {
		return nil, err
	}
	spans := make([]engine.Span, len(pairs))
	for i, p := range pairs {
		spans[i] = engine.Span{From: p[0], To: p[1]}
	}
	return spans, nil
}

// attemptsOf returns the attempts of an entry that is the first of its object.
func attemptsOf(e *engine.LedgerEntry) int {
	if e.Outcome == engine.Failed {
		return max(1, e.Attempts)
	}
	return 0
}
