package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/windlass-io/windlass/internal/login"
)

const loginColumns = "device_hash, code_hash, name, address, member, denied, created_at, expires_at"

// InsertLogin stores a request and deletes those that ended before it was created.
func (s *Store) InsertLogin(ctx context.Context, made login.Request) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM login_request WHERE expires_at <= $1",
			micros(made.CreatedAt)); err != nil {
			return explain(err, "expired sign-ins")
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO login_request ("+loginColumns+
			") VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
			made.DeviceHash, made.CodeHash, made.Name, made.Address, made.Member, micros(made.CreatedAt),
			micros(made.ExpiresAt))
		return explain(err, "sign-in of a command")
	})
}

// CountLogins counts the requests that haven't expired, and those from an
// address.
func (s *Store) CountLogins(ctx context.Context, address string, now time.Time) (all, from int, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT count(*), count(CASE WHEN address = $2 THEN 1 END) FROM login_request WHERE expires_at > $1",
		micros(now), address).Scan(&all, &from)
	return all, from, explain(err, "sign-ins of commands")
}

// LoginByCode returns the request with this code.
func (s *Store) LoginByCode(ctx context.Context, codeHash string) (login.Request, error) {
	return s.login(ctx, "code_hash", codeHash)
}

// LoginByDevice returns the request that this secret redeems.
func (s *Store) LoginByDevice(ctx context.Context, deviceHash string) (login.Request, error) {
	return s.login(ctx, "device_hash", deviceHash)
}

func (s *Store) login(ctx context.Context, column, hash string) (login.Request, error) {
	var r login.Request
	var created, expires int64
	err := s.reader.QueryRowContext(ctx, "SELECT "+loginColumns+" FROM login_request WHERE "+column+" = $1", hash).
		Scan(&r.DeviceHash, &r.CodeHash, &r.Name, &r.Address, &r.Member, &r.Denied, &created, &expires)
	r.CreatedAt, r.ExpiresAt = moment(created), moment(expires)
	return r, explain(err, "such sign-in of a command")
}

// AnswerLogin stores who approved or denied a pending request.
func (s *Store) AnswerLogin(ctx context.Context, codeHash, member string, denied bool) error {
	answer := 0
	if denied {
		answer = 1
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "UPDATE login_request SET member = $2, denied = $3 WHERE code_hash = $1 AND member = ''", codeHash, member, answer)
		return changed(result, err, "such sign-in of a command")
	})
}

// TakeLogin deletes a request; only the first caller gets nil.
func (s *Store) TakeLogin(ctx context.Context, deviceHash string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM login_request WHERE device_hash = $1", deviceHash)
		return changed(result, err, "such sign-in of a command")
	})
}
