package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/problem"
)

// SkipObjects changes the failed and removed versions of objects to ignored, all or
// none of them, and returns the ignored versions of the objects.
func (s *Store) SkipObjects(ctx context.Context, of feed.Feed, skip feed.Skip) (
	ignored []engine.LedgerEntry, err error,
) {
	err = s.committing(ctx, func(tx *sql.Tx) error {
		ignored = nil
		for keys := range slices.Chunk(skip.Keys, ledgerBatch) {
			changed, err := skipObjects(ctx, tx, &of, &skip, keys)
			if err != nil {
				return err
			}
			ignored = append(ignored, changed...)
		}
		return nil
	})
	return ignored, err
}

func skipObjects(ctx context.Context, tx *sql.Tx, of *feed.Feed, skip *feed.Skip, keys []string) (
	[]engine.LedgerEntry, error,
) {
	values := []any{of.SourceID, of.DatasetID}
	list := make([]string, len(keys))
	for i, key := range keys {
		values = append(values, []byte(key))
		list[i] = fmt.Sprintf("$%d", len(values))
	}
	where := " WHERE source = $1 AND dataset = $2 AND key IN (" + strings.Join(list, ", ") + ")"
	change := fmt.Sprintf("UPDATE rows_ledger SET outcome = 'ignored', attempts = 0, code = $%d, reason = $%d, recorded = $%d",
		len(values)+1, len(values)+2, len(values)+3)
	_, err := tx.ExecContext(ctx, change+where+" AND outcome IN ('failed', 'removed')",
		append(slices.Clone(values), feed.CodeSkipped, plain(skip.Reason), micros(skip.At))...)
	if err != nil {
		return nil, explain(err, "ledger of feed %s", of.ID)
	}
	//nolint:gosec // G202: where has placeholders alone
	rows, err := tx.QueryContext(ctx, "SELECT "+ledgerColumns+" FROM rows_ledger"+where+" ORDER BY key, version",
		values...)
	entries, err := collect(rows, err, scanLedgerEntry)
	if err != nil {
		return nil, explain(err, "ledger of feed %s", of.ID)
	}
	return ignoredOf(keys, entries)
}

// ignoredOf returns the ignored entries of objects. An object without one is an error.
func ignoredOf(keys []string, entries []engine.LedgerEntry) ([]engine.LedgerEntry, error) {
	states := map[string]engine.Outcome{}
	var ignored []engine.LedgerEntry
	for _, e := range entries {
		if e.Outcome == engine.Ignored {
			ignored = append(ignored, e)
		}
		if states[e.Object.Key] != engine.Ignored {
			states[e.Object.Key] = e.Outcome
		}
	}
	for _, key := range keys {
		switch state := states[key]; state {
		case engine.Ignored:
		case "":
			return nil, problem.New(problem.NotFound, "The feed has no object %q in its ledger.", key).
				WithHint("To skip an object that no load has seen yet, exclude its key in the source's pattern.")
		default:
			return nil, problem.New(problem.Conflict, "Object %q is %s: only objects that failed, or whose rows were "+
				"removed, can be skipped.", key, state)
		}
	}
	return ignored, nil
}
