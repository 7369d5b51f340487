package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/enginetest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestNodes(t *testing.T) {
	t.Parallel()
	enginetest.RunNodes(t, within(storetest.Address(t), storetest.Address(t)))
}

// prices is a schema with a unique index.
func prices() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{{Name: "symbol", Type: dataset.String}, {Name: "price", Type: dataset.Number}},
		Index:   dataset.Index{Key: "symbol", Unique: true},
	}
}

func batch(symbols ...string) *dataset.Batch {
	b := &dataset.Batch{Rows: len(symbols)}
	symbol, price := dataset.NewVector(dataset.String, 0), dataset.NewVector(dataset.Number, 0)
	for i, s := range symbols {
		symbol.AppendBytes([]byte(s))
		price.AppendFloat(float64(i))
	}
	b.Vectors = []dataset.Vector{symbol, price}
	return b
}

func spec(schema dataset.Schema) engine.LoadSpec {
	return engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_a", SourceID: "src_1", Schema: schema, Duplicates: engine.Ignore,
		Time: time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC),
	}
}

func rowsIn(t *testing.T, e engine.Engine) []string {
	t.Helper()
	rows, err := e.Lookup(t.Context(), engine.Selection{DatasetID: "ds_a", Schema: prices(), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // it was only read
	var list []string
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return list
		}
		for i := range b.Rows {
			list = append(list, string(b.Vectors[0].BytesAt(i)))
		}
	}
}

// openOne opens an engine of a test's own and returns the address of its rows.
func openOne(t *testing.T) (e *opened, dir, address string) {
	t.Helper()
	database := storetest.Address(t)
	address = database()
	dir = t.TempDir()
	named := address + "&application_name=" + filepath.Base(filepath.Dir(dir))
	first, err := within(func() string { return named }, database)(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = first.Close() })
	return first.(*opened), dir, address
}

// TestCutConnections ends all connections of loads at every step: the load fails with
// a problem that asks for another try, nothing of it is stored, and the next one
// works.
func TestCutConnections(t *testing.T) {
	t.Parallel()
	e, dir, address := openOne(t)
	admin, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	for name, at := range map[string]int{"before Append": 0, "before Commit": 1, "in Commit": 2} {
		l, err := e.Begin(t.Context(), spec(prices()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		step := 0
		interrupt := func() {
			if step == at {
				endLoads(t, admin, filepath.Base(filepath.Dir(dir)))
			}
			step++
		}
		interrupt()
		err = l.Append(t.Context(), batch("A", "B"))
		interrupt()
		if err == nil {
			_, err = l.Commit(t.Context(), func(context.Context, engine.Tx, engine.Committed) error {
				interrupt()
				return nil
			})
		}
		_ = l.Rollback()
		if !problem.Is(err, problem.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if got := rowsIn(t, e); got != nil {
			t.Errorf("%s: rows %q", name, got)
		}
	}
	l, err := e.Begin(t.Context(), spec(prices()))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Append(t.Context(), batch("A")); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	endLoads(t, admin, filepath.Base(filepath.Dir(dir))) // the unused ones
	if got := rowsIn(t, e); len(got) != 1 {
		t.Errorf("rows %q", got)
	}
}

// endLoads ends the connections of an application that hold or held the lock of a load.
func endLoads(t *testing.T, admin *pgx.Conn, application string) {
	t.Helper()
	_, err := admin.Exec(t.Context(), `SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity a
		WHERE application_name = $1 AND (query LIKE '%DISCARD%'
			OR EXISTS (SELECT FROM pg_locks l WHERE l.pid = a.pid AND l.locktype = 'advisory' AND l.granted))`,
		application)
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnpublished lets the state fail after the rows of a load are durable. They
// aren't visible, and the next load removes them.
func TestUnpublished(t *testing.T) {
	t.Parallel()
	e, _, address := openOne(t)
	load := func(end engine.Ending, symbols ...string) error {
		l, err := e.Begin(t.Context(), spec(prices()))
		if err != nil {
			return err
		}
		defer l.Rollback() //nolint:errcheck // it returns none
		if err := l.Append(t.Context(), batch(symbols...)); err != nil {
			return err
		}
		_, err = l.Commit(t.Context(), end)
		return err
	}
	if err := load(nil, "A"); err != nil {
		t.Fatal(err)
	}
	admin, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	// A trigger in the state's database fails the transaction at its end.
	for _, statement := range []string{
		`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'it fails'; END$$`,
		`CREATE CONSTRAINT TRIGGER fail AFTER UPDATE ON rows_dataset DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`,
	} {
		if _, err := e.state.DB().ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := load(nil, "A", "B", "C"); err == nil || !strings.Contains(err.Error(), "it fails") {
		t.Fatalf("a load whose state fails: %v", err)
	}
	if got := rowsIn(t, e); fmt.Sprint(got) != "[A]" {
		t.Errorf("rows %q", got)
	}
	var left int
	if err := admin.QueryRow(t.Context(), "SELECT count(*) FROM version WHERE version > (SELECT min(version) FROM version)").
		Scan(&left); err != nil || left != 1 {
		t.Errorf("%d versions that the state doesn't name, %v", left, err)
	}
	if _, err := e.state.DB().ExecContext(t.Context(), "DROP TRIGGER fail ON rows_dataset"); err != nil {
		t.Fatal(err)
	}
	if err := load(nil, "B"); err != nil {
		t.Fatal(err)
	}
	if got := rowsIn(t, e); len(got) != 2 {
		t.Errorf("rows %q", got)
	}
}

// TestLimits writes values that are too large for a row of PostgreSQL, and
// long keys.
func TestLimits(t *testing.T) {
	t.Parallel()
	e, _, _ := openOne(t)
	for n, kind := range map[int]dataset.Type{1700: dataset.String, 1100: dataset.Number} {
		schema := dataset.Schema{}
		for i := range n {
			schema.Columns = append(schema.Columns, dataset.Column{Name: fmt.Sprint("c", i), Type: kind})
		}
		if _, err := e.Begin(t.Context(), spec(schema)); !problem.Is(err, problem.Invalid) ||
			!strings.Contains(err.Error(), "PostgreSQL") {
			t.Errorf("%d columns: %v", n, err)
		}
	}
	long := strings.Repeat("k", 10_000)
	for range 2 {
		l, err := e.Begin(t.Context(), spec(prices()))
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Append(t.Context(), batch(long+"1", long+"2", long+"1", "k\x00\x01", "k\x00",
			"k\x01")); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Commit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if got := rowsIn(t, e); len(got) != 5 {
		t.Errorf("%d rows, want 5", len(got))
	}
	for _, key := range []string{long + "2", "k\x00\x01"} {
		rows, err := e.Lookup(t.Context(), engine.Selection{DatasetID: "ds_a", Schema: prices(), Key: &key, Limit: 9})
		if err != nil {
			t.Fatal(err)
		}
		b, err := rows.Next()
		if err != nil || b == nil || b.Rows != 1 || string(b.Vectors[0].BytesAt(0)) != key {
			t.Errorf("the rows with a key of %d bytes: %+v, %v", len(key), b, err)
		}
		_ = rows.Close()
	}
}

// TestOtherRows opens rows that belong to another state.
func TestOtherRows(t *testing.T) {
	t.Parallel()
	_, _, address := openOne(t)
	_, err := within(func() string { return address }, storetest.Address(t))(t.Context(), t.TempDir())
	if !problem.Is(err, problem.Conflict) || !strings.Contains(err.Error(), "doesn't have the rows of this state") {
		t.Errorf("opened with %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "password") {
		t.Errorf("the error shows the address: %v", err)
	}
}

// TestUnreachable opens rows without a reachable database.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = within(func() string { return "postgres://someone:secret@" + address + "/db" }, nil)(t.Context(),
		t.TempDir())
	if !problem.Is(err, problem.Unavailable) || strings.Contains(err.Error(), "secret") ||
		errors.Is(err, context.Canceled) {
		t.Errorf("opened with %v", err)
	}
}

// TestCollect removes retired rows after their time, except those that a read
// has pinned.
func TestCollect(t *testing.T) {
	t.Parallel()
	e, _, address := openOne(t)
	admin, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = admin.Close(context.Background()) })
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(what, query string, want int) {
		t.Helper()
		if err := e.Collect(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got int
		if err := admin.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d, want %d; %v", what, got, want, err)
		}
	}
	const versions = "SELECT count(*) FROM version"
	const tables = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'seg%'"
	const passed = "UPDATE version SET published = published - interval '11 minutes'"
	for range 3 {
		s := spec(prices())
		s.Duplicates = engine.Replace
		l, err := e.Begin(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Append(t.Context(), batch("A", "B")); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Commit(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	var table string
	if err := admin.QueryRow(t.Context(), "SELECT made FROM version WHERE made <> ''").Scan(&table); err != nil {
		t.Fatal(err)
	}
	rows := "SELECT count(*) FROM " + pgx.Identifier{table}.Sanitize()
	expect("versions in their time", versions, 3)
	expect("rows in their time", rows, 6)
	exec(passed)
	exec("INSERT INTO pin SELECT 'p', 'ds_a', min(version), now() + interval '1 minute' FROM version")
	expect("rows while a version is pinned", rows, 6)
	exec("UPDATE pin SET until = now() - interval '1 second'")
	expect("rows after their time", rows, 2)
	expect("versions after their time", versions, 0)
	if err := e.Drop(t.Context(), "ds_a"); err != nil {
		t.Fatal(err)
	}
	expect("tables of a dataset that was dropped", tables, 1)
	exec(passed)
	expect("tables after their time", tables, 0)
}
