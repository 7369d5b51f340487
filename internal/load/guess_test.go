package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular"
)

// types returns a dataset's columns as "name type".
func (h *house) types(t *testing.T, name string) []string {
	t.Helper()
	var types []string
	for _, c := range h.dataset(t, name).Schema.Columns {
		types = append(types, c.Name+" "+c.TypeName())
	}
	return types
}

func (h *house) dataset(t *testing.T, name string) dataset.Dataset {
	t.Helper()
	found, err := h.datasets.Get(t.Context(), owner, workspaceID, name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// texts returns the values of a column as the API writes them, without repetitions,
// in the order of loading.
func (h *house) texts(t *testing.T, name, column string) []string {
	t.Helper()
	return slices.Compact(h.cells(t, name, column))
}

// cells returns the values of a column as the API writes them, in the order of
// loading.
func (h *house) cells(t *testing.T, name, column string) []string {
	t.Helper()
	found := h.dataset(t, name)
	rows, err := h.rows.Lookup(t.Context(), engine.Selection{
		DatasetID: found.ID, Schema: found.Schema, Columns: []string{column}, Order: engine.Ascending, Limit: 1_000_000,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // nothing was written
	var texts []string
	for {
		b, err := rows.Next()
		if err != nil {
			t.Fatal(err)
		}
		if b == nil {
			return texts
		}
		for i := range b.Rows {
			text := fmt.Sprint(tabular.Value(&b.Vectors[0], i))
			if raw, ok := tabular.Value(&b.Vectors[0], i).([]byte); ok {
				text = string(raw)
			}
			texts = append(texts, text)
		}
	}
}

// many returns a table of one value, long enough that the sample doesn't reach
// its end, and then another value.
func many(value, last string) string {
	return "n,v\n" + strings.Repeat("1,"+value+"\n", 2500) + "2," + last + "\n"
}

// TestGuessesWiden loads a value that a guessed type doesn't accept: late in an
// object, in a later object of the same load, and in a later load.
func TestGuessesWiden(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ first, last, typ, want string }{
		"a code":         {"10115", "00501", "string", "10115 00501"},
		"a phone number": {"4930", "+4930", "string", "4930 +4930"},
		"a fraction":     {"7", "1.5", "number", "7 1.5"},
		"beyond 64 bits": {"7", "18446744073709551615", "decimal(20,0)", "7 18446744073709551615"},
		"not a double":   {"1.5", "9007199254740993", "decimal(17,1)", "1.5 9007199254740993.0"},
		"more digits":    {"12345678901234567.89", "0.12345", "decimal(22,5)", "12345678901234567.89000 0.12345"},
		"text":           {"7", "seven", "string", "7 seven"},
		"a time among dates": {
			"2026-01-31", "2026-01-31T10:00:00Z", "date-time",
			"2026-01-31T00:00:00Z 2026-01-31T10:00:00Z",
		},
		"another date format":  {"2026-01-31", "31.01.2026", "string", "2026-01-31 31.01.2026"},
		"a number for a truth": {"true", "1", "string", "true 1"},
		"text stays text":      {"abc", "1", "string", "abc 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for place, steps := range map[string][][]string{
				"late":              {{many(c.first, c.last)}},
				"in another object": {{"n,v\n1," + c.first + "\n", many(c.first, c.last)}},
				"in a later load":   {{"n,v\n1," + c.first + "\n"}, {"n,v\n2," + c.last + "\n"}},
			} {
				h := build(t, doors{})
				src := h.source(t, "*", source.Format{})
				rejected, objects := int64(0), 0
				for _, step := range steps {
					for _, content := range step {
						h.put(t, fmt.Sprintf("%d.csv", objects), content)
						objects++
					}
					rejected += h.mustLoad(t, load.Order{Source: src, Dataset: "d"}).Progress.Rejected
				}
				if diff := cmp.Diff([]string{"n integer", "v " + c.typ}, h.types(t, "d")); diff != "" || rejected != 0 {
					t.Errorf("%s: %d rejected, types (-want +got):\n%s", place, rejected, diff)
				}
				if got := strings.Join(h.texts(t, "d", "v"), " "); got != c.want {
					t.Errorf("%s: values %s, want %s", place, got, c.want)
				}
			}
		})
	}
}

// TestTheOrderOfObjectsDoesNotChangeTypes loads the same values in the
// reverse order.
func TestTheOrderOfObjectsDoesNotChangeTypes(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	values := []string{"10115", "00501", "1.5", "2026-01-31", "+49", ""}
	types := func(first, second string, i, j int) []string {
		name := fmt.Sprintf("d%d_%d", i, j)
		h.put(t, name+"/1.csv", "n,v\n1,"+first+"\n")
		h.put(t, name+"/2.csv", "n,v\n2,"+second+"\n")
		h.mustLoad(t, load.Order{Source: h.source(t, name+"/*", source.Format{}), Dataset: name})
		return h.types(t, name)
	}
	for i, a := range values {
		for j, b := range values[:i] {
			if diff := cmp.Diff(types(a, b, i, j), types(b, a, j, i)); diff != "" {
				t.Errorf("%q and %q (-first +second):\n%s", a, b, diff)
			}
		}
	}
}

func TestCommittedTextStaysText(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "1.csv", "id,v\n1,abc\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "2.jsonl", `{"id":2,"v":5.50}`+"\n"+`{"id":3,"v":{"a": 1}}`+"\n"+`{"id":4,"v":true}`+"\n")
	if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); l.Progress.Rejected != 0 || l.Progress.Rows != 3 {
		t.Errorf("%+v", l)
	}
	if diff := cmp.Diff([]string{"abc", "5.50", `{"a":1}`, "true"}, h.texts(t, "d", "v")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

func TestColumnsOnlyOfMarkersAreTypedByTheFirstValue(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "1.csv", "id,v,w\n1,,NA\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "2.csv", "id,v,w\n2,5,6.5\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	if diff := cmp.Diff([]string{"id integer", "v integer", "w number"}, h.types(t, "d")); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	if got := h.texts(t, "d", "w"); strings.Join(got, " ") != "<nil> 6.5" {
		t.Errorf("values %q", got)
	}
}

func TestDeclaredColumnsReject(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "v", Type: dataset.Integer})
	h.put(t, "1.csv", "id,v,more\n1,5,x\n2,six,y\n3,007,z\n")
	l := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	if l.Progress.Rows != 2 || l.Progress.Rejected != 1 {
		t.Errorf("%+v", l.Progress)
	}
	want := []string{"id integer", "v integer", "more string"}
	if diff := cmp.Diff(want, h.types(t, "d")); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
}

// TestColumnsAreAdded loads columns that come late, in each format.
func TestColumnsAreAdded(t *testing.T) {
	t.Parallel()
	records := func(n int, more string) string {
		return strings.Repeat(`{"id":1}`+"\n", n) + more + "\n"
	}
	for name, c := range map[string]struct {
		steps [][]string
		want  []string
		rows  int64
	}{
		"a member after the sample": {
			[][]string{{records(1500, `{"id":2,"refund":12.5}`)}},
			[]string{"id integer", "refund number"},
			1501,
		},
		"a member in a later object": {
			[][]string{{records(1, ""), records(1200, `{"id":2,"refund":7}`)}},
			[]string{"id integer", "refund integer"},
			1202,
		},
		"a member in a later load": {
			[][]string{{records(3, "")}, {records(1200, `{"id":2,"tags":["a"],"note":"x"}`)}},
			[]string{"id integer", "note string", "tags array"},
			1204,
		},
		"a column in a later load": {
			[][]string{{"id\n1\n"}, {"id,zip\n2,10115\n" + strings.Repeat("3,10117\n", 1200) + "4,00501\n"}},
			[]string{"id integer", "zip string"},
			1203,
		},
		"columns of two objects": {
			[][]string{{"id,a\n1,5\n", "b,id\n6.5,2\n"}},
			[]string{"id integer", "a integer", "b number"},
			2,
		},
		"a column that is gone": {
			[][]string{{"id,a\n1,5\n"}, {"id\n2\n"}}, []string{"id integer", "a integer"}, 2,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			src := h.source(t, "*", source.Format{})
			objects := 0
			for _, step := range c.steps {
				for _, content := range step {
					h.put(t, fmt.Sprintf("%d", objects), content)
					objects++
				}
				if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); l.Progress.Rejected != 0 ||
					len(l.Problems) > 0 {
					t.Errorf("%+v", l)
				}
			}
			if diff := cmp.Diff(c.want, h.types(t, "d")); diff != "" {
				t.Errorf("types (-want +got):\n%s", diff)
			}
			if n := h.count(t, "d"); n != c.rows {
				t.Errorf("%d rows, want %d", n, c.rows)
			}
		})
	}
}

// TestGuessedIndexesDropNothing loads a second delivery with the keys of the
// first.
func TestGuessedIndexesDropNothing(t *testing.T) {
	t.Parallel()
	for _, duplicates := range []engine.Duplicates{engine.Ignore, engine.Replace} {
		h := build(t, doors{})
		src := h.source(t, "*", source.Format{})
		h.put(t, "1.csv", "sensor,reading\ns1,20\ns2,21\n")
		h.mustLoad(t, load.Order{Source: src, Dataset: "d", Duplicates: duplicates})
		if index := h.dataset(t, "d").Schema.Index; index.Unique || !index.Guessed || !index.Distinct {
			t.Errorf("after the first: %+v", index)
		}
		h.put(t, "2.csv", "sensor,reading\ns3,22\n")
		h.mustLoad(t, load.Order{Source: src, Dataset: "d", Duplicates: duplicates})
		if index := h.dataset(t, "d").Schema.Index; !index.Distinct {
			t.Errorf("after the second: %+v", index)
		}
		h.put(t, "3.csv", "sensor,reading\ns1,22\ns2,23\n,5\n")
		l := h.mustLoad(t, load.Order{Source: src, Dataset: "d", Duplicates: duplicates})
		if l.Progress.Rows != 3 || l.Progress.Duplicates != 0 || l.Progress.Rejected != 0 || h.count(t, "d") != 6 {
			t.Errorf("%s: %+v", duplicates, l.Progress)
		}
		if index := h.dataset(t, "d").Schema.Index; index.Unique || index.Distinct {
			t.Errorf("after the third: %+v", index)
		}
	}
}

// TestASuggestedIndexCanBeDeclared declares the index that a guess suggests, on a
// dataset with rows.
func TestASuggestedIndexCanBeDeclared(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "1.csv", "id,v\n1,a\n2,b\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	declared := dataset.Index{Key: "id", Unique: true}
	if _, err := h.datasets.Update(t.Context(), owner, workspaceID, "d", dataset.Change{Index: &declared}); err != nil {
		t.Fatal(err)
	}
	h.put(t, "2.csv", "id,v\n2,c\n3,d\n")
	l := h.mustLoad(t, load.Order{Source: src, Dataset: "d", Duplicates: engine.Replace})
	if l.Progress.Duplicates != 1 || h.count(t, "d") != 3 {
		t.Errorf("%+v and %d rows", l.Progress, h.count(t, "d"))
	}
}

// TestAKeyThatBecomesTextIsStillFound widens the key of a dataset with rows from
// integers to text, which has another order.
func TestAKeyThatBecomesTextIsStillFound(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "1.csv", "id,v\n9,a\n10,b\n100,c\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.put(t, "2.csv", "id,v\n9,d\n00501,e\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	found := h.dataset(t, "d")
	if found.Schema.Index.Key != "id" || found.Schema.Index.Distinct {
		t.Errorf("%+v", found.Schema.Index)
	}
	if err := h.rows.Compact(t.Context(), found.ID); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int64{"9": 2, "10": 1, "100": 1, "00501": 1, "501": 0} {
		rows, err := h.rows.Lookup(t.Context(), engine.Selection{
			DatasetID: found.ID, Schema: found.Schema, Key: &key, Order: engine.Ascending, Limit: 10,
		})
		if err != nil {
			t.Fatal(err)
		}
		n := int64(0)
		for b, err := rows.Next(); b != nil || err != nil; b, err = rows.Next() {
			if err != nil {
				t.Fatal(err)
			}
			n += int64(b.Rows)
		}
		if err := rows.Close(); err != nil || n != want {
			t.Errorf("key %s: %d rows, want %d (%v)", key, n, want, err)
		}
	}
}

// TestHeadersWithoutRows guesses from the first object that has rows.
func TestHeadersWithoutRows(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.put(t, "1.csv", "id,day,v\n")
	h.mustLoad(t, load.Order{Source: src, Dataset: "alone"})
	h.put(t, "2.csv", "id,day,v\n1,2026-01-01,2.5\n")
	want := []string{"id integer", "day date", "v number"}
	for _, name := range []string{"alone", "both"} {
		h.mustLoad(t, load.Order{Source: src, Dataset: name})
		if diff := cmp.Diff(want, h.types(t, name)); diff != "" {
			t.Errorf("%s: types (-want +got):\n%s", name, diff)
		}
	}
}
