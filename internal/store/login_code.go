package store

import (
	"context"
	"database/sql"

	"github.com/windlass-io/windlass/internal/login"
)

const loginCodeColumns = "hash, member, name, challenge, redirect, created_at, expires_at"

// InsertLoginCode stores an approval and deletes those that ended before it was
// created.
func (s *Store) InsertLoginCode(ctx context.Context, made login.Code) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM login_code WHERE expires_at <= $1",
			micros(made.CreatedAt)); err != nil {
			return explain(err, "expired sign-ins")
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO login_code ("+loginCodeColumns+
			") VALUES ($1, $2, $3, $4, $5, $6, $7)",
			made.Hash, made.Member, made.Name, made.Challenge, made.Redirect, micros(made.CreatedAt),
			micros(made.ExpiresAt))
		return explain(err, "sign-in of a command")
	})
}

// TakeLoginCode deletes an approval and returns it; only the first caller gets it.
func (s *Store) TakeLoginCode(ctx context.Context, hash string) (login.Code, error) {
	var code login.Code
	err := s.update(ctx, func(tx *sql.Tx) error {
		var created, expires int64
		err := tx.QueryRowContext(ctx, "DELETE FROM login_code WHERE hash = $1 RETURNING "+loginCodeColumns, hash).
			Scan(&code.Hash, &code.Member, &code.Name, &code.Challenge, &code.Redirect, &created, &expires)
		code.CreatedAt, code.ExpiresAt = moment(created), moment(expires)
		return explain(err, "such sign-in of a command")
	})
	return code, err
}
