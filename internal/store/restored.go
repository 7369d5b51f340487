package store

import (
	"context"
	"database/sql"
)

// Restored ends what must not live on in a state that came from a backup: sessions,
// links and codes to sign in, nodes, pins and claims on loads.
func (s *Store) Restored(ctx context.Context) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, table := range []string{
			"session", "member_session", "signin_link", "login_request", "login_code", "node", "pin",
		} {
			if _, err := tx.ExecContext(ctx, "DELETE FROM "+table); err != nil { //nolint:gosec // a name of this list
				return explain(err, "restored %s", table)
			}
		}
		return nil
	})
}
