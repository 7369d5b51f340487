package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// RowsIdentity returns the identity of the folder with the rows, and its last
// location. Both are empty if there is none yet.
func (s *Store) RowsIdentity(ctx context.Context) (identity, folder string, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT identity, folder FROM rows_identity").Scan(&identity, &folder)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return identity, folder, explain(err, "identity of the rows")
}

// SaveRowsIdentity stores the identity and the location of the folder with
// the rows. It doesn't change an existing identity.
func (s *Store) SaveRowsIdentity(ctx context.Context, identity, folder string, now time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO rows_identity (one, identity, folder, made_at) VALUES (1, $1, $2, $3)
			ON CONFLICT (one) DO UPDATE SET folder = excluded.folder`, identity, folder, micros(now))
		return explain(err, "identity of the rows")
	})
}
