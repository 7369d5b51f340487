package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/workspace"
)

// InsertLink stores a sign-in link and deletes expired ones. Of the member's links
// it keeps the newest, at most keep with this one.
func (s *Store) InsertLink(ctx context.Context, made workspace.Link, keep int) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM signin_link WHERE expires_at < $1`,
			micros(made.CreatedAt)); err != nil {
			return explain(err, "ended sign-in links")
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM signin_link WHERE member = $1 AND hash NOT IN (
			SELECT hash FROM signin_link WHERE member = $1 ORDER BY created_at DESC, hash LIMIT $2)`, made.Member,
			keep-1)
		if err != nil {
			return explain(err, "old sign-in links")
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO signin_link (hash, member, role, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)`,
			made.Hash, made.Member, string(made.Role), micros(made.CreatedAt), micros(made.ExpiresAt))
		return explain(err, "sign-in link")
	})
}

// TakeLink deletes a sign-in link and returns it.
func (s *Store) TakeLink(ctx context.Context, hash string) (workspace.Link, error) {
	var link workspace.Link
	err := s.update(ctx, func(tx *sql.Tx) error {
		var created, expires int64
		err := tx.QueryRowContext(ctx, `DELETE FROM signin_link WHERE hash = $1 RETURNING hash, member, role, created_at, expires_at`, hash).
			Scan(&link.Hash, &link.Member, &link.Role, &created, &expires)
		link.CreatedAt, link.ExpiresAt = moment(created), moment(expires)
		return explain(err, "such sign-in link")
	})
	return link, err
}

// Sessions stores the console's sessions. It is a CtxStore of
// github.com/alexedwards/scs/v2. It stores the hash of a session's token, so
// that someone who reads the database can't take over a session.
type Sessions struct {
	store *Store
	now   func() time.Time
}

// Sessions returns the part of the store that keeps sessions.
func (s *Store) Sessions(now func() time.Time) *Sessions { return &Sessions{store: s, now: now} }

// FindCtx returns a session's data, if it hasn't ended.
func (s *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	var kept string
	err = s.store.reader.QueryRowContext(ctx, `SELECT data FROM session WHERE hash = $1 AND expires_at > $2`,
		hashOf(token), micros(s.now())).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, explain(err, "session")
	}
	data, err = base64.StdEncoding.DecodeString(kept)
	return data, err == nil, err
}

// CommitCtx stores a session's data until it ends, and deletes ended sessions.
func (s *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return s.store.update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM session WHERE expires_at <= $1`, micros(s.now())); err != nil {
			return explain(err, "ended sessions")
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO session (hash, data, expires_at) VALUES ($1, $2, $3)
			ON CONFLICT (hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`,
			hashOf(token), base64.StdEncoding.EncodeToString(data), micros(expiry))
		return explain(err, "session")
	})
}

// DeleteCtx deletes a session.
func (s *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return s.store.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM session WHERE hash = $1`, hashOf(token))
		return explain(err, "session")
	})
}

// Find is FindCtx without a context. scs requires it but doesn't use it.
func (s *Sessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *Sessions) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
