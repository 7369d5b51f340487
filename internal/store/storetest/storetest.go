// Package storetest opens stores for tests: a SQLite file of the test's own, and
// where WINDLASS_TEST_POSTGRES has the address of a PostgreSQL database a schema
// of the test's own there.
package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/windlass-io/windlass/internal/store"
)

// Open opens an empty store in a temporary SQLite file. It doesn't wait for
// the disk, because the file needn't survive a power cut.
func Open(t testing.TB) *store.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	Prepare(t, path)
	s := open(t, path)
	if _, err := s.DB().ExecContext(t.Context(), "PRAGMA synchronous=OFF"); err != nil { // the pool has one connection
		t.Fatalf("opening a store: %v", err)
	}
	return s
}

// Each runs a test for each available database, as parallel subtests named
// after the dialect. Use it for every test of the store, so that both
// databases must behave in the same way.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run(string(store.SQLite), func(t *testing.T) {
		t.Parallel()
		test(t, Open(t))
	})
	t.Run(string(store.Postgres), func(t *testing.T) {
		t.Parallel()
		test(t, openPostgres(t))
	})
}

func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{DSN: dsn})
	if err != nil {
		t.Fatalf("opening a store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

func openPostgres(t testing.TB) *store.Store {
	t.Helper()
	return open(t, Address(t)())
}

// Address returns a function that creates an empty schema in PostgreSQL for
// the test and returns its address. It skips the test if there is no
// PostgreSQL.
func Address(t testing.TB) func() string {
	t.Helper()
	return addresses(t, "WINDLASS_TEST_POSTGRES", "the store is tried on SQLite alone")
}

// Database returns a function that creates an empty database in PostgreSQL for
// the test and returns its address. It skips the test if there is no PostgreSQL.
func Database(t testing.TB) func() string {
	t.Helper()
	schema := Address(t) // skips
	return func() string {
		u, err := url.Parse(schema())
		if err != nil {
			t.Fatalf("reading the address of PostgreSQL: %v", err)
		}
		db, err := sql.Open("pgx", u.String())
		if err != nil {
			t.Fatalf("opening PostgreSQL: %v", err)
		}
		name := "test_" + strings.ToLower(rand.Text())
		if _, err := db.ExecContext(context.Background(), `CREATE DATABASE "`+name+`"`); err != nil {
			t.Fatalf("making a database: %v", err)
		}
		t.Cleanup(func() {
			_, err := db.ExecContext(context.Background(), `DROP DATABASE "`+name+`" WITH (FORCE)`)
			if err = errors.Join(err, db.Close()); err != nil {
				t.Errorf("dropping the database: %v", err)
			}
		})
		query := u.Query()
		query.Del("search_path")
		u.Path, u.RawQuery = "/"+name, query.Encode()
		return u.String()
	}
}

// Citus is like Address for a Citus coordinator, whose address is in
// WINDLASS_TEST_CITUS_DSN.
func Citus(t testing.TB) func() string {
	t.Helper()
	return addresses(t, "WINDLASS_TEST_CITUS_DSN", "rows are tried on plain PostgreSQL alone")
}

// addresses returns a function that makes schemas in the database of a variable.
func addresses(t testing.TB, variable, without string) func() string {
	t.Helper()
	address := os.Getenv(variable)
	if address == "" {
		t.Skipf("SKIPPED: %s has no address of a PostgreSQL database; %s", variable, without)
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatalf("opening PostgreSQL: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing PostgreSQL: %v", err)
		}
	})
	return func() string {
		schema := "test_" + strings.ToLower(rand.Text())
		if _, err := db.ExecContext(context.Background(), `CREATE SCHEMA "`+schema+`"`); err != nil {
			t.Fatalf("making a schema: %v", err)
		}
		t.Cleanup(func() { // runs after the store is closed; the test's context has ended by then
			if _, err := db.ExecContext(context.Background(), `DROP SCHEMA "`+schema+`" CASCADE`); err != nil {
				t.Errorf("dropping the schema: %v", err)
			}
		})
		return within(t, address, schema)
	}
}

// within returns the address with schema as the only schema in the search path.
func within(t testing.TB, address, schema string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal("the address of PostgreSQL can't be read")
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String()
}
