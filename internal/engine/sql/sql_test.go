//go:build cgo

package sql_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/sqltest"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/rowtext"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) {
	sqltest.Worker()
	os.Exit(m.Run())
}

// well is an engine over datasets.
type well struct {
	*sql.Engine
	rows     *segment.Engine
	dir      string
	datasets map[string]dataset.Dataset
	loads    int
}

func newWell(t testing.TB, change ...func(*sql.Config)) *well {
	t.Helper()
	dir := t.TempDir()
	rows, err := segmenttest.OpenIn(t.Context(), dir, storetest.Open(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rows.Close() })
	change = append([]func(*sql.Config){func(c *sql.Config) {
		if testing.Verbose() {
			c.Logger = slog.New(slog.NewTextHandler(os.Stderr, nil))
		}
	}}, change...)
	return &well{
		Engine: sqltest.Open(t, rows, change...), rows: rows, dir: filepath.Join(dir, "rows"),
		datasets: map[string]dataset.Dataset{},
	}
}

// load loads rows into a dataset; values are int, float64, string, bool, Int128 or nil.
func (w *well) load(t testing.TB, name string, schema dataset.Schema, rows ...[]any) {
	t.Helper()
	w.loads++
	w.datasets[name] = dataset.Dataset{ID: "ds_" + name, Name: name, Schema: schema}
	l, err := w.rows.Begin(t.Context(), engine.LoadSpec{
		LoadID: fmt.Sprint("load_", w.loads), DatasetID: "ds_" + name, Schema: schema, Duplicates: engine.Replace,
		Time: time.Unix(int64(w.loads), 0),
	})
	if err == nil {
		err = l.Append(t.Context(), batchOf(schema, rows))
	}
	if err == nil {
		_, err = l.Commit(t.Context(), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func batchOf(schema dataset.Schema, rows [][]any) *dataset.Batch {
	batch := &dataset.Batch{Rows: len(rows)}
	for i, c := range schema.Columns {
		v := dataset.NewVectorOf(c, len(rows))
		for _, r := range rows {
			switch x := r[i].(type) {
			case nil:
				v.AppendNull()
			case int:
				v.AppendInt(int64(x))
			case bool:
				v.AppendInt(map[bool]int64{true: 1}[x])
			case float64:
				v.AppendFloat(x)
			case dataset.Int128:
				v.AppendWide(x)
			case string:
				v.AppendBytes([]byte(x))
			}
		}
		batch.Vectors = append(batch.Vectors, v)
	}
	return batch
}

func (w *well) tables(_ context.Context, names []string) (engine.SQLTables, error) {
	found := engine.SQLTables{Found: map[string]dataset.Dataset{}, Nearest: map[string]string{}}
	for _, name := range names {
		for _, known := range slices.Sorted(maps.Keys(w.datasets)) {
			if strings.EqualFold(known, name) {
				found.Found[name] = w.datasets[known]
			} else if strings.HasPrefix(known, name[:1]) {
				found.Nearest[name] = known
			}
		}
	}
	return found, nil
}

func (w *well) start(ctx context.Context, text string, parameters map[string]engine.SQLParameter) (
	engine.SQLResult, error,
) {
	return w.Query(ctx, &engine.SQLQuery{
		Text: text, Workspace: "acme", Parameters: parameters, Tables: w.tables, Start: 20 * time.Second,
	})
}

// query returns the rows of a statement as text: "name:type …" and a line for each.
func (w *well) query(t testing.TB, text string, parameters map[string]engine.SQLParameter) (string, error) {
	t.Helper()
	r, err := w.start(t.Context(), text, parameters)
	if err != nil {
		return "", err
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var out []byte
	for i, c := range r.Columns() {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(append(append(out, c.Name...), ':'), c.TypeName()...)
	}
	for {
		batch, err := r.Next()
		if err != nil || batch == nil {
			return string(out), err
		}
		for row := range batch.Rows {
			out = append(out, '\n')
			for i := range batch.Vectors {
				if i > 0 {
					out = append(out, '|')
				}
				out = rowtext.AppendJSON(out, &batch.Vectors[i], row)
			}
		}
	}
}

// fault returns the reason, line and column of a problem.
func fault(err error) string {
	var e *problem.Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	text := e.Reason
	for _, f := range e.Findings {
		text += fmt.Sprintf(" %d:%d", f.Line, f.Column)
	}
	return text
}

func wide(t testing.TB, text string, precision, scale int) dataset.Int128 {
	t.Helper()
	x, err := dataset.ParseDecimal([]byte(text), precision, scale)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func pricesSchema() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "Symbol", Type: dataset.String},
			{Name: "day", Type: dataset.Date},
			{Name: "price", Type: dataset.Decimal, Precision: 12, Scale: 2},
			{Name: "volume", Type: dataset.Integer},
			{Name: "ratio", Type: dataset.Number},
			{Name: "seen", Type: dataset.DateTime},
			{Name: "extra", Type: dataset.Object},
			{Name: "open", Type: dataset.Boolean},
			{Name: "symbol", Type: dataset.String},
		},
		Index: dataset.Index{Key: "Symbol", Date: "day", Unique: true},
	}
}

func prices(t testing.TB, change ...func(*sql.Config)) *well {
	t.Helper()
	w := newWell(t, change...)
	w.load(t, "Prices", pricesSchema(),
		[]any{"AAPL", 19782, wide(t, "1.10", 12, 2), 9007199254740993, 0.1, 1709164800000001, `{"a":1}`, true, "x"},
		[]any{"AAPL", 19783, wide(t, "2.20", 12, 2), 1, nil, nil, nil, false, nil},
		[]any{"MSFT", 19782, wide(t, "3.30", 12, 2), nil, 2.5, 0, `{}`, nil, "y"},
	)
	w.load(t, "empty", pricesSchema())
	return w
}

func TestQuery(t *testing.T) {
	t.Parallel()
	w := prices(t)
	text := func(s string) engine.SQLParameter { return engine.SQLParameter{Kind: engine.SQLText, Text: s} }
	number := func(s string) engine.SQLParameter { return engine.SQLParameter{Kind: engine.SQLNumber, Text: s} }
	for _, tc := range []struct {
		name, sql  string
		parameters map[string]engine.SQLParameter
		want       string
	}{
		{
			"every column", "select * from prices order by symbol, day limit 1", nil,
			`symbol:string day:date price:decimal(12,2) volume:integer ratio:number seen:date-time extra:any open:boolean symbol_2:string` +
				"\n" + `"AAPL"|"2024-02-29"|1.10|9007199254740993|0.1|"2024-02-29T00:00:00.000001Z"|{"a":1}|true|"x"`,
		},
		{
			"exact sums", "select sum(price), sum(volume) as n from Prices", nil,
			"sum(price):decimal(38,2) n:decimal(38,0)\n6.60|9007199254740994",
		},
		{"a quoted name, after the workspace's", `select count(*) as n from "ACME"."PRICES"`, nil, "n:integer\n3"},
		{"a dataset without rows", `select count(*) as n, max(day) as d from empty`, nil, "n:integer d:date\n0|null"},
		{"nulls last", "select ratio from prices order by ratio desc", nil, "ratio:number\n2.5\n0.1\nnull"},
		{"no table", "values (1, 'a'), (2, null)", nil, "col0:integer col1:string\n1|\"a\"\n2|null"},
		{
			"with", "with p as (select symbol from prices), q as (from p) select count(*) as n from q", nil,
			"n:integer\n3",
		},
		{"a name that hides a dataset", "with prices as (select 1 as x) select x from prices", nil, "x:integer\n1"},
		{
			"recursion", "with recursive r as (select 1 as n union all select n + 1 from r where n < 3) select n from r",
			nil, "n:integer\n1\n2\n3",
		},
		{
			"a text as a number", "select count(*) as n from prices where price > $min",
			map[string]engine.SQLParameter{"min": text("1.5")},
			"n:integer\n2",
		},
		{
			"a text as a date", "select count(*) as n from prices where day = $d",
			map[string]engine.SQLParameter{"d": text("2024-02-29")},
			"n:integer\n2",
		},
		{
			"an exact number", "select count(*) as n from prices where volume = $v",
			map[string]engine.SQLParameter{"v": number("9007199254740993")},
			"n:integer\n1",
		},
		{
			"a decimal", "select typeof($x) as t, $x + 0 as x",
			map[string]engine.SQLParameter{"x": number("1.10")},
			"t:string x:decimal(13,2)\n\"DECIMAL(3,2)\"|1.10",
		},
		{
			"null and boolean", "select $a is null as a, $b as b",
			map[string]engine.SQLParameter{"a": {Kind: engine.SQLNull}, "b": {Kind: engine.SQLBoolean, Text: "true"}},
			"a:boolean b:boolean\ntrue|true",
		},
		{
			"types that become text", "select time '12:30:01.5' as t, interval '1 month 2 days' as i, 'a'::blob as b, '00000000-0000-0000-0000-0000000000ff'::uuid as u, null::varchar as n", nil,
			"t:string i:string b:string u:string n:string\n" +
				`"12:30:01.5"|"P1M2D"|"YQ=="|"00000000-0000-0000-0000-0000000000ff"|null`,
		},
		{
			"types that become JSON", "select [1, null] as l, {'a': 'x', 'b': [date '2024-02-29']} as s, map {'k': 1.5} as m, array_value(1, 2) as a", nil,
			"l:any s:any m:any a:any\n" + `[1,null]|{"a":"x","b":["2024-02-29"]}|[{"key":"k","value":1.5}]|[1,2]`,
		},
		{"functions of time", "select date_trunc('month', seen) as m, extract(year from day) as y from prices where ratio = 0.1", nil, "m:date-time y:integer\n\"2024-02-01T00:00:00Z\"|2024"},
		{"JSON inside", "select extra->>'a' as a from prices where ratio = 0.1", nil, "a:string\n\"1\""},
		{"a comment first", "-- the rows\n/* all */ select 1 as x;", nil, "x:integer\n1"},
		{"integers beyond 64 bits", "select 170141183460469231731687303715884105727::hugeint as h, 18446744073709551615::ubigint as u", nil, "h:decimal(38,0) u:decimal(20,0)\n170141183460469231731687303715884105727|18446744073709551615"},
		{
			"table functions", "select a, b from range(2) t(a), unnest(['x']) u(b)", nil,
			"a:integer b:string\n0|\"x\"\n1|\"x\"",
		},
		{
			"rollup", "select symbol, count(*) as n from prices group by rollup (symbol) order by symbol", nil,
			"symbol:string n:integer\n\"AAPL\"|2\n\"MSFT\"|1\nnull|3",
		},
		{"pivot", "select * from (pivot prices on symbol in ('AAPL', 'MSFT') using count(*) group by open) order by open", nil, "open:boolean AAPL:integer MSFT:integer\nfalse|1|0\ntrue|1|0\nnull|0|1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := w.query(t, tc.sql, tc.parameters)
			if err != nil {
				t.Fatalf("%v: %v", err, fault(err))
			}
			if got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	w := prices(t)
	for _, text := range []string{
		"explain select * from prices", " /* why */ EXPLAIN analyze select 1",
		"explain (select 1)",
	} {
		got, err := w.query(t, text, nil)
		if err != nil || !strings.HasPrefix(got, "explain_key:string explain_value:string\n") {
			t.Errorf("%s: %q, %v", text, got, err)
		}
		if strings.Contains(got, w.dir) {
			t.Errorf("%s names the folder: %s", text, got)
		}
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	w := prices(t)
	for _, tc := range []struct{ name, sql, want, says string }{
		{"syntax", "select 1\nform x y", "sql_syntax 2:6", `"x"`},
		{"an unknown table", "select *\n  from price", "sql_name 2:8", `"price"`},
		{"an unknown column", "select symbl from prices", "sql_name 1:8", `"symbl"`},
		{"an unknown column, explained", "explain  select symbl from prices", "sql_name 1:17", `"symbl"`},
		{"types", "select symbol + 1 from prices", "", ""},
		{"a value", "select cast(symbol as integer) from prices", "invalid_value", ""},
		{"equal names", "select day, day from prices", "duplicate_name", `"day"`},
		{"a missing parameter", "select $a", "invalid_value", "$a"},
		{"nothing", " ", "sql_syntax", "empty"},
		{"a comment only", "-- nothing", "sql_syntax", "empty"},
		{"too long", "select '" + strings.Repeat("x", 70_000) + "'", "too_many", "65536"},
		{"a union", "select bignum '1' as b", "sql_not_allowed", "VARCHAR"},
		{"NUL", "select 1\x00", "sql_syntax", "NUL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := w.query(t, tc.sql, nil)
			if !problem.Is(err, problem.Invalid) || !strings.HasPrefix(fault(err), tc.want) ||
				!strings.Contains(fmt.Sprint(err, problem.From(err).Hint), tc.says) {
				t.Errorf("got %q, %v: %s", got, err, fault(err))
			}
		})
	}
	if _, err := w.query(t, "select 1", map[string]engine.SQLParameter{"b": {Kind: engine.SQLNull}}); fault(err) !=
		"invalid_value" {
		t.Errorf("an unused parameter: %v", err)
	}
}

// drain runs a statement to its end.
func (w *well) drain(ctx context.Context, text string, start time.Duration) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	r, err := w.Query(ctx, &engine.SQLQuery{Text: text, Workspace: "acme", Tables: w.tables, Start: start})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for {
		batch, err := r.Next()
		if err != nil || batch == nil {
			return err
		}
	}
}
