package parquetfile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// TestFindAgainstRows compares searches with those of the same rows in a slice,
// whole and page by page.
func TestFindAgainstRows(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 3))
	schema := prices()
	sources, model := randomFiles(t, r, schema, 1<<20)
	for i := range 40 {
		sorted := r.IntN(3) > 0
		search := randomSearch(r, schema)
		want := modelFind(model, &search)
		got := find(t, sources, search, sorted)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("search %d %s (-want +got):\n%.2000s", i, describeSearch(&search), diff)
		}
		n, err := parquetfile.Count(t.Context(), sources, &search)
		if err != nil || n != int64(len(want)) {
			t.Fatalf("search %d %s: count %d, %v, want %d", i, describeSearch(&search), n, err, len(want))
		}
		if diff := cmp.Diff(want, findPages(t, r, sources, search, sorted)); diff != "" {
			t.Fatalf("search %d in pages %s (-want +got):\n%.2000s", i, describeSearch(&search), diff)
		}
		search.Limit, search.Offset = 1+r.IntN(200), r.IntN(300)
		want = want[min(search.Offset, len(want)):]
		want = want[:min(search.Limit, len(want))]
		if diff := cmp.Diff(want, find(t, sources, search, sorted), equalEmpty); diff != "" {
			t.Fatalf("search %d with a limit %s (-want +got):\n%.2000s", i, describeSearch(&search), diff)
		}
	}
}

var equalEmpty = cmp.Transformer("empty", func(rows []row) []row { return append([]row{}, rows...) })

func find(t *testing.T, sources []parquetfile.Source, search engine.Search, sorted bool) []row {
	t.Helper()
	found, err := parquetfile.Find(t.Context(), sources, &search, sorted)
	if err != nil {
		t.Fatal(err)
	}
	return drain(t, found)
}

// findPages reads a search page by page, each after the position of the
// previous one.
func findPages(t *testing.T, r *rand.Rand, sources []parquetfile.Source, search engine.Search, sorted bool) []row {
	t.Helper()
	search.Positions = true
	var all []row
	for {
		search.Limit = 500 + r.IntN(4000)
		found, err := parquetfile.Find(t.Context(), sources, &search, sorted)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for {
			batch, err := found.Next()
			if err != nil {
				t.Fatal(err)
			}
			if batch == nil {
				break
			}
			all = append(all, rowsOf(batch)...)
			n += batch.Rows
			for i := range batch.Rows {
				position, err := found.Position(i)
				if err != nil || bytes.Compare(position, search.After) <= 0 {
					t.Fatalf("position %x after %x, %v", position, search.After, err)
				}
				search.After = position
			}
		}
		if n < search.Limit {
			return all
		}
	}
}

func randomSearch(r *rand.Rand, schema dataset.Schema) engine.Search {
	s := engine.Search{Selection: engine.Selection{DatasetID: "ds_1", Schema: schema}}
	for range r.IntN(3) {
		s.Where = append(s.Where, randomCondition(r, schema, 2))
	}
	for range []int{0, 0, 1, 2}[r.IntN(4)] {
		s.By = append(s.By, engine.Sort{
			Column: schema.Columns[r.IntN(5)].Name, Descending: r.IntN(2) == 0, NullsFirst: r.IntN(3) == 0,
		})
	}
	return s
}

func randomCondition(r *rand.Rand, schema dataset.Schema, depth int) engine.Condition {
	if depth > 0 && r.IntN(3) == 0 {
		c := engine.Condition{Op: []engine.Operator{engine.And, engine.Or}[r.IntN(2)]}
		for range 1 + r.IntN(3) {
			c.Parts = append(c.Parts, randomCondition(r, schema, depth-1))
		}
		return c
	}
	column := schema.Columns[r.IntN(5)]
	c := engine.Condition{
		Op: []engine.Operator{
			engine.Anything, engine.Equal, engine.Less, engine.LessEqual, engine.Greater,
			engine.GreaterEqual, engine.In,
		}[r.IntN(7)],
		Column: column.Name, Values: dataset.NewVectorOf(column, 1), Negate: r.IntN(3) == 0, Nulls: r.IntN(4) == 0,
	}
	if column.Name == "note" && r.IntN(3) == 0 {
		c.Op = engine.Like
		c.Pattern, _ = engine.ParsePattern(fmt.Sprintf("%%%d_", r.IntN(5)), false)
		return c
	}
	n := map[bool]int{true: r.IntN(6), false: 1}[c.Op == engine.In]
	for range n {
		switch column.Name {
		case "price":
			c.Values.AppendFloat(float64(r.IntN(1000)) / 4)
		case "symbol":
			c.Values.AppendBytes(fmt.Appendf(nil, "KEY%03d", r.IntN(14)))
		case "venue":
			c.Values.AppendInt(int64(r.IntN(4)))
		case "day":
			c.Values.AppendInt(int64(r.IntN(42)))
		default:
			c.Values.AppendBytes(fmt.Appendf(nil, "note %d", r.IntN(50)))
		}
	}
	return c
}

// modelFind does the same as Find on a slice.
func modelFind(model []modelRow, s *engine.Search) []row {
	var list []modelRow
	for _, m := range model {
		if !m.deleted && !slices.ContainsFunc(s.Where, func(c engine.Condition) bool { return !passes(m, s, &c) }) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b modelRow) int {
		for _, by := range s.By {
			_, at, _ := s.Schema.Column(by.Column)
			x, y := a.row[at], b.row[at]
			c := compareAny(x, y)
			switch {
			case (x == nil) != (y == nil):
				if by.NullsFirst {
					c = -c
				}
			case by.Descending:
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		for _, at := range []int{1, 2, 3} {
			if c := compareAny(a.row[at], b.row[at]); c != 0 {
				return c
			}
		}
		return int(a.seq - b.seq)
	})
	var rows []row
	for _, m := range list {
		rows = append(rows, m.row)
	}
	return rows
}

func passes(m modelRow, s *engine.Search, c *engine.Condition) bool {
	if c.Op == engine.And || c.Op == engine.Or {
		some := slices.ContainsFunc(c.Parts, func(part engine.Condition) bool {
			return passes(m, s, &part) == (c.Op == engine.Or)
		})
		return some == (c.Op == engine.Or)
	}
	_, at, _ := s.Schema.Column(c.Column)
	x := m.row[at]
	if x == nil {
		return c.Nulls
	}
	return fulfils(x, c) != c.Negate
}

func fulfils(x any, c *engine.Condition) bool {
	if c.Op == engine.Anything {
		return true
	}
	if c.Op == engine.Like {
		return c.Pattern.Match([]byte(x.(string)))
	}
	var less, same, more bool
	for _, y := range rowsOf(&dataset.Batch{Rows: len(c.Values.Nulls), Vectors: []dataset.Vector{c.Values}}) {
		d := compareAny(x, y[0])
		less, same, more = less || d < 0, same || d == 0, more || d > 0
	}
	switch c.Op {
	case engine.Less:
		return less
	case engine.LessEqual:
		return less || same
	case engine.Greater:
		return more
	case engine.GreaterEqual:
		return more || same
	default:
		return same
	}
}

func describeSearch(s *engine.Search) string {
	return strings.ReplaceAll(fmt.Sprintf("%+v by %+v, %d after %d", s.Where, s.By, s.Limit, s.Offset), "\n", " ")
}

func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, text string
		fold, want    bool
	}{
		{"", "", false, true},
		{"", "a", false, false},
		{"*", "", false, true},
		{"a*", "abc", false, true},
		{"*c", "abc", false, true},
		{"%b%", "abc", false, true},
		{"a_c", "aéc", false, true},
		{"a_c", "ac", false, false},
		{`a\_c`, "abc", false, false},
		{`a\_c`, "a_c", false, true},
		{`a\*`, "a*", false, true},
		{`a\*`, "ab", false, false},
		{"a*b*c", "aXbXbXc", false, true},
		{"a*b*c", "aXbXbXd", false, false},
		{"DRY", "dry", false, false},
		{"DRY*", "dry spell", true, true},
		{"straSSe", "STRAsse", true, true},
		{"k", "K", true, true}, // the Kelvin sign
		{"Σ*", "ς", true, true},
		{"ü", "Ü", true, true},
		{"*" + strings.Repeat("a", 50) + "b", strings.Repeat("a", 2000), false, false},
	} {
		p, ok := engine.ParsePattern(tc.pattern, tc.fold)
		if got := p.Match([]byte(tc.text)); !ok || got != tc.want {
			t.Errorf("%q matches %.60q: %v, %v", tc.pattern, tc.text, got, ok)
		}
	}
	if _, ok := engine.ParsePattern(`a\`, false); ok {
		t.Error("a pattern that ends in a backslash is valid")
	}
}
