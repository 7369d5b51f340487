package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
)

// migrationLockID is the advisory lock under which nodes migrate PostgreSQL.
const migrationLockID = 7_946_172_815

// lockMigration waits until no other process migrates the database. Other
// processes wait until unlock is called or this process ends, in any way.
func (s *Store) lockMigration(ctx context.Context) (unlock func() error, err error) {
	if s.dialect == Postgres {
		return holdTransaction(ctx, s.writer, "SELECT pg_advisory_xact_lock($1)", migrationLockID, waitLong)
	}
	// SQLite's own lock of the file can't be held across transactions while
	// other connections have it open, so the lock is on a second, empty
	// file.
	db, err := sqlitePool(s.path+"-migration", 1, url.Values{"_txlock": {"exclusive"}, "_busy_timeout": {"60000"}})
	if err != nil {
		return nil, err
	}
	release, err := holdTransaction(ctx, db, "SELECT $1", migrationLockID)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return func() error { return errors.Join(release(), db.Close()) }, nil
}

func holdTransaction(ctx context.Context, db *sql.DB, query string, id int64, more ...string) (
	release func() error, err error,
) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("beginning a transaction: %w", err)
	}
	if _, err := tx.ExecContext(ctx, query, id); err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	for _, statement := range more {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	return tx.Rollback, nil
}
