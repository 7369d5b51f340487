package store_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// openAt creates a database with an earlier schema, and runs a statement.
func openAt(t *testing.T, driver, dsn string, dialect goose.Dialect, version int64, add string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	provider, err := goose.NewProvider(dialect, db, os.DirFS("migration"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(ctx, version); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(ctx, add); err != nil {
		t.Fatal(err)
	}
}

const integrationsBefore = `
INSERT INTO workspace (id, name, created_at) VALUES ('ws_1', 'acme', 1);
INSERT INTO integration (id, workspace, name, state, reason, external_id, next_external_id, principal_arn, role_arn,
	locations, access, region, endpoint, requester_pays, kms_key_arns, session_seconds, revision, version, created_at,
	edited_at, verified_at, removed_at, webhook_url, vending) VALUES
	('int_1', 'ws_1', 'plain', 'verified', '', 'a', '', '', '', '[]', 'read', '', '', 0, '[]', 3600, 3, 4,
		1, 1, 1, 0, '', 0),
	('int_2', 'ws_1', 'vends', 'verified', '', 'b', '', '', '', '[]', 'read', '', '', 0, '[]', 3600, 3, 4,
		1, 1, 1, 0, '', 1),
	('int_3', 'ws_1', 'writes', 'failing', 'x', 'c', '', '', '', '[]', 'readwrite', '', '', 0, '[]', 3600, 3, 4,
		1, 1, 1, 0, '', 0),
	('int_4', 'ws_1', 'both', 'verified', '', 'd', '', '', '', '[]', 'readwrite', '', '', 0, '[]', 3600, 3, 4,
		1, 1, 1, 0, '', 1);`

// TestPartsOfEarlierReleases checks that the parts of an integration get its former
// state, so that nothing stops with an upgrade.
func TestPartsOfEarlierReleases(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state.db")
	openAt(t, "sqlite", file, goose.DialectSQLite3, 630, integrationsBefore)
	database := storetest.Address(t)()
	openAt(t, "pgx", database, goose.DialectPostgres, 630, integrationsBefore)
	verified, failing := integration.Standing{State: "verified"}, integration.Standing{State: "failing"}
	for _, dsn := range []string{file, database} {
		s, err := store.Open(t.Context(), store.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]map[integration.Part]integration.Standing{
			"int_1": {},
			"int_2": {integration.Vending: verified},
			"int_3": {integration.Writing: failing},
			"int_4": {integration.Writing: verified, integration.Vending: verified},
		} {
			got, err := s.Integration(t.Context(), "ws_1", id)
			if err != nil || got.ReadRevision != 3 {
				t.Errorf("%s: revision %d, %v", id, got.ReadRevision, err)
			}
			if diff := cmp.Diff(want, got.Parts); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestCopyBeforeUpgrade copies a state once before its schema changes, and keeps three
// copies.
func TestCopyBeforeUpgrade(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "state.db")
	openAt(
		t,
		"sqlite",
		file,
		goose.DialectSQLite3,
		500,
		"INSERT INTO workspace (id, name, created_at) VALUES ('ws_1', 'acme', 1)",
	)
	copies := filepath.Join(dir, "before-upgrade")
	if err := os.MkdirAll(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schema-000100.db", "schema-000200.db", "schema-000300.db"} {
		if err := os.WriteFile(filepath.Join(copies, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		s, err := store.Open(t.Context(), store.Config{DSN: file})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	found, err := filepath.Glob(filepath.Join(copies, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for n, path := range found {
		found[n] = filepath.Base(path)
	}
	want := []string{"schema-000200.db", "schema-000300.db", "schema-000440.db"}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("the copies (-want +got):\n%s", diff)
	}
	contents, err := store.ReadCopy(t.Context(), filepath.Join(copies, "schema-000440.db"))
	if err != nil || contents.Schema != 440 {
		t.Errorf("the copy has schema %d, %v", contents.Schema, err)
	}
}
