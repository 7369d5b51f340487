//go:build cgo

package parquetfile_test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// TestDuckDB queries files with DuckDB.
func TestDuckDB(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rows := randomRows(rand.New(rand.NewPCG(5, 5)), 10_000, 9, 30)
	_, _ = write(t, parquetfile.Folder(dir), "prices.parquet", prices(), 0, newCache(t, 0), rows...)
	nulls, sum := 0, 0.0
	for _, r := range rows {
		if r[0] == nil {
			nulls++
		} else {
			sum += r[0].(float64)
		}
	}
	d := dataset.Schema{
		Columns: []dataset.Column{{Name: "m", Type: dataset.Decimal, Precision: 38, Scale: 2}},
		Index:   dataset.Index{Key: "m"},
	}
	spec, err := parquetfile.SpecOf(&d)
	if err != nil {
		t.Fatal(err)
	}
	run := parquetfile.NewRun(spec)
	v := dataset.NewVectorOf(d.Columns[0], 3)
	for _, text := range []string{"-123456789012345678901234567890123456.78", "0.05", "99"} {
		x, err := dataset.ParseDecimal([]byte(text), 38, 2)
		if err != nil {
			t.Fatal(err)
		}
		v.AppendWide(x)
	}
	if err := run.Append(&dataset.Batch{Rows: 3, Vectors: []dataset.Vector{v}}, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := parquetfile.Write(t.Context(), parquetfile.Folder(dir), "decimals.parquet", run,
		parquetfile.Meta{}); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]string{
		`count(*)::VARCHAR || ' ' || (sum(price) * 4)::BIGINT::VARCHAR || ' ' || (count(*) - count(price))::VARCHAR FROM $prices`:                                                fmt.Sprintf("%d %.0f %d", len(rows), sum*4, nulls),
		`count(*)::VARCHAR FROM $prices WHERE symbol = 'KEY003'`:                                                                                                                 fmt.Sprint(count(rows, 1, "KEY003")),
		`count(*)::VARCHAR FROM $prices WHERE day = '1970-01-08'`:                                                                                                                fmt.Sprint(count(rows, 3, 7)),
		`count(*)::VARCHAR FROM $prices WHERE note = 'note 7' AND _seq >= 0 AND _load = 'load_1'`:                                                                                fmt.Sprint(count(rows, 4, "note 7")),
		`typeof(day) || typeof(_updated) || n::VARCHAR FROM (SELECT any_value(day) AS day, any_value(_updated) AS _updated, count(DISTINCT _seq) AS n FROM $prices) WHERE n > 0`: "DATETIMESTAMP WITH TIME ZONE10000",
		`typeof(min(m)) || ' ' || min(m)::VARCHAR || ' ' || max(m)::VARCHAR FROM $decimals`:                                                                                      "DECIMAL(38,2) -123456789012345678901234567890123456.78 99.00",
		`count(*)::VARCHAR FROM $decimals WHERE m = 0.05`:                                                                                                                        "1",
	} {
		sql = strings.NewReplacer("$prices", "read_parquet('"+filepath.Join(dir, "prices.parquet")+"')",
			"$decimals", "read_parquet('"+filepath.Join(dir, "decimals.parquet")+"')").Replace(sql)
		if !isTrue(t, "SELECT ((SELECT "+sql+") = '"+want+"')::BIGINT") {
			t.Errorf("%s is not %s", sql, want)
		}
	}
}

func count(rows []row, column int, value any) int {
	n := 0
	for _, r := range rows {
		if r[column] == value {
			n++
		}
	}
	return n
}

// isTrue reports whether DuckDB returns 1 for a statement.
func isTrue(t *testing.T, sql string) bool {
	t.Helper()
	var database bindings.Database
	if bindings.Open(":memory:", &database) == bindings.StateError {
		t.Fatal("DuckDB does not open")
	}
	defer bindings.Close(&database)
	var connection bindings.Connection
	if bindings.Connect(database, &connection) == bindings.StateError {
		t.Fatal("DuckDB does not connect")
	}
	defer bindings.Disconnect(&connection)
	var result bindings.Result
	defer bindings.DestroyResult(&result)
	if bindings.Query(connection, sql, &result) == bindings.StateError {
		t.Fatalf("%s: %s", sql, bindings.ResultError(&result))
	}
	return bindings.ValueInt64(&result, 0, 0) == 1 //nolint:staticcheck // its successor needs a chunk, for one number
}
