//go:build cgo

package sql_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/problem"
)

// segmentFile returns the file of a dataset, below the folder of the rows.
func segmentFile(t *testing.T, w *well, name string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(w.dir, "ds_"+name, "*.parquet"))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	relative, err := filepath.Rel(w.dir, found[0])
	if err != nil {
		t.Fatal(err)
	}
	return relative
}

// TestAttackSQLStatements sends statements that aren't queries, and checks that
// all are refused before anything runs.
func TestAttackSQLStatements(t *testing.T) {
	t.Parallel()
	w := prices(t)
	file := segmentFile(t, w, "Prices")
	absolute := filepath.Join(w.dir, file)
	before, err := os.ReadFile(absolute)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		// Files.
		"copy (select 1) to '" + file + "'",
		"copy prices to '/tmp/windlass-attack.csv'",
		"copy prices from '/etc/passwd'",
		"export database '/tmp/windlass-attack'",
		"import database '/tmp/windlass-attack'",
		"from '" + file + "'",
		"select * from '" + absolute + "'",
		"select * from \"/etc/passwd\"",
		"select * from 'https://example.com/x.parquet'",
		"select * from read_parquet('" + file + "')",
		"select * from parquet_scan(['" + file + "'])",
		"select * from parquet_metadata('" + file + "')",
		"select * from parquet_kv_metadata('" + file + "')",
		"select * from read_csv('/etc/passwd')",
		"select * from read_csv_auto('/etc/passwd')",
		"select * from sniff_csv('/etc/passwd')",
		"select * from read_json('/etc/passwd')",
		"select * from read_ndjson_objects('/etc/passwd')",
		"select * from read_text('/etc/passwd')",
		"select * from read_blob('" + file + "')",
		"select * from glob('*')",
		"select * from prices where symbol in (select content from read_text('/etc/passwd'))",
		"with x as (select * from read_text('/etc/passwd')) select 1",
		"select (select content from read_text('/proc/self/environ'))",
		"select * from prices, lateral (select * from read_blob('" + file + "'))",
		"select * from prices join read_text('/etc/passwd') on true",
		"(select 1) union all (select 2 from read_text('/etc/passwd'))",
		"explain select * from read_text('/etc/passwd')",
		"explain analyze select * from read_text('/etc/passwd')",
		"pivot read_text('/etc/passwd') on size using count(*)",
		"select * from query('select 1')",
		"select * from query_table('prices')",
		"select * from query_table(['prices'])",
		"select * from json_execute_serialized_sql('{}')",
		"select * from duckdb_temporary_files()",
		// Settings, the environment, secrets and the catalog.
		"select getenv('HOME')",
		"select current_setting('memory_limit')",
		"select * from duckdb_settings()",
		"select * from duckdb_settings",
		"select * from duckdb_secrets()",
		"select * from which_secret('s3://x', 's3')",
		"select * from duckdb_databases",
		"select * from duckdb_views()",
		"select * from duckdb_functions()",
		"select * from duckdb_logs",
		"select * from information_schema.tables",
		"select * from pg_catalog.pg_class",
		"select * from pg_class",
		"select * from sqlite_master",
		"select * from main.sqlite_master",
		"select * from system.main.sqlite_master",
		"select * from memory.main.prices",
		"select * from windlass_internal.d0",
		"select * from pragma_database_list",
		"select * from pragma_table_info('prices')",
		"select * from duckdb_settings, (with duckdb_settings as (select 1) select * from duckdb_settings)",
		"with a as (select * from b), b as (select 1) select * from a",
		"select current_database(), current_schemas(true)",
		"select current_query()",
		"select nextval('x')",
		"select getvariable('x')",
		"select version()",
		"select write_log('x')",
		"select sleep_ms(1000)",
		"select pg_sleep(1)",
		"select json_serialize_plan('select 1')",
		"pragma database_list",
		"pragma version",
		"call pragma_version()",
		"set memory_limit = '100GB'",
		"set variable x = 1",
		"reset memory_limit",
		"set enable_external_access = true",
		"create secret (type s3)",
		"describe prices",
		"describe select 1",
		"show tables",
		"summarize prices",
		"select * from (describe prices)",
		"select * from (show all tables)",
		"select * from (summarize prices)",
		// Other databases and extensions.
		"attach '" + file + "' as a",
		"attach ':memory:' as a",
		"detach memory",
		"use memory",
		"install httpfs",
		"load httpfs",
		"force install httpfs from 'https://example.com'",
		"update extensions",
		// Changes.
		"create table t as select 1",
		"create temp table t as select 1",
		"create or replace view prices as select 1",
		"create macro f() as 1",
		"create function f() as table select 1",
		"create type t as integer",
		"create sequence s",
		"insert into prices values (1)",
		"insert into prices select * from prices returning *",
		"with x as (insert into prices values (1) returning *) select * from x",
		"update prices set symbol = 'x'",
		"delete from prices",
		"truncate prices",
		"drop view prices",
		"alter view prices rename to x",
		"merge into prices using prices on true when matched then delete",
		"vacuum", "analyze", "checkpoint",
		"begin transaction", "commit", "rollback",
		"prepare x as select 1", "execute x", "deallocate x",
		"comment on view prices is 'x'",
		// More than one statement.
		"select 1; select 2",
		"select 1; copy (select 1) to '/tmp/windlass-attack.csv'",
		"explain select 1; drop view prices",
		"explain explain select 1",
		"explain copy (select 1) to '/tmp/windlass-attack.csv'",
		"explain (format json) select 1",
		"explain analyze delete from prices",
		"/* /* */ explain select 1 */ drop view prices",
		"select 1 into outfile '/tmp/windlass-attack'",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := w.query(t, text, nil)
			if err == nil || !problem.Is(err, problem.Invalid) {
				t.Fatalf("answered %q, %v", got, err)
			}
			switch reason, _, _ := strings.Cut(fault(err), " "); reason {
			case "sql_not_allowed", "sql_syntax", "sql_name":
			default:
				t.Errorf("refused with %s: %v", fault(err), err)
			}
			if e := problem.From(err); strings.Contains(e.Message+e.Hint, w.dir) &&
				!strings.Contains(text, w.dir) {
				t.Errorf("the refusal names the folder: %s %s", e.Message, e.Hint)
			}
		})
	}
	t.Cleanup(func() {
		if after, err := os.ReadFile(absolute); err != nil || string(after) != string(before) {
			t.Errorf("the file changed: %v", err)
		}
	})
}

// TestAttackSQLLimits starts queries that would use all resources, and checks that
// they end at their limits and that the next query works.
//
//nolint:tparallel // in sequence, so that each has its whole time limit
func TestAttackSQLLimits(t *testing.T) {
	t.Parallel()
	w := prices(t, func(c *sql.Config) { c.MemoryBytes, c.SpillBytes = 64<<20, 64<<20 })
	for _, tc := range []struct{ name, sql, want string }{
		{"endless recursion", "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) from r", "time_limit memory_limit"},
		{"endless recursion that grows", "with recursive r as (select 'x' as s union all select s || s from r) select max(length(s)) from r", "time_limit memory_limit invalid_value"},
		{"a huge text", "select length(repeat('x', 4000000000))", "memory_limit invalid_value"},
		{"many huge texts", "select sum(length(repeat('x', 100000000 + i::integer))) from range(1000) t(i)", "memory_limit time_limit"},
		{"a huge padding", "select lpad('x', 2000000000, 'y')", "memory_limit invalid_value time_limit"},
		{"a huge list", "select range(10000000000)", "memory_limit invalid_value"},
		{"a cross join", "select count(*) from range(100000000) a(i), range(100000000) b(j) where i + j % 7 = 3", "time_limit memory_limit"},
		{"a huge sort", "select i from range(1000000000) t(i) order by hash(i)", "memory_limit time_limit"},
		{"a huge group", "select count(*) from (select distinct i, md5(i::varchar) from range(1000000000) t(i))", "memory_limit time_limit"},
		{"a huge aggregate", "select string_agg(repeat('x', 1000), ',') from range(100000000)", "memory_limit time_limit"},
		{"deep brackets", "select " + strings.Repeat("(", 20_000) + "1" + strings.Repeat(")", 20_000), "sql_syntax memory_limit"},
		{"deep arithmetic", "select " + strings.Repeat("1+", 20_000) + "1", "sql_syntax memory_limit"},
		{"deep subqueries", strings.Repeat("select (", 2000) + "1" + strings.Repeat(")", 2000), "sql_syntax memory_limit"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			err := w.drain(ctx, tc.sql, 3*time.Second)
			if reason, _, _ := strings.Cut(fault(err), " "); err == nil || !strings.Contains(tc.want, reason) ||
				reason == "" {
				t.Errorf("ended with %q, %v", fault(err), err)
			}
			if got, err := w.query(t, "select count(*) as n from prices", nil); got != "n:integer\n3" {
				t.Errorf("the next query: %q, %v", got, err)
			}
		})
	}
	left, err := filepath.Glob(filepath.Join(w.dir, "..", "sql", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left on the disk: %v, %v", left, err)
	}
}

// TestAttackSQLAway disconnects while a query runs, and checks that its process
// ends and its files are released.
func TestAttackSQLAway(t *testing.T) {
	t.Parallel()
	w := prices(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Second, cancel)
	err := w.drain(ctx, "select count(*) from range(100000000) a(i), range(100000000) b(j) where i + j % 7 = 3",
		time.Minute)
	if err == nil || strings.Contains(fault(err), "time_limit") {
		t.Errorf("ended with %v", err)
	}
}

// TestAttackSQLNames has datasets whose names and columns are SQL.
func TestAttackSQLNames(t *testing.T) {
	t.Parallel()
	w := newWell(t)
	w.load(t, "select", dataset.Schema{Columns: []dataset.Column{
		{Name: `x" FROM read_text('/etc/passwd') --`, Type: dataset.String},
		{Name: "", Type: dataset.String},
		{Name: "'", Type: dataset.Integer},
		{Name: "file_row_number", Type: dataset.Integer},
		{Name: "_seq", Type: dataset.Integer},
		{Name: "FILENAME", Type: dataset.Integer},
	}}, []any{"a", "b", 1, 2, 3, 4})
	got, err := w.query(t, `select * from "select"`, nil)
	want := `x" from read_text('/etc/passwd') --:string column:string ':integer file_row_number:integer _seq:integer filename:integer` +
		"\n\"a\"|\"b\"|1|2|3|4"
	if got != want {
		t.Errorf("got %q, %v", got, err)
	}
}
