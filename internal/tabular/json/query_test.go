package json_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// TestQueries reads documents by paths that only a library knows.
func TestQueries(t *testing.T) {
	t.Parallel()
	const shop = `{"shop":{"books":[{"a":1,"b":"x"},{"a":12345678901234567890.10,"b":"y"}],"pens":{"a":3,"b":"<é"}},` +
		`"list":[[{"a":4}],[{"a":5}]]}`
	columns := []dataset.Column{
		column("a", dataset.Any), column("b", dataset.String), column("value", dataset.Any),
	}
	for query, want := range map[string][]string{
		"$.shop.books[0]":        {"1: 1|x|NULL"},
		"$.shop.books[-1]":       {"1: 12345678901234567890.10|y|NULL"},
		"$.shop.books[?@.a > 2]": {"1: 12345678901234567890.10|y|NULL"},
		"$..books":               {"1: 1|x|NULL", "2: 12345678901234567890.10|y|NULL"},
		"$.shop.pens['a','b']":   {"1: NULL|NULL|3", `2: NULL|NULL|"<é"`},
		"$.list[1:]":             {"1: 5|NULL|NULL"},
		"$..a": { // by path, always in the same order
			"1: NULL|NULL|4", "2: NULL|NULL|5", "3: NULL|NULL|1",
			"4: NULL|NULL|12345678901234567890.10", "5: NULL|NULL|3",
		},
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			parsed, err := json.ParseQuery(query)
			if err != nil {
				t.Fatal(err)
			}
			got, err := parse(t, shop, columns, json.Options{Query: parsed})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(result{Rows: want}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestQueriesFail reads documents that a query can't be applied to.
func TestQueriesFail(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, want, reason string
		limit              int64
	}{
		"nothing there": {`{"a":1}`, "nothing at", "not_found_inside", 0},
		"too large":     {`{"a":"` + strings.Repeat("x", 2<<20) + `"}`, "more than 1 MiB", "document_too_large", 1 << 20},
		"cut off":       {`{"a":[{"b":1},`, "can't be parsed", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query, err := json.ParseQuery("$..b")
			if err != nil {
				t.Fatal(err)
			}
			_, err = parse(t, c.text, []dataset.Column{column("b", dataset.Integer)},
				json.Options{Query: query, DocumentBytes: c.limit})
			if found := problem.From(err); !strings.Contains(found.Message, c.want) || found.Reason != c.reason {
				t.Errorf("got %v (%s), want …%s… (%s)", err, found.Reason, c.want, c.reason)
			}
		})
	}
}

// TestFlatten makes columns of the members of nested objects.
func TestFlatten(t *testing.T) {
	t.Parallel()
	columns := []dataset.Column{
		column("id", dataset.Integer), column("a.b", dataset.Integer), column("a.b_2", dataset.Integer),
		column("a.c.d", dataset.Object), column("a_b", dataset.Integer),
	}
	for name, c := range map[string]struct {
		text    string
		flatten json.Flatten
		want    result
	}{
		"defaults": {
			`[{"id":1,"a":{"b":2,"c":{"d":{"e":{"f":1}}}}},{"id":2,"a":{}},{"id":3,"a":null}]`,
			json.Flatten{},
			result{Rows: []string{"1: 1|2|NULL|NULL|NULL", "2: 2|NULL|NULL|NULL|NULL", "3: 3|NULL|NULL|NULL|NULL"}},
		},
		"to a depth": {
			`{"a":{"c":{"d":{"e":1}}}}`,
			json.Flatten{Depth: 2},
			result{Rows: []string{`1: NULL|NULL|NULL|{"e":1}|NULL`}},
		},
		"another separator": {
			`{"a":{"b":7}}`, json.Flatten{Separator: "_"}, result{Rows: []string{"1: NULL|NULL|NULL|NULL|7"}},
		},
		"equal names": {
			`{"a.b":1,"a":{"b":2}}`, json.Flatten{}, result{Rows: []string{"1: NULL|1|2|NULL|NULL"}},
		},
		"a member twice": {
			`{"a":{"b":1,"b":2}}`, json.Flatten{}, result{Rejected: []string{`1 a.b "2": .a.b should be there once`}},
		},
		"escaped names": {
			`{"\u0061":{"\u0062":1,"c":{"d":{}}}}`,
			json.Flatten{Depth: 2},
			result{Rows: []string{"1: NULL|1|NULL|{}|NULL"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(t, c.text, columns, json.Options{Flatten: &c.flatten})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
