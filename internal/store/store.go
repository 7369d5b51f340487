// Package store stores the service's own state, everything except rows of
// data, in SQLite or PostgreSQL. Both run the same SQL, written by hand next to
// the function that runs it, with one file for each kind of thing, in the subset
// of the language that both share.
//
//   - Placeholders are $1, $2, …; both drivers bind them by number.
//   - Column types are TEXT, BIGINT and INTEGER. A time is a BIGINT of
//     microseconds since 1970 in UTC, 0 for none; a boolean is an INTEGER of 0
//     or 1; a structured value is JSON in a TEXT.
//   - A public method opens the transaction (Store.update); small functions
//     take the transaction and run one statement. A read with one statement
//     needs no transaction.
//   - A missing row is a problem with code not_found, and a violated unique
//     constraint is a problem with code conflict.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/windlass-io/windlass/internal/problem"
)

// Dialect names the database that keeps the state.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// Config configures the store.
type Config struct {
	// DSN is the path of a SQLite file, created if missing, or the address
	// of a PostgreSQL database, "postgres://user:password@host/name". Required.
	DSN string
	// Migrated is called after each migration. Optional.
	Migrated func(applied Migration, took time.Duration)
	// Wrote is called after each transaction that writes, with its time: its retries and
	// its wait for a connection are included. Optional.
	Wrote func(took time.Duration)
	// Refuse makes Open fail if the state's schema isn't this release's, instead of
	// migrating it.
	Refuse bool
}

// Store is an open database with this release's schema. It is safe for concurrent use.
type Store struct {
	dialect Dialect
	path    string  // SQLite: the file
	address string  // PostgreSQL: the address, which may have a password
	writer  *sql.DB // SQLite: one connection, so that writers queue instead of colliding
	reader  *sql.DB // PostgreSQL: the same pool as writer
	known   int64   // the newest migration of this release

	serializations, deadlocks atomic.Int64 // transactions that were tried again

	wrote func(took time.Duration) // optional

	mu       sync.Mutex
	prepared map[string]*sql.Stmt // of writer, by query; see hot
}

// Open opens the database, creating a missing SQLite file, and migrates its
// schema to this release under a lock.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Refuse && !IsAddress(cfg.DSN) {
		if _, err := os.Stat(cfg.DSN); errors.Is(err, fs.ErrNotExist) {
			return nil, problem.New(problem.Conflict, "There is no state in %s yet, and migrations are off.", cfg.DSN).
				WithHint("Run windlass migrate once; it creates the state.")
		}
	}
	s, err := connect(ctx, cfg.DSN)
	if err != nil {
		return nil, err
	}
	s.wrote = cfg.Wrote
	if err := s.migrate(ctx, &cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// OpenAsIs opens a state without changing its schema, which must be at least at
// migration since and not newer than this release's. Callers may only use it for what
// works with every schema from then on.
func OpenAsIs(ctx context.Context, dsn string, since int64) (*Store, error) {
	s, err := connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	known, err := Known()
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.known = known
	version, _, err := s.SchemaVersion(ctx)
	switch {
	case err != nil:
	case version > known:
		err = newerSchema(version, known)
	case version < since:
		err = problem.New(problem.Conflict, "The state has schema %d, which this release can't use without a "+
			"migration.", version).
			WithHint("Use the release that wrote the state, or start the service of this release first.")
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(ctx context.Context, dsn string) (*Store, error) {
	switch {
	case dsn == "":
		return nil, errors.New("opening the state: neither a file nor an address is set")
	case IsAddress(dsn):
		return openPostgres(ctx, dsn)
	default:
		return openSQLite(ctx, dsn)
	}
}

// Dialect is the kind of database that keeps the state.
func (s *Store) Dialect() Dialect { return s.dialect }

// DB returns the pool for writing, for code with its own SQL, such as the job
// queue. On SQLite it has one connection, so holding it blocks all other
// writers.
func (s *Store) DB() *sql.DB { return s.writer }

// Ping returns an error if the database doesn't respond.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.reader.PingContext(ctx); err != nil {
		return fmt.Errorf("asking the state database: %w", err)
	}
	return nil
}

// Close closes all connections.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, statement := range s.prepared {
		errs = append(errs, statement.Close())
	}
	if s.reader != s.writer {
		errs = append(errs, s.reader.Close())
	}
	return errors.Join(append(errs, s.writer.Close())...)
}

// IsAddress reports whether a setting is the address of a database, and not a file.
func IsAddress(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}
