package datasets

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
)

func TestConditionsAsPeopleReadThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ operator, value, raw, text string }{
		{"eq", "AAPL", "eq.AAPL", "= AAPL"},
		{"gte", "20", "gte.20", "≥ 20"},
		{contains, "50%_*", `ilike.*50\%\_\**`, "contains 50%_*"},
		{begins, "W-0", "like.W-0*", "starts with W-0"},
		{among, `a, "b"`, `in.("a","\"b\"")`, `one of a, \"b\"`},
		{isNull, "", "is.null", "is null"},
		{notNull, "x", "is.not_null", "is not null"},
	} {
		raw := conditionOf(c.operator, c.value)
		if raw != c.raw {
			t.Errorf("%s %s: %s, want %s", c.operator, c.value, raw, c.raw)
		}
		if text := (rowFilter{Raw: raw}).Text(); text != c.text {
			t.Errorf("%s reads %q, want %q", raw, text, c.text)
		}
	}
}

// TestTheAddressOfRows checks that the data API accepts the page's address, even
// for columns with the names of parameters.
func TestTheAddressOfRows(t *testing.T) {
	t.Parallel()
	schema := &dataset.Schema{Columns: []dataset.Column{
		{
			Name: "price",
			Type: dataset.Number,
		},
		{Name: "limit", Type: dataset.Integer},
		{Name: `a "b"`, Type: dataset.String},
		{Name: "row", Type: dataset.String},
	}}
	q := url.Values{
		"price": {"gt.5", "lt.9"}, `"limit"`: {"eq.1"}, `"a \"b\""`: {"is.null"}, `"row"`: {"eq.x"},
		"order": {"price.desc"}, "col": {"price", "gone"}, "cursor": {"c"}, "row": {"3"},
	}
	r := readRows(q, "/datasets/D", schema)
	want := url.Values{
		"price": {"gt.5", "lt.9"}, `"limit"`: {"eq.1"}, `"a \"b\""`: {"is.null"}, `"row"`: {"eq.x"},
		"order": {"price.desc"}, "cursor": {"c"},
	}
	if diff := cmp.Diff(want, r.asked()); diff != "" {
		t.Errorf("the data API is asked (-want +got):\n%s", diff)
	}
	if _, err := delivery.Parse(r.asked(), time.Time{}); err != nil {
		t.Errorf("the data API refuses it: %v", err)
	}
	q["col"] = []string{"price"}
	if diff := cmp.Diff(q, r.values()); diff != "" {
		t.Errorf("the address (-want +got):\n%s", diff)
	}
	if r.sorted("price") != "descending" || r.sorted("limit") != "" {
		t.Error("the order isn't read")
	}
}
