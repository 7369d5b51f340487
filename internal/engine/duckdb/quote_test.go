package duckdb

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
)

// FuzzQuote makes a table and a column of any name and asks DuckDB what they
// are called: a name that got out of its quotes would be called otherwise, or
// would do something else altogether.
func FuzzQuote(f *testing.F) {
	for _, name := range []string{
		"a", `"`, `""`, `a"b`, `"; DROP TABLE x; --`, "a\x00b", "\\", "'", "$1", "é", "\xff",
		"a\nb", strings.Repeat("x", 1000),
	} {
		f.Add(name)
	}
	e, err := Open(f.Context(), Config{Path: f.TempDir() + "/rows.duckdb"})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = e.Close() })
	f.Fuzz(func(t *testing.T, name string) {
		quoted, err := quote(name)
		if err != nil {
			if name != "" && !strings.Contains(name, "\x00") {
				t.Errorf("%q is refused: %v", name, err)
			}
			return
		}
		c, err := connect(&e.database)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		if _, err := c.exec(t.Context(), "CREATE TEMP TABLE "+quoted+" ("+quoted+
			" BIGINT, another BIGINT)"); err != nil {
			// Only what DuckDB cannot call anything may be refused, and a
			// name that is the other column's.
			if utf8.ValidString(name) && !strings.EqualFold(name, "another") {
				t.Errorf("%q: %v", name, err)
			}
			return
		}
		if !utf8.ValidString(name) {
			return // DuckDB cannot tell us its name
		}
		r, err := c.query(t.Context(), "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'temp' AND column_index = 1")
		if err != nil {
			t.Fatal(err)
		}
		b, err := r.all(t.Context(), dataset.String, dataset.String)
		if err != nil {
			t.Fatal(err)
		}
		if b.Rows != 1 || text(b, 0, 0) != name || text(b, 1, 0) != name {
			t.Errorf("%q became %d tables: %q", name, b.Rows, b.Vectors[0].Bytes)
		}
	})
}
