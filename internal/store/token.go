package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/page"
	"github.com/windlass-io/windlass/internal/token"
)

const tokenColumns = "id, workspace, kind, name, tail, hash, scopes, created_at, expires_at, used_at, revoked_at, member" //nolint:gosec // G101: names of columns, not a credential

// InsertToken keeps a new token.
func (s *Store) InsertToken(ctx context.Context, made token.Token) error {
	scopes, err := text(made.Scopes)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO token ("+tokenColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
			made.ID, made.Workspace, string(made.Kind), made.Name, made.Tail, made.Hash.String(), scopes,
			micros(made.CreatedAt), micros(made.ExpiresAt), micros(made.UsedAt), micros(made.RevokedAt), made.Member)
		return explain(err, "token %s", made.ID)
	})
}

// TokenByHash gives the token with this hash.
func (s *Store) TokenByHash(ctx context.Context, hash token.Hash) (token.Token, error) {
	found, err := scanToken(s.reader.QueryRowContext(ctx, "SELECT "+tokenColumns+" FROM token WHERE hash = $1", hash.String()))
	return found, explain(err, "such token")
}

// Token returns one token of a workspace, revoked or not.
func (s *Store) Token(ctx context.Context, workspace, id string) (token.Token, error) {
	found, err := scanToken(s.reader.QueryRowContext(ctx, "SELECT "+tokenColumns+" FROM token WHERE workspace = $1 AND id = $2", workspace, id))
	return found, explain(err, "token %s", id)
}

// ListTokens gives a workspace's tokens that are not revoked, oldest first.
func (s *Store) ListTokens(ctx context.Context, workspace string, request page.Request) (page.Of[token.Token], error) {
	after, limit, err := request.Start("token")
	if err != nil {
		return page.Of[token.Token]{}, err
	}
	rows, err := s.reader.QueryContext(ctx, "SELECT "+tokenColumns+" FROM token WHERE workspace = $1 AND id > $2 AND revoked_at = 0 ORDER BY id LIMIT $3", workspace, after, limit+1)
	found, err := collect(rows, err, scanToken)
	if err != nil {
		return page.Of[token.Token]{}, explain(err, "tokens")
	}
	return page.Cut("token", found, limit, func(t token.Token) string { return t.ID }), nil
}

// CountTokens counts a workspace's tokens that are not revoked.
func (s *Store) CountTokens(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM token WHERE workspace = $1 AND revoked_at = 0", workspace).Scan(&n)
	return n, explain(err, "tokens of workspace %s", workspace)
}

// RevokeToken sets the time of revocation, unless it is set, and gives the
// token.
func (s *Store) RevokeToken(ctx context.Context, workspace, id string, now time.Time) (token.Token, error) {
	var revoked token.Token
	err := s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE token SET revoked_at = $3 WHERE workspace = $1 AND id = $2 AND revoked_at = 0", workspace, id, micros(now))
		if err != nil {
			return explain(err, "token %s", id)
		}
		revoked, err = scanToken(tx.QueryRowContext(ctx, "SELECT "+tokenColumns+" FROM token WHERE workspace = $1 AND id = $2", workspace, id))
		return explain(err, "token %s", id)
	})
	return revoked, err
}

// TouchToken keeps when a token was last used.
func (s *Store) TouchToken(ctx context.Context, id string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE token SET used_at = $2 WHERE id = $1", id, micros(now))
		return explain(err, "token %s", id)
	})
}

func scanToken(row scanner) (token.Token, error) {
	var t token.Token
	var hash, scopes string
	var created, expires, used, revoked int64
	if err := row.Scan(&t.ID, &t.Workspace, &t.Kind, &t.Name, &t.Tail, &hash, &scopes, &created, &expires, &used, &revoked, &t.Member); err != nil {
		return token.Token{}, err
	}
	t.CreatedAt, t.ExpiresAt, t.UsedAt, t.RevokedAt = moment(created), moment(expires), moment(used), moment(revoked)
	var err error
	if t.Hash, err = token.ParseHash(hash); err != nil {
		return token.Token{}, err
	}
	err = parse(scopes, &t.Scopes)
	return t, err
}
