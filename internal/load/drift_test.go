package load_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
)

// feedWith creates a feed with settings.
func (h *house) feedWith(t *testing.T, sourceID, name string, change func(*feed.Settings)) string {
	t.Helper()
	made := feed.New(workspaceID, sourceID, name, owner.ID, time.Now())
	change(&made.Settings)
	kept, err := h.store.InsertFeed(t.Context(), made)
	if err != nil {
		t.Fatal(err)
	}
	return kept.ID
}

// drift returns a dataset's drift as lines, sorted.
func (h *house) drift(t *testing.T, name string) string {
	t.Helper()
	found, err := h.datasets.Drift(t.Context(), owner, workspaceID, name, paging.Request{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range found.Items {
		lines = append(lines, fmt.Sprintf("%s %s %s %s>%s %s:%d %q %d", d.Kind, d.Column, d.Outcome, d.From, d.To,
			d.Object, d.Line, d.Value, d.Rows))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// TestDrift loads one object, and then one that differs from it.
func TestDrift(t *testing.T) {
	t.Parallel()
	first := "id,v\n1,5\n2,6\n"
	for name, c := range map[string]struct {
		first, second string
		setting       feed.Drift
		code          string // of the second load
		rejected      int64
		types         string
		want          string
	}{
		"a new column is added": {
			second: "id,v,x\n3,7,a\n4,8,\n", types: "id integer, v integer, x string",
			want: `new_column x added >string b.csv:2 "a" 2`,
		},
		"a new column is noted": {
			second: "id,v,x\n3,7,a\n4,8,b\n", setting: feed.Drift{New: feed.NoteColumn}, types: "id integer, v integer",
			want: `new_column x ignored > b.csv:0 "" 2`,
		},
		"a new column fails": {
			second: "id,v,x\n3,7,a\n", setting: feed.Drift{New: feed.FailOnNew}, code: load.CodeDrift,
			types: "id integer, v integer", want: `new_column x failed > b.csv:0 "" 1`,
		},
		"a new member is added": {
			first: `{"id":1,"v":5}`, second: `{"id":2,"v":6}` + "\n" + `{"id":3,"v":7,"x":true}`,
			types: "id integer, v integer, x boolean", want: `new_column x added >boolean b.csv:0 "" 1`,
		},
		"a new member is noted": {
			first: `{"id":1,"v":5}`, second: `{"id":2,"v":6}` + "\n" + `{"id":3,"v":7,"x":"a"}`,
			setting: feed.Drift{New: feed.NoteColumn}, types: "id integer, v integer",
			want: `new_column x ignored >string b.csv:2 "a" 1`,
		},
		"a new member fails": {
			first: `{"id":1,"v":5}`, second: `{"id":2,"v":6}` + "\n" + `{"id":3,"v":7,"x":"a"}`,
			setting: feed.Drift{New: feed.FailOnNew}, code: load.CodeDrift, types: "id integer, v integer",
			want: `new_column x failed >string b.csv:2 "a" 1`,
		},
		"a missing column is null": {
			second: "id\n3\n4\n", types: "id integer, v integer",
			want: `missing_column v null integer> b.csv:0 "" 2`,
		},
		"a missing column fails": {
			second: "id\n3\n", setting: feed.Drift{Missing: feed.FailOnMissing}, code: load.CodeDrift,
			types: "id integer, v integer", want: `missing_column v failed integer> b.csv:0 "" 1`,
		},
		"a missing member is no drift": {
			first: `{"id":1,"v":5}`, second: `{"id":2}`, types: "id integer, v integer",
		},
		"a missing member fails": {
			first: `{"id":1,"v":5}`, second: `{"id":2}`, setting: feed.Drift{Missing: feed.FailOnMissing},
			code: load.CodeDrift, types: "id integer, v integer", want: `missing_column v failed integer> b.csv:0 "" 1`,
		},
		"a null member isn't missing": {
			first: `{"id":1,"v":5}`, second: `{"id":2,"v":null}`, setting: feed.Drift{Missing: feed.FailOnMissing},
			types: "id integer, v integer",
		},
		"a changed column is widened": {
			second: "id,v\n3,7\n4,00501\n5,x\n", types: "id integer, v string",
			want: `widened v widened integer>string b.csv:3 "00501" 2`,
		},
		"changed values are rejected": {
			second: "id,v\n3,7\n4,00501\n5,8\n", setting: feed.Drift{Changed: feed.RejectRow}, rejected: 1,
			types: "id integer, v integer",
		},
		"changed values fail": {
			second: "id,v\n3,7\n4,00501\n5,x\n", setting: feed.Drift{Changed: feed.FailOnChanged}, code: load.CodeDrift,
			types: "id integer, v integer", want: `widened v failed integer> b.csv:3 "00501" 2`,
		},
		"only changed values fail the load, not the object": {
			second: "id,v\n3,x\n", setting: feed.Drift{Changed: feed.FailOnChanged}, code: load.CodeDrift,
			types: "id integer, v integer", want: `widened v failed integer> b.csv:2 "x" 1`,
		},
		"another number format": {
			first: "id;v\n1;1,5\n", second: "id;v\n3;1.234,5\n", types: "id integer, v number",
			want: `format_changed v widened 1234,5>1.234,5 b.csv:2 "1.234,5" 1`,
		},
		"columns in another order are no drift": {
			second: "v,id\n7,3\n", setting: feed.Drift{New: feed.FailOnNew, Missing: feed.FailOnMissing, Changed: feed.FailOnChanged},
			types: "id integer, v integer",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			src := h.source(t, "*", source.Format{})
			feedID := h.feedWith(t, src, "d", func(s *feed.Settings) {
				s.Drift.New = cmp.Or(c.setting.New, s.Drift.New)
				s.Drift.Missing = cmp.Or(c.setting.Missing, s.Drift.Missing)
				s.Drift.Changed = cmp.Or(c.setting.Changed, s.Drift.Changed)
			})
			h.put(t, "a.csv", cmp.Or(c.first, first))
			before := h.mustLoad(t, load.Order{Feed: feedID})
			if got := h.drift(t, "d"); got != "" {
				t.Errorf("the first load has the drift %s", got)
			}
			h.put(t, "b.csv", c.second)
			for range 2 { // a failed load is repeated, and the rows are the same
				l, err := h.load(t, load.Order{Feed: feedID})
				if (err != nil) != (c.code != "") {
					t.Fatalf("the load ended with %v", err)
				}
				if c.code == "" {
					if l.Progress.Rejected != c.rejected {
						t.Errorf("%d rows were rejected, want %d", l.Progress.Rejected, c.rejected)
					}
					break
				}
			}
			if c.code != "" && h.count(t, "d") != before.Progress.Rows {
				t.Errorf("a load that failed left %d rows", h.count(t, "d"))
			}
			if got := strings.Join(h.types(t, "d"), ", "); got != c.types {
				t.Errorf("the columns are %s, want %s", got, c.types)
			}
			got := h.drift(t, "d")
			if c.code != "" { // once for each load
				c.want += "\n" + c.want
			}
			if got != c.want {
				t.Errorf("the drift is\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestRejectedValuesLeaveNoEvidence rejects values that don't fit, and then widens
// the column for others. The rejected values must not count.
func TestRejectedValuesLeaveNoEvidence(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	rejecting := h.feedWith(t, src, "codes", func(s *feed.Settings) { s.Drift.Changed = feed.RejectRow })
	for i, content := range []string{"id,v\n1,5\n", "id,v\n2,seven\n3,123456789\n", "id,v,w\n4,9,x\n"} {
		h.put(t, fmt.Sprintf("%d.csv", i), content)
		h.mustLoad(t, load.Order{Feed: rejecting})
	}
	if got := strings.Join(h.types(t, "codes"), ", "); got != "id integer, v integer, w string" {
		t.Fatalf("the columns are %s", got)
	}
	kept, err := h.store.Feed(t.Context(), workspaceID, rejecting)
	if err != nil {
		t.Fatal(err)
	}
	kept.Drift.Changed = feed.WidenColumn
	kept.Version++
	if err := h.store.SaveFeed(t.Context(), kept); err != nil {
		t.Fatal(err)
	}
	h.put(t, "3.csv", "id,v\n5,1.5\n")
	h.mustLoad(t, load.Order{Feed: rejecting})
	if got := strings.Join(h.types(t, "codes"), ", "); got != "id integer, v number, w string" {
		t.Errorf("after widening the columns are %s", got)
	}
	if got := strings.Join(h.texts(t, "codes", "v"), " "); got != "5 1.23456789e+08 9 1.5" {
		t.Errorf("the values are %s", got)
	}
}

// TestDriftOfDeclaredColumns loads the first objects into columns that a person
// declared.
func TestDriftOfDeclaredColumns(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	src := h.source(t, "*", source.Format{})
	h.declare(
		t,
		"d",
		dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "v", Type: dataset.Integer},
	)
	id := h.feedWith(t, src, "d", func(s *feed.Settings) {
		s.Drift = feed.Drift{New: feed.FailOnNew, Missing: feed.NullValue, Changed: feed.FailOnChanged}
	})
	h.put(t, "a.csv", "id,v\n1,x\n2,5\n")
	if l := h.mustLoad(t, load.Order{Feed: id}); l.Progress.Rejected != 1 || l.Progress.Rows != 1 {
		t.Errorf("a declared column rejects what doesn't fit: %+v", l.Progress)
	}
	h.put(t, "b.csv", "id,x\n3,5\n")
	if l, err := h.load(t, load.Order{Feed: id}); err == nil {
		t.Errorf("a new column was loaded: %+v", l.Progress)
	}
}
