package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/deletion"
)

// goneReason is the reason of a loaded entry whose object is no longer in the bucket.
const goneReason = "The object is no longer in the bucket; its rows stay."

// NoteGone notes in the ledger which loaded objects the bucket no longer has, or has
// again.
func (s *Store) NoteGone(ctx context.Context, sourceID, datasetID string, keys []string, isGone bool) error {
	code, reason, before := deletion.CodeGone, goneReason, ""
	if !isGone {
		code, reason, before = "", "", deletion.CodeGone
	}
	for part := range slices.Chunk(keys, ledgerBatch) {
		values := []any{sourceID, datasetID, code, reason, before}
		list := make([]string, len(part))
		for i, key := range part {
			values = append(values, []byte(key))
			list[i] = fmt.Sprintf("$%d", len(values))
		}
		//nolint:gosec // G202: the list has placeholders alone
		change := "UPDATE rows_ledger SET code = $3, reason = $4 WHERE source = $1 AND dataset = $2" +
			" AND outcome = 'loaded' AND code = $5 AND key IN (" + strings.Join(list, ", ") + ")"
		err := s.committing(ctx, func(tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, change, values...)
			return explain(err, "ledger of source %s", sourceID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// CountGone counts the loaded objects of a dataset that are noted as gone.
func (s *Store) CountGone(ctx context.Context, sourceID, datasetID string) (n int, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT count(DISTINCT key) FROM rows_ledger
		WHERE source = $1 AND dataset = $2 AND outcome = 'loaded' AND code = $3`, sourceID, datasetID,
		deletion.CodeGone).Scan(&n)
	return n, explain(err, "ledger of source %s", sourceID)
}
