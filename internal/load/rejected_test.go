package load_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// makeString makes a declared column a string, as if a person did before there were
// rows.
func (h *house) makeString(t *testing.T, name string, column int) {
	t.Helper()
	found, err := h.datasets.Get(t.Context(), owner, workspaceID, name)
	if err != nil {
		t.Fatal(err)
	}
	before := found.UpdatedAt
	found.Schema.Columns[column].Type, found.Schema.Columns[column].Format = dataset.String, ""
	found.UpdatedAt = before.Add(1000)
	if err := h.store.SaveDataset(t.Context(), found, before); err != nil {
		t.Fatal(err)
	}
}

// unresolved counts the rejected rows that no load accepted.
func (h *house) unresolved(t *testing.T, l load.Load) (left, resolved int) {
	t.Helper()
	err := h.loads.Rejects(t.Context(), owner, workspaceID, l.ID, func(r dataset.Rejected) error {
		if r.ResolvedBy == "" {
			left++
		} else {
			resolved++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return left, resolved
}

// Rejected rows are accepted once, after the schema was corrected.
func TestRejectedRowsAreLoadedAgain(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "n", Type: dataset.Integer})
	h.put(t, "a.csv", "id,n\n1,1\n2,x\n3,3\n4,4,4\n")
	h.put(t, "b.csv", "id,n\n5,y\n6,6\n")
	h.put(t, "c.csv", "id,n\n7,z\n8,w\n") // fails: all are rejected
	src := h.source(t, "*.csv", source.Format{})
	first := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	again := load.Order{Kind: load.Rejected, Of: first.ID}
	unchanged := h.mustLoad(t, again)
	if left, resolved := h.unresolved(t, first); left != 5 || resolved != 0 || unchanged.Progress.Rows != 0 {
		t.Fatalf("under the same schema: %d left, %d resolved, %+v", left, resolved, unchanged.Progress)
	}
	h.makeString(t, "d", 1)
	again.Reasons = []dataset.RejectCode{dataset.FieldCount}
	h.mustLoad(t, again)
	if got := h.count(t, "d"); got != 3 {
		t.Errorf("%d rows after those of another reason, want 3", got)
	}
	again.Reasons = nil
	second := h.mustLoad(t, again)
	if diff := cmp.Diff([]string{"1", "3", "6", "2", "5", "7", "8"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if left, resolved := h.unresolved(t, first); left != 1 || resolved != 4 || second.Progress.Rows != 4 {
		t.Errorf("%d left, %d resolved, %+v", left, resolved, second.Progress)
	}
	third := h.mustLoad(t, again)
	if got := h.count(t, "d"); got != 7 || third.Progress.Rows != 0 {
		t.Errorf("once more: %d rows, %+v", got, third)
	}
	if l := h.mustLoad(t, load.Order{Feed: first.FeedID}); l.Progress.Objects != 0 || l.Progress.Known != 3 {
		t.Errorf("the next load: %+v", l.Progress)
	}
	// A replay removes the rows of both loads.
	h.mustLoad(t, load.Order{Feed: first.FeedID, Kind: load.Replay, Select: load.Selection{Keys: []string{"a.csv"}}})
	if diff := cmp.Diff([]string{"6", "5", "7", "8", "1", "2", "3"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids after a replay (-want +got):\n%s", diff)
	}
	fourth := h.mustLoad(t, again)
	if len(fourth.Notes) == 0 || h.count(t, "d") != 7 {
		t.Errorf("after the replay: %+v", fourth)
	}
}

// The type that a person declared in the dataset applies, also if the feed declares
// another one.
func TestRejectedRowsOfATypedFeed(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", "id,d,n\n1,03.01.2026,1\n2,04.01.2026,x\n")
	src := h.source(t, "*.csv", source.Format{})
	id := h.feedWith(t, src, "typed", func(s *feed.Settings) {
		s.Columns.Columns = []shape.Column{
			{From: "n", Type: dataset.Integer}, {From: "d", Type: dataset.Date, Format: "DD.MM.YYYY"},
		}
	})
	first := h.mustLoad(t, load.Order{Feed: id})
	if left, _ := h.unresolved(t, first); left != 1 {
		t.Fatalf("%d rows are rejected: %+v", left, first)
	}
	h.makeString(t, "typed", 2)
	again := h.mustLoad(t, load.Order{Kind: load.Rejected, Of: first.ID})
	left, resolved := h.unresolved(t, first)
	if left != 0 || resolved != 1 || !strings.Contains(strings.Join(again.Notes, " "), "windlass feed update") {
		t.Errorf("%d left, %d resolved, %+v", left, resolved, again)
	}
	h.put(t, "b.csv", "id,d,n\n3,05.01.2026,y\n")
	h.mustLoad(t, load.Order{Feed: id})
	if diff := cmp.Diff([]string{"1", "x", "y"}, h.values(t, "typed", "n")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
}

// Records on one line can't be distinguished, so they are accepted if all of them
// were rejected.
func TestRejectedRecordsOfOneLine(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
		dataset.Column{Name: "n", Type: dataset.Integer})
	h.put(t, "a.json", `[{"id":1,"n":1},{"id":2,"n":"x"},{"id":3,"n":3}]`)
	src := h.source(t, "*.json", source.Format{})
	first := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	h.makeString(t, "d", 1)
	h.mustLoad(t, load.Order{Kind: load.Rejected, Of: first.ID})
	if got := h.count(t, "d"); got < 2 || got > 3 {
		t.Errorf("%d rows", got)
	}
	if left, resolved := h.unresolved(t, first); int64(resolved) != h.count(t, "d")-2 {
		t.Errorf("%d left, %d resolved, %d rows", left, resolved, h.count(t, "d"))
	}
}

func TestRejectedOfAnInvalidLoad(t *testing.T) {
	t.Parallel()
	h := withHistory(t)
	for name, tc := range map[string]struct {
		order load.Order
		want  problem.Code
	}{
		"no load":         {load.Order{Kind: load.Rejected}, problem.Invalid},
		"an unknown load": {load.Order{Kind: load.Rejected, Of: "load_x"}, problem.NotFound},
		"an unknown reason": {
			load.Order{Kind: load.Rejected, Of: h.first.ID, Reasons: []dataset.RejectCode{"x"}}, problem.Invalid,
		},
		"a dry run":    {load.Order{Kind: load.Rejected, Of: h.first.ID, DryRun: true}, problem.Invalid},
		"another kind": {load.Order{Feed: h.first.FeedID, Of: h.first.ID}, problem.Invalid},
	} {
		if _, err := h.loads.Start(t.Context(), owner, workspaceID, tc.order); !problem.Is(err, tc.want) {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
	}
}
