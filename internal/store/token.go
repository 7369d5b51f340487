package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/token"
)

//
//nolint:gosec // G101: names of columns, not a credential
const tokenColumns = "id, workspace, kind, name, tail, hash, scopes, created_at, expires_at, used_at, revoked_at, member, parent, review, origins, referers, cache_seconds, limits"

// tokenQuery reads tokens with their makers' e-mail addresses.
var tokenQuery = "SELECT t." + strings.ReplaceAll(tokenColumns, ", ", ", t.") +
	", COALESCE(m.email, '') FROM token t LEFT JOIN member m ON m.id = t.member "

// InsertToken stores a new token.
func (s *Store) InsertToken(ctx context.Context, made token.Token) error {
	scopes, origins, referers, err := tokenLists(&made)
	if err != nil {
		return err
	}
	limits, err := text(made.Limits)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO token ("+tokenColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
			made.ID, made.Workspace, string(made.Kind), made.Name, made.Tail, made.Hash.String(), scopes,
			micros(made.CreatedAt), micros(made.ExpiresAt), micros(made.UsedAt), micros(made.RevokedAt), made.Maker,
			made.Parent, made.Review, origins, referers, made.CacheSeconds, limits)
		return explain(err, "token %s", made.ID)
	})
}

// TokenByHash returns the token with this hash.
func (s *Store) TokenByHash(ctx context.Context, hash token.Hash) (token.Token, error) {
	found, err := scanToken(s.reader.QueryRowContext(ctx, tokenQuery+"WHERE t.hash = $1", hash.String()))
	return found, explain(err, "such token")
}

// Token returns a token of a workspace.
func (s *Store) Token(ctx context.Context, workspace, id string) (token.Token, error) {
	found, err := scanToken(s.reader.QueryRowContext(ctx, tokenQuery+"WHERE t.workspace = $1 AND t.id = $2", workspace,
		id))
	return found, explain(err, "token %s", id)
}

// ListTokens returns a page of the workspace's tokens that aren't revoked and
// are visible, oldest first.
func (s *Store) ListTokens(ctx context.Context, workspace string, visible token.Visible,
	request paging.Request,
) (paging.List[token.Token], error) {
	after, limit, err := request.Start("token")
	if err != nil {
		return paging.List[token.Token]{}, err
	}
	args := []any{workspace, after, limit + 1, visible.Maker}
	makers := "t.member = $4"
	if len(visible.Roles) == len(access.Roles()) {
		makers = "(t.member = $4 OR 1 = 1)" // including those whose maker has left
	} else if len(visible.Roles) > 0 {
		marks := make([]string, len(visible.Roles))
		for i, role := range visible.Roles {
			args = append(args, string(role))
			marks[i] = fmt.Sprintf("$%d", len(args))
		}
		makers = "(t.member = $4 OR m.role IN (" + strings.Join(marks, ", ") + "))"
	}
	args = append(args, visible.Of)
	only := fmt.Sprintf(" AND ($%[1]d = '' OR t.member = $%[1]d)", len(args))
	rows, err := s.reader.QueryContext(ctx, tokenQuery+"WHERE t.workspace = $1 AND t.id > $2 AND t.revoked_at = 0 AND "+
		makers+only+" ORDER BY t.id LIMIT $3", args...)
	found, err := collect(rows, err, scanToken)
	if err != nil {
		return paging.List[token.Token]{}, explain(err, "tokens")
	}
	return paging.Cut("token", found, limit, func(t token.Token) string { return t.ID }), nil
}

// CountTokens counts a workspace's tokens that are not revoked.
func (s *Store) CountTokens(ctx context.Context, workspace string) (int, error) {
	var n int
	err := s.reader.QueryRowContext(ctx, "SELECT count(*) FROM token WHERE workspace = $1 AND revoked_at = 0",
		workspace).Scan(&n)
	return n, explain(err, "tokens of workspace %s", workspace)
}

// RevokeToken sets the time of revocation of a token and of those that it
// created, unless it is set, and returns the token.
func (s *Store) RevokeToken(ctx context.Context, workspace, id string, now time.Time) (token.Token, error) {
	var revoked token.Token
	err := s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `WITH RECURSIVE family (id) AS (
			SELECT id FROM token WHERE workspace = $1 AND id = $2
			UNION SELECT t.id FROM token t JOIN family f ON t.parent = f.id WHERE t.workspace = $1
		) UPDATE token SET revoked_at = $3 WHERE revoked_at = 0 AND id IN (SELECT id FROM family)`, workspace, id,
			micros(now))
		if err != nil {
			return explain(err, "token %s", id)
		}
		revoked, err = scanToken(tx.QueryRowContext(ctx, tokenQuery+"WHERE t.workspace = $1 AND t.id = $2", workspace,
			id))
		return explain(err, "token %s", id)
	})
	return revoked, err
}

// UpdateToken stores a token's name, scopes, maker, parent and expiry, and that
// someone has reviewed it.
func (s *Store) UpdateToken(ctx context.Context, edited token.Token) error {
	scopes, origins, referers, err := tokenLists(&edited)
	if err != nil {
		return err
	}
	limits, err := text(edited.Limits)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(
			ctx,
			`UPDATE token SET name = $3, scopes = $4, member = $5, parent = $6, expires_at = $7,
				origins = $8, referers = $9, cache_seconds = $10, limits = $11, review = FALSE
			WHERE workspace = $1 AND id = $2 AND revoked_at = 0`,
			edited.Workspace,
			edited.ID,
			edited.Name,
			scopes,
			edited.Maker,
			edited.Parent,
			micros(edited.ExpiresAt),
			origins,
			referers,
			edited.CacheSeconds,
			limits,
		)
		return changed(result, err, "token %s", edited.ID)
	})
}

// TouchToken stores when a token was last used.
func (s *Store) TouchToken(ctx context.Context, id string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE token SET used_at = $2 WHERE id = $1", id, micros(now))
		return explain(err, "token %s", id)
	})
}

func scanToken(row scanner) (token.Token, error) {
	var t token.Token
	var hash, scopes, origins, referers, limits string
	var created, expires, used, revoked int64
	if err := row.Scan(&t.ID, &t.Workspace, &t.Kind, &t.Name, &t.Tail, &hash, &scopes, &created, &expires, &used,
		&revoked, &t.Maker, &t.Parent, &t.Review, &origins, &referers, &t.CacheSeconds, &limits,
		&t.MakerName); err != nil {
		return token.Token{}, err
	}
	t.CreatedAt, t.ExpiresAt, t.UsedAt, t.RevokedAt = moment(created), moment(expires), moment(used), moment(revoked)
	var err error
	if t.Hash, err = token.ParseHash(hash); err != nil {
		return token.Token{}, err
	}
	err = errors.Join(parse(scopes, &t.Scopes), parse(origins, &t.AllowedOrigins), parse(referers, &t.AllowedReferers),
		parse(limits, &t.Limits))
	return t, err
}

// tokenLists returns the lists of a token in stored form.
func tokenLists(t *token.Token) (scopes, origins, referers string, err error) {
	var faults [3]error
	scopes, faults[0] = text(t.Scopes)
	origins, faults[1] = text(append([]string{}, t.AllowedOrigins...))
	referers, faults[2] = text(append([]string{}, t.AllowedReferers...))
	return scopes, origins, referers, errors.Join(faults[:]...)
}
