package statement_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/engine/sql"
	"github.com/windlass-io/windlass/internal/engine/sql/statement"
)

func tree(node string) []byte { return []byte(`{"error":false,"statements":[{"node":` + node + `}]}`) }

func TestCheck(t *testing.T) {
	t.Parallel()
	table := func(name string) string {
		return `{"type":"BASE_TABLE","alias":"","sample":null,"query_location":7,"schema_name":"","table_name":"` + name + `","catalog_name":"","at_clause":null}`
	}
	for _, tc := range []struct {
		name, tree, reason string
		tables             string
	}{
		{"a table", string(tree(table("prices"))), "", "prices"},
		{"a table at a time", string(tree(strings.Replace(table("prices"), `"at_clause":null`, `"at_clause":{}`, 1))), "sql_not_allowed", ""},
		{"an unknown class", string(tree(`{"class":"NEW","type":"NEW"}`)), "sql_not_allowed", ""},
		{"an unknown part", string(tree(`{"type":"NEW_REF"}`)), "sql_not_allowed", ""},
		{"an unknown function", string(tree(`{"class":"FUNCTION","type":"FUNCTION","function_name":"GetEnv"}`)), "sql_not_allowed", ""},
		{"an unknown window", string(tree(`{"class":"WINDOW","type":"WINDOW_AGGREGATE","function_name":"read_text"}`)), "sql_not_allowed", ""},
		{"a known function", string(tree(`{"class":"FUNCTION","type":"FUNCTION","function_name":"SUM"}`)), "", ""},
		{"a common table expression", string(tree(`{"type":"SELECT_NODE","cte_map":{"map":[{"key":"P","value":{}}]},"from_table":` + table("p") + `}`)), "", ""},
		{"one that comes later", string(tree(`{"type":"SELECT_NODE","cte_map":{"map":[{"key":"a","value":` + table("b") + `},{"key":"b","value":{}}]}}`)), "", "b"},
		{"two statements", `{"error":false,"statements":[{},{}]}`, "sql_not_allowed", ""},
		{"none", `{"error":false,"statements":[]}`, "sql_syntax", ""},
		{"no tree", `{"error":true,"error_type":"parser","error_message":"x","position":"3"}`, "sql_syntax", ""},
		{"not a SELECT", `{"error":true,"error_type":"not implemented"}`, "sql_not_allowed", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			names, err := statement.Check([]byte(tc.tree), 0)
			reason := ""
			var fault *sql.StatementError
			if errors.As(err, &fault) {
				reason = fault.Reason
			} else if err != nil {
				t.Fatal(err)
			}
			var tables []string
			for _, t := range names.Tables {
				tables = append(tables, t.Name)
			}
			if got := strings.Join(tables, " "); reason != tc.reason || got != tc.tables {
				t.Errorf("got %q and tables %q", reason, got)
			}
		})
	}
}

func TestSplit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"select 1":                          "|select 1",
		"explain select 1":                  "EXPLAIN |select 1",
		"-- x\n/* y */ Explain\tANALYZE\nx": "EXPLAIN ANALYZE |x",
		"explained":                         "|explained",
		"explain(select 1)":                 "EXPLAIN |(select 1)",
		"explain analyzed":                  "EXPLAIN |analyzed",
		"/* explain select 1":               "|/* explain select 1",
		"":                                  "|",
	} {
		prefix, at := statement.Split(text)
		if got := prefix + "|" + text[at:]; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzSplit splits any text, and checks that the rest is a part of it.
func FuzzSplit(f *testing.F) {
	f.Add("explain analyze select 1")
	f.Add("/* -- */ EXPLAIN")
	f.Fuzz(func(t *testing.T, text string) {
		prefix, at := statement.Split(text)
		if at < 0 || at > len(text) || prefix == "" && at != 0 {
			t.Errorf("%q, %d", prefix, at)
		}
	})
}

// FuzzCheck checks any tree: it never panics.
func FuzzCheck(f *testing.F) {
	f.Add(tree(`{"type":"SELECT_NODE","cte_map":{"map":[{"key":"P","value":{}}]}}`))
	f.Add([]byte(`{"error":true,"position":"18446744073709551615"}`))
	f.Fuzz(func(_ *testing.T, tree []byte) {
		_, _ = statement.Check(tree, 3)
	})
}
