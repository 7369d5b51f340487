package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestUpgradeFromEverySchema walks over the migrations. After each it adds a row to every
// table, so that later ones run over rows of every earlier schema. In the end, no row may
// be missing, and the schema must be that of a new state.
func TestUpgradeFromEverySchema(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		testUpgrade(t, &walk{driver: "sqlite", dialect: goose.DialectSQLite3, columns: `SELECT m.name, c.name, c.type
			FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'`},
			filepath.Join(dir, "old.db"), filepath.Join(dir, "new.db"))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		address := storetest.Address(t)
		testUpgrade(t, &walk{driver: "pgx", dialect: goose.DialectPostgres, columns: `SELECT table_name, column_name,
			data_type FROM information_schema.columns WHERE table_schema = current_schema()`}, address(), address())
	})
}

// walk is an upgrade over all migrations.
type walk struct {
	driver  string
	dialect goose.Dialect
	columns string // query for tables, their columns and types
	db      *sql.DB
	added   map[string]int // rows by table
}

// column is a column of a table.
type column struct{ Table, Name, Type string }

func testUpgrade(t *testing.T, w *walk, old, fresh string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	var err error
	if w.db, err = sql.Open(w.driver, old); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.db.Close() }()
	provider, err := goose.NewProvider(w.dialect, w.db, os.DirFS("migration"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	w.added = map[string]int{}
	for step, source := range provider.ListSources() {
		if _, err := provider.UpTo(ctx, source.Version); err != nil {
			t.Fatalf("with rows of all earlier schemas: %v", err)
		}
		w.fill(t, step)
	}
	if len(w.added) < 40 {
		t.Errorf("only %d tables were filled", len(w.added))
	}
	for table, want := range w.added {
		var got int
		if err := w.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&got); err != nil || got < want {
			t.Errorf("%s has %d rows (%v), want at least %d", table, got, err, want)
		}
	}
	for _, dsn := range []string{old, fresh} {
		s, err := store.Open(ctx, store.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	db, err := sql.Open(w.driver, fresh)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if diff := cmp.Diff(w.read(t, db), w.read(t, w.db)); diff != "" {
		t.Errorf("the upgraded schema (-new state +upgraded):\n%s", diff)
	}
}

// read returns the columns of all tables, in order.
func (w *walk) read(t *testing.T, db *sql.DB) []column {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), w.columns)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.Table, &c.Name, &c.Type); err != nil {
			t.Fatal(err)
		}
		if c.Table != "goose_db_version" {
			c.Type = strings.ToUpper(c.Type)
			found = append(found, c)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b column) int { return strings.Compare(a.Table+" "+a.Name, b.Table+" "+b.Name) })
	return found
}

// fill adds a row to every table. The texts of a step's rows are equal, so that they refer
// to each other; a row goes after those that it refers to.
func (w *walk) fill(t *testing.T, step int) {
	t.Helper()
	waiting := map[string][]column{}
	for _, c := range w.read(t, w.db) {
		waiting[c.Table] = append(waiting[c.Table], c)
	}
	for faults := map[string]error{}; len(waiting) > 0; {
		before := len(waiting)
		for table, columns := range waiting {
			if faults[table] = w.add(t, table, columns, step); faults[table] == nil {
				delete(waiting, table)
			}
		}
		if len(waiting) == before {
			for table := range waiting {
				t.Errorf("step %d: adding to %s: %v", step, table, faults[table])
			}
			t.FailNow()
		}
	}
}

// add adds a row to a table. A table that has one row at most gets one.
func (w *walk) add(t *testing.T, table string, columns []column, step int) error {
	t.Helper()
	single := slices.ContainsFunc(columns, func(c column) bool { return c.Name == "one" })
	if single && w.added[table] > 0 {
		return nil
	}
	var names, marks []string
	var values []any
	for i, c := range columns {
		names, marks = append(names, `"`+c.Name+`"`), append(marks, fmt.Sprintf("$%d", i+1))
		switch {
		case c.Name == "one":
			values = append(values, 1)
		case c.Type == "TEXT":
			values = append(values, fmt.Sprintf(`{"step":"%d"}`, step)) // it is JSON, too
		case c.Type == "BOOLEAN":
			values = append(values, step%2 == 0)
		case c.Type == "BYTEA" || c.Type == "BLOB":
			values = append(values, []byte{byte(step)})
		default:
			values = append(values, step+1)
		}
	}
	_, err := w.db.ExecContext(context.WithoutCancel(t.Context()), "INSERT INTO "+table+" ("+
		strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
	if err == nil {
		w.added[table]++
	}
	return err
}
