package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// attempts limits how often a transaction is tried that PostgreSQL couldn't
// serialize.
const attempts = 5

// querier runs one statement: a transaction or a pool.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// update runs fn in a transaction that writes, and commits if fn returns nil.
// Transactions are serializable: each sees all transactions before it and none
// after it. PostgreSQL may run fn again, so it must change nothing but the
// database and its own results.
func (s *Store) update(ctx context.Context, fn func(tx *sql.Tx) error) error {
	if s.wrote != nil {
		begin := time.Now() //nolint:forbidigo // only the difference counts
		defer func() { s.wrote(time.Since(begin)) }()
	}
	options := &sql.TxOptions{}
	if s.dialect == Postgres {
		options.Isolation = sql.LevelSerializable
	}
	var err error
	for range attempts {
		if err = transact(ctx, s.writer, options, fn); !s.collided(err) {
			return err
		}
	}
	return err
}

func transact(ctx context.Context, db *sql.DB, options *sql.TxOptions, fn func(tx *sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // has no effect after Commit
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// hot prepares a query that runs so often that parsing it each time would cost
// more than running it. A transaction runs it with tx.StmtContext. query must
// be a constant, because the statement is kept until the store closes. Call
// hot before the transaction begins, which holds SQLite's only connection.
func (s *Store) hot(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if statement := s.prepared[query]; statement != nil {
		return statement, nil
	}
	statement, err := s.writer.PrepareContext(ctx, query) //nolint:sqlclosecheck // kept in prepared; Close closes it
	if err != nil {
		return nil, fmt.Errorf("preparing a statement: %w", err)
	}
	if s.prepared == nil {
		s.prepared = map[string]*sql.Stmt{}
	}
	s.prepared[query] = statement
	return statement, nil
}

// Retry is the reason why PostgreSQL requires a transaction to be tried again.
type Retry string

// The reasons to try again.
const (
	Serialization Retry = "serialization" // the transaction can't be serialized
	Deadlock      Retry = "deadlock"
)

// Retries returns how often a transaction failed for a reason.
func (s *Store) Retries(why Retry) int64 {
	if why == Deadlock {
		return s.deadlocks.Load()
	}
	return s.serializations.Load()
}

// isCollision reports whether PostgreSQL requires the transaction to be tried again
// (class 40, "transaction rollback").
func isCollision(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && len(pg.Code) == 5 && pg.Code[:2] == "40"
}

// collided is isCollision, and counts.
func (s *Store) collided(err error) bool {
	var pg *pgconn.PgError
	if !isCollision(err) || !errors.As(err, &pg) {
		return false
	}
	if pg.Code == "40P01" {
		s.deadlocks.Add(1)
	} else {
		s.serializations.Add(1)
	}
	return true
}
