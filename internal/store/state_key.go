package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"time"
)

// StateKey returns the sealed key with a name, or nil if there is none.
func (s *Store) StateKey(ctx context.Context, name string) (sealed []byte, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT sealed FROM state_key WHERE name = $1", name).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return sealed, explain(err, "key of the state")
}

// ReplaceStateKey replaces the sealed key with a name, if it still is old; nil
// means that there is none.
func (s *Store) ReplaceStateKey(ctx context.Context, name string, old, sealed []byte, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var current []byte
		err := tx.QueryRowContext(ctx, "SELECT sealed FROM state_key WHERE name = $1", name).Scan(&current)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return explain(err, "key of the state")
		}
		if !bytes.Equal(current, old) {
			return nil
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO state_key (name, sealed, made_at) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, made_at = excluded.made_at`,
			name, sealed, micros(now))
		return explain(err, "key of the state")
	})
}
