package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/vending"
)

// SpendToken counts an exchange of a token. It returns [vending.ErrSpent] if
// the token was exchanged as often as allowed. From time to time it deletes
// tokens that have expired on every clock.
func (s *Store) SpendToken(ctx context.Context, spent vending.Spent) error {
	if spent.Most < 1 {
		return vending.ErrSpent
	}
	insert, err := s.hot(ctx, `INSERT INTO vending_token (workspace, fingerprint, exchanges, until) VALUES ($1, $2,
		1, $3)
		ON CONFLICT (workspace, fingerprint) DO UPDATE SET exchanges = vending_token.exchanges + 1
			WHERE vending_token.exchanges < $4`)
	if err != nil {
		return err
	}
	if strings.HasPrefix(spent.Fingerprint, "00") { // one in 256
		if err := s.forgetTokens(ctx, spent.Now); err != nil {
			return err
		}
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		statement := tx.StmtContext(ctx, insert) //nolint:sqlclosecheck // the transaction closes it
		result, err := statement.ExecContext(ctx, spent.Workspace, spent.Fingerprint, micros(spent.Until),
			int64(spent.Most))
		if err != nil {
			return explain(err, "exchange of a token")
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return vending.ErrSpent
		}
		return nil
	})
}

func (s *Store) forgetTokens(ctx context.Context, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM vending_token WHERE until < $1", micros(now))
		return explain(err, "tokens that are over")
	})
}

// TokenSpent returns how often a token was exchanged.
func (s *Store) TokenSpent(ctx context.Context, workspace, fingerprint string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, `SELECT exchanges FROM vending_token WHERE workspace = $1
		AND fingerprint = $2`, workspace, fingerprint).Scan(&n)
	return n, explain(err, "such token")
}
