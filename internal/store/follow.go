package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxPolls limits the cursors of queryIds per token.
const maxPolls = 1000

// Poll returns how far a token has read with a queryId, or "" if it hasn't since a
// time.
func (s *Store) Poll(ctx context.Context, key delivery.PollKey, since time.Time) (state string, err error) {
	err = s.reader.QueryRowContext(ctx, `SELECT state FROM query_cursor
		WHERE token = $1 AND name = $2 AND dataset = $3 AND path = $4 AND used_at >= $5`,
		key.Token, key.Name, key.Dataset, key.Path, micros(since)).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return state, explain(err, "cursor %s", key.Name)
}

// SavePoll stores how far a token has read.
func (s *Store) SavePoll(ctx context.Context, key delivery.PollKey, state string, now time.Time) error {
	err := s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `UPDATE query_cursor SET state = $5, used_at = $6
			WHERE token = $1 AND name = $2 AND dataset = $3 AND path = $4`,
			key.Token, key.Name, key.Dataset, key.Path, state, micros(now))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n > 0 {
			return err
		}
		var kept int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM query_cursor WHERE token = $1", key.Token).
			Scan(&kept); err != nil {
			return err
		}
		if kept >= maxPolls {
			return problem.New(problem.Invalid, "The token has %d cursors of queryId in use.", kept).
				WithReason("too_many").WithHint("Use fewer names; one that isn't used is forgotten after 24 hours.")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO query_cursor (token, name, dataset, path, state, used_at)
			VALUES ($1, $2, $3, $4, $5, $6)`, key.Token, key.Name, key.Dataset, key.Path, state, micros(now))
		return err
	})
	return explain(err, "cursor %s", key.Name)
}

// ForgetPolls deletes cursors that weren't used since a time, and records that
// followers of changes no longer need.
func (s *Store) ForgetPolls(ctx context.Context, before time.Time) error {
	err := s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM query_cursor WHERE used_at < $1", micros(before))
		if err == nil {
			_, err = tx.ExecContext(ctx, "DELETE FROM rows_break WHERE at < $1", micros(before))
		}
		return err
	})
	return explain(err, "cursors")
}

// Breaks returns the commits after a version that did more than add and replace rows,
// the oldest first, at most limit of them.
func (s *Store) Breaks(ctx context.Context, datasetID string, after int64, limit int) ([]delivery.Break, error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT version, kind, note FROM rows_break
		WHERE dataset = $1 AND version > $2 ORDER BY version LIMIT $3`, datasetID, after, limit)
	found, err := collect(rows, err, func(row scanner) (b delivery.Break, err error) {
		var kind, note string
		err = row.Scan(&b.Version, &kind, &note)
		b.Kind, b.Note = delivery.BreakKind(kind), []byte(note)
		return b, err
	})
	return found, explain(err, "changes of dataset %s", datasetID)
}

// saveBreak stores a record of a commit that does more than add and replace rows.
func saveBreak(ctx context.Context, tx *sql.Tx, c *manifest.Commit) error {
	if c.From == 0 {
		return nil
	}
	rows, err := tx.QueryContext(ctx, "SELECT "+rowsDatasetColumns+" FROM rows_dataset WHERE dataset = $1",
		c.Dataset.ID)
	found, err := collect(rows, err, scanRowsDataset)
	if err != nil || len(found) == 0 {
		return err
	}
	kind := breakOf(&found[0], c)
	if kind == "" {
		return nil
	}
	at := time.Now() //nolint:forbidigo // only determines when the record may be deleted
	_, err = tx.ExecContext(ctx, `INSERT INTO rows_break (dataset, version, kind, note, at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (dataset, version) DO NOTHING`,
		c.Dataset.ID, c.Dataset.Version, string(kind), string(c.Note), micros(at))
	return err
}

// breakOf returns what a commit does in addition to adding and replacing rows,
// or "".
func breakOf(before *manifest.Dataset, c *manifest.Commit) delivery.BreakKind {
	after := &c.Dataset
	switch {
	case before.Layout != after.Layout, len(before.Columns) != len(after.Columns):
		return delivery.SchemaChanged
	case len(c.Removals) > 0:
		return delivery.RowsRemoved
	case before.NextSeq == after.NextSeq && after.Rows < before.Rows:
		return delivery.RowsDeleted
	}
	for i := range before.Columns {
		if before.Columns[i].Name != after.Columns[i].Name || before.Columns[i].Type != after.Columns[i].Type {
			return delivery.SchemaChanged
		}
	}
	return ""
}
