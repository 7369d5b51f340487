package store

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/problem"
)

const ledgerColumns = `dataset, source, key, version, load, outcome, reason, size, modified, rows, rejected, recorded, code,
	attempts, spans`

// ledgerBatch is the number of entries that one statement writes, and of keys
// that one looks up.
const ledgerBatch = 500

// saveLedger writes a load's ledger entries. If an object was loaded before, the
// error is a problem with code conflict. An entry of a skipped or failed object
// is replaced.
func saveLedger(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	if err := saveRemovals(ctx, tx, c); err != nil {
		return err
	}
	if err := saveExtensions(ctx, tx, c); err != nil {
		return err
	}
	entries := slices.Clone(c.Ledger)
	slices.SortFunc(entries, compareEntries) // one order for all: no two commits wait for each other
	for i := 1; i < len(entries); i++ {
		if compareEntries(entries[i-1], entries[i]) == 0 {
			return alreadyLoaded(&entries[i])
		}
	}
	for batch := range slices.Chunk(entries, ledgerBatch) {
		if err := saveEntries(ctx, tx, c.Dataset.ID, batch); err != nil {
			return err
		}
	}
	return nil
}

func compareEntries(a, b engine.LedgerEntry) int {
	return cmp.Or(cmp.Compare(a.SourceID, b.SourceID), cmp.Compare(a.Object.Key, b.Object.Key),
		cmp.Compare(a.Object.Version, b.Object.Version))
}

func saveEntries(ctx context.Context, tx *sql.Tx, datasetID string, batch []engine.LedgerEntry) error {
	const columns = 15
	var query strings.Builder
	query.WriteString("INSERT INTO rows_ledger (" + ledgerColumns + ") VALUES ")
	values := make([]any, 0, columns*len(batch))
	for i := range batch {
		e := &batch[i]
		spans, err := spansText(e.Spans)
		if err != nil {
			return err
		}
		writePlaceholders(&query, i, columns)
		values = append(values, datasetID, e.SourceID, []byte(e.Object.Key), []byte(e.Object.Version), e.LoadID,
			string(e.Outcome), plain(e.Reason),
			e.Size, micros(e.Modified), e.Rows, e.Rejected, micros(e.Time), e.Code, attemptsOf(e), spans)
	}
	query.WriteString(` ON CONFLICT (dataset, source, key, version) DO UPDATE SET load = excluded.load,
		outcome = excluded.outcome, reason = excluded.reason, size = excluded.size, modified = excluded.modified,
		rows = excluded.rows, rejected = excluded.rejected,
		recorded = excluded.recorded, code = excluded.code, spans = excluded.spans,
		attempts = CASE WHEN rows_ledger.outcome = 'failed' AND excluded.outcome = 'failed'
			THEN rows_ledger.attempts + 1 ELSE excluded.attempts END WHERE rows_ledger.outcome <> 'loaded'`)
	result, err := tx.ExecContext(ctx, query.String(), values...)
	if err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || n == int64(len(batch)) {
		return err
	}
	return firstLoaded(ctx, tx, datasetID, batch)
}

// writePlaceholders writes the placeholders of row i of a list of values.
func writePlaceholders(query *strings.Builder, i, columns int) {
	if i > 0 {
		query.WriteString(", ")
	}
	query.WriteByte('(')
	for j := range columns {
		if j > 0 {
			query.WriteString(", ")
		}
		fmt.Fprintf(query, "$%d", i*columns+j+1)
	}
	query.WriteByte(')')
}

// firstLoaded finds which of the entries was loaded before.
func firstLoaded(ctx context.Context, tx *sql.Tx, datasetID string, batch []engine.LedgerEntry) error {
	for i := range batch {
		e := &batch[i]
		var load string
		err := tx.QueryRowContext(ctx, `SELECT load FROM rows_ledger
			WHERE source = $1 AND dataset = $2 AND key = $3 AND version = $4 AND outcome = 'loaded'`,
			e.SourceID, datasetID, []byte(e.Object.Key), []byte(e.Object.Version)).Scan(&load)
		if err == nil && load != e.LoadID {
			return alreadyLoaded(e)
		}
	}
	return alreadyLoaded(&batch[0])
}

func alreadyLoaded(e *engine.LedgerEntry) error {
	return problem.New(problem.Conflict, "Object %q in version %q is already loaded.", e.Object.Key, e.Object.Version).
		WithHint("Start the load again. It skips loaded objects.")
}

// plain returns a text without what PostgreSQL can't store: NUL and bytes that
// aren't UTF-8.
func plain(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Ledger returns the entries of a source after a key, in key order, at most limit of
// them: in a dataset, or in all datasets if datasetID is empty. All entries of a key
// are returned together, unless they alone exceed limit.
func (s *Store) Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) (
	[]engine.LedgerEntry, error,
) {
	query := "SELECT " + ledgerColumns + " FROM rows_ledger WHERE source = $1 AND key > $2"
	values := []any{sourceID, []byte(afterKey), int64(limit) + 1}
	if datasetID != "" {
		query += " AND dataset = $4"
		values = append(values, datasetID)
	}
	rows, err := s.reader.QueryContext(ctx, query+" ORDER BY key, recorded, version, dataset LIMIT $3", values...)
	entries, err := collect(rows, err, scanLedgerEntry)
	if err != nil || len(entries) <= limit {
		return entries, explain(err, "ledger of source %s", sourceID)
	}
	n := limit
	for n > 0 && entries[n-1].Object.Key == entries[limit].Object.Key {
		n--
	}
	if n == 0 {
		n = limit
	}
	return entries[:n], nil
}

// Recorded returns the ledger entries of the objects in a dataset, or in all
// datasets if datasetID is empty.
func (s *Store) Recorded(ctx context.Context, sourceID, datasetID string,
	objects []engine.ObjectVersion,
) ([]engine.LedgerEntry, error) {
	wanted := map[engine.ObjectVersion]bool{}
	for _, o := range objects {
		wanted[o] = true
	}
	unique := make([]string, 0, len(wanted))
	for o := range wanted {
		unique = append(unique, o.Key)
	}
	slices.Sort(unique)
	var found []engine.LedgerEntry
	for keys := range slices.Chunk(slices.Compact(unique), ledgerBatch) {
		entries, err := s.entriesOf(ctx, sourceID, datasetID, keys)
		if err != nil {
			return nil, explain(err, "ledger of source %s", sourceID)
		}
		for _, e := range entries {
			if wanted[e.Object] {
				found = append(found, e)
			}
		}
	}
	return found, nil
}

// History returns the entries of all versions of objects in a dataset.
func (s *Store) History(ctx context.Context, sourceID, datasetID string, keys []string) (
	[]engine.LedgerEntry, error,
) {
	unique := slices.Clone(keys)
	slices.Sort(unique)
	var found []engine.LedgerEntry
	for keys := range slices.Chunk(slices.Compact(unique), ledgerBatch) {
		entries, err := s.entriesOf(ctx, sourceID, datasetID, keys)
		if err != nil {
			return nil, explain(err, "ledger of source %s", sourceID)
		}
		found = append(found, entries...)
	}
	return found, nil
}

func (s *Store) entriesOf(ctx context.Context, sourceID, datasetID string, keys []string) (
	[]engine.LedgerEntry, error,
) {
	values := []any{sourceID}
	list := make([]string, len(keys))
	for i, key := range keys {
		values = append(values, []byte(key))
		list[i] = fmt.Sprintf("$%d", i+2)
	}
	query := "SELECT " + ledgerColumns + //nolint:gosec // placeholders alone
		" FROM rows_ledger WHERE source = $1 AND key IN (" + strings.Join(list, ", ") + ")"
	if datasetID != "" {
		query += fmt.Sprintf(" AND dataset = $%d", len(values)+1)
		values = append(values, datasetID)
	}
	query += " ORDER BY key, version, recorded"
	rows, err := s.reader.QueryContext(ctx, query, values...)
	return collect(rows, err, scanLedgerEntry)
}

func scanLedgerEntry(row scanner) (engine.LedgerEntry, error) {
	var e engine.LedgerEntry
	var key, version []byte
	var modified, recorded int64
	var spans string
	err := row.Scan(&e.DatasetID, &e.SourceID, &key, &version, &e.LoadID, &e.Outcome, &e.Reason, &e.Size,
		&modified, &e.Rows,
		&e.Rejected, &recorded, &e.Code, &e.Attempts, &spans)
	if err != nil {
		return e, err
	}
	e.Object = engine.ObjectVersion{Key: string(bytes.Clone(key)), Version: string(bytes.Clone(version))}
	e.Modified, e.Time = moment(modified), moment(recorded)
	e.Spans, err = parseSpans(spans)
	return e, err
}

// RetireLedger sets a dataset's ledger entries aside.
func (s *Store) RetireLedger(ctx context.Context, datasetID string) error {
	return s.moveLedger(ctx, datasetID,
		`INSERT INTO rows_retired (`+ledgerColumns+`) SELECT `+ledgerColumns+` FROM rows_ledger WHERE dataset = $1
			ON CONFLICT (dataset, source, key, version) DO NOTHING`,
		"DELETE FROM rows_ledger WHERE dataset = $1")
}

// ReinstateLedger restores a dataset's ledger entries.
func (s *Store) ReinstateLedger(ctx context.Context, datasetID string) error {
	return s.moveLedger(ctx, datasetID,
		`INSERT INTO rows_ledger (`+ledgerColumns+`) SELECT `+ledgerColumns+` FROM rows_retired WHERE dataset = $1
			ON CONFLICT (dataset, source, key, version) DO NOTHING`,
		"DELETE FROM rows_retired WHERE dataset = $1")
}

func (s *Store) moveLedger(ctx context.Context, datasetID string, queries ...string) error {
	return s.committing(ctx, func(tx *sql.Tx) error {
		for _, query := range queries {
			if _, err := tx.ExecContext(ctx, query, datasetID); err != nil {
				return explain(err, "ledger of dataset %s", datasetID)
			}
		}
		return nil
	})
}
