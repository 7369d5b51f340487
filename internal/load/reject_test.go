package load_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// integers declares a dataset d whose columns id and n are integers.
func (h *house) integers(t *testing.T) {
	t.Helper()
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "n", Type: dataset.Integer})
}

// A load fails if all rows of its objects are rejected, with the reason.
func TestAllRejected(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.integers(t)
	h.put(t, "a.csv", "id,n\n1,x\n2,y\n3,4,5\n")
	src := h.source(t, "*.csv", source.Format{Delimiter: ","})
	l, err := h.load(t, load.Order{Source: src, Dataset: "d"})
	found := problem.From(err)
	if found.Reason != load.CodeAllRejected || found.Hint == "" ||
		!strings.Contains(found.Message, "a.csv: All of its 3 rows were rejected. The first one: line 2:") {
		t.Errorf("%+v", found)
	}
	want := []load.Problem{{
		Key: "a.csv", Code: load.CodeAllRejected,
		Reason: "All of its 3 rows were rejected. The first one: line 2: validation failed: .n should be integer.",
	}}
	if diff := cmp.Diff(want, l.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if l.Progress.Rejected != 3 || l.Progress.RejectedByReason[dataset.WrongType] != 2 || len(h.rejects(t, l)) != 3 {
		t.Errorf("%+v, %d rows kept", l.Progress, len(h.rejects(t, l)))
	}
	h.put(t, "b.csv", "id,n\n7,7\n")
	if l := h.mustLoad(t, load.Order{Source: src, Dataset: "d"}); len(l.Problems) != 1 || l.Progress.Rows != 1 {
		t.Errorf("with another object: %+v", l)
	}
}

// An object fails when the share of its rejected rows reaches the limit.
func TestMaxRejectedPercent(t *testing.T) {
	t.Parallel()
	ten, none := 10, 0
	var large strings.Builder
	large.WriteString("id,n\n")
	for i := range 300_000 { // so large that rows are staged before its end is read
		fmt.Fprintf(&large, "%d,%d%s\n", i, i, strings.Repeat(" ", 90))
	}
	large.WriteString(strings.Repeat("x,x\n", 40_000))
	for name, tc := range map[string]struct {
		content string
		percent *int
		code    string // of the problem; empty: the object is loaded
	}{
		"half, and no limit":     {"id,n\n1,1\nx,x\n", nil, ""},
		"half, and 10":           {"id,n\n1,1\nx,x\n", &ten, load.CodeMaxRejectedPercent},
		"one of eleven, and 10":  {"id,n\n" + strings.Repeat("1,1\n", 10) + "x,x\n", &ten, ""},
		"one of ten, and 10":     {"id,n\n" + strings.Repeat("1,1\n", 9) + "x,x\n", &ten, load.CodeMaxRejectedPercent},
		"none, and 0":            {"id,n\n1,1\n", &none, ""},
		"one, and 0":             {"id,n\n1,1\n2,2\nx,x\n", &none, load.CodeMaxRejectedPercent},
		"no rows":                {"id,n\n", &none, ""},
		"staged before, and 10":  {large.String(), &ten, load.CodeMaxRejectedPercent},
		"staged before, and 100": {large.String(), nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			h.integers(t)
			h.put(t, "a.csv", "id,n\n1000000,1\n")
			h.put(t, "b.csv", tc.content)
			l := h.mustLoad(t, load.Order{
				Source: h.source(t, "*.csv", source.Format{}), Dataset: "d", MaxRejectedPercent: tc.percent,
			})
			code := ""
			if len(l.Problems) > 0 {
				code = l.Problems[0].Code
			}
			if code != tc.code {
				t.Errorf("code %q, want %q: %+v", code, tc.code, l.Problems)
			}
			if rows := h.count(t, "d"); tc.code != "" && rows != 1 || l.Progress.Rows != rows {
				t.Errorf("%d rows, %+v", rows, l.Progress)
			}
		})
	}
}

func TestMaxRejectedFailsTheLoad(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.integers(t)
	h.put(t, "a.csv", "id,n\n1,1\n2,x\n3,x\n")
	one := int64(1)
	_, err := h.load(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d", MaxRejected: &one})
	if problem.From(err).Reason != load.CodeMaxRejected || h.count(t, "d") != 0 {
		t.Errorf("%v, %d rows", err, h.count(t, "d"))
	}
}

// Each fault of a row has a code; the row is stored as written.
func TestRejectCodes(t *testing.T) {
	t.Parallel()
	deep := `{"k":"a","n":1,"o":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}"
	for name, tc := range map[string]struct {
		key, content string
		want         []string // number, reason and column of each rejected row
	}{
		"csv": {
			"a.csv", "k,n,d,s\na,1,2026-01-31,x\n\\N,1,,\nb,x,,\nc,1,31.1.2026,\nd,99999999999999999999,,\ne,1,\n" +
				strings.Repeat("k", 1600) + ",1,,\nf,1,,caf\xe9\n\n\"open,1,,\ng,1,,\"two\nlines\"\nh,,,\n",
			[]string{
				"2 missing_required k", "3 wrong_type n", "4 wrong_format d", "5 out_of_range n", "6 field_count ",
				"7 too_long k", "8 bad_encoding s", "9 unclosed_quote ", "11 missing_required n",
			},
		},
		"jsonl": {
			"a.jsonl", strings.Join([]string{
				`{"k":"a","n":1,"s":"x"}`, `{"k":"b"}`, `{"k":null,"n":1}`, `{"k":"c","n":"1"}`,
				`{"k":"d","n":1,"n":2}`,
				`{"k":"e","n":1`, deep, `{"k":"f","n":1,"s":null}`, `{"k":"g","n":1e30}`,
				"{\"k\":\"h\",\"n\":1,\"s\":\"\xe9\"}",
				`{"k":"i","n":1,"s":"` + strings.Repeat("x", 70_000) + `"}`,
			}, "\n"),
			[]string{
				"2 missing_required n", "3 key_missing k", "4 wrong_type n", "5 duplicate_member n", "6 bad_json ",
				"7 too_deep ", "8 null_not_allowed s", "9 out_of_range n", "10 bad_encoding ", "11 record_too_long ",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			columns := []dataset.Column{
				{Name: "k", Type: dataset.String, AllowNull: true},
				{Name: "n", Type: dataset.Integer, Required: true},
				{Name: "d", Type: dataset.Date, AllowNull: true},
				{Name: "s", Type: dataset.String},
			}
			for i := range columns {
				columns[i].Declared = true
			}
			if _, err := h.datasets.Create(t.Context(), owner, workspaceID, dataset.Draft{
				Name: "d", Schema: dataset.Schema{Columns: columns, Index: dataset.Index{Key: "k", Unique: true}},
			}); err != nil {
				t.Fatal(err)
			}
			h.put(t, tc.key, tc.content)
			format := source.Format{Encoding: "utf-8", MaxRecordBytes: 64 << 10}
			if name == "csv" {
				format.Delimiter = ","
			}
			l := h.mustLoad(t, load.Order{Source: h.source(t, "*", format), Dataset: "d"})
			var got []string
			page, err := h.loads.ListRejects(t.Context(), owner, workspaceID, l.ID, load.RejectFilter{},
				paging.Request{})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Items {
				got = append(got, fmt.Sprintf("%d %s %s", r.Number, r.Code, r.Column))
				if r.Raw == "" || len(r.Raw) > 64<<10 || !strings.Contains(tc.content, r.Raw) &&
					r.Code != dataset.BadEncoding {
					t.Errorf("raw record %q", r.Raw)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestRejectsAreSelectedAndPaged(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.integers(t)
	h.put(t, "a.csv", "id,n\n1,1\n2,x\n3\n4,y\n")
	h.put(t, "b.csv", "id,n\n1,1\n2,z\n")
	l := h.mustLoad(t, load.Order{Source: h.source(t, "*", source.Format{}), Dataset: "d"})
	list := func(filter load.RejectFilter, request paging.Request) ([]string, string) {
		t.Helper()
		page, err := h.loads.ListRejects(t.Context(), owner, workspaceID, l.ID, filter, request)
		if err != nil {
			t.Fatal(err)
		}
		var values []string
		for _, r := range page.Items {
			values = append(values, r.Value)
		}
		return values, page.Next
	}
	if got, _ := list(load.RejectFilter{Reasons: []dataset.RejectCode{dataset.WrongType}},
		paging.Request{}); !slices.Equal(
		got, []string{"x", "y", "z"}) {
		t.Errorf("by reason: %v", got)
	}
	if got, _ := list(load.RejectFilter{Object: "b.csv"}, paging.Request{}); !slices.Equal(got, []string{"z"}) {
		t.Errorf("by object: %v", got)
	}
	var all []string
	for cursor := ""; ; {
		got, next := list(load.RejectFilter{}, paging.Request{Cursor: cursor, Limit: 3})
		all = append(all, got...)
		if cursor = next; next == "" {
			break
		}
	}
	if !slices.Equal(all, []string{"x", "3", "y", "z"}) {
		t.Errorf("all: %v", all)
	}
	_, err := h.loads.ListRejects(t.Context(), owner, workspaceID, l.ID,
		load.RejectFilter{Reasons: []dataset.RejectCode{"typo"}}, paging.Request{})
	if !problem.Is(err, problem.Invalid) {
		t.Errorf("an unknown reason: %v", err)
	}
}
