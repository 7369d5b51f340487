package load_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// set changes the settings of the feed of a load.
func (h *house) set(t *testing.T, of load.Load, change feed.Change) {
	t.Helper()
	found, err := h.store.Feed(t.Context(), workspaceID, of.FeedID)
	if err != nil {
		t.Fatal(err)
	}
	found.Apply(&change)
	found.Version++
	if err := h.store.SaveFeed(t.Context(), found); err != nil {
		t.Fatal(err)
	}
}

// ledger returns the states of a source's object versions, in the order of keys.
func (h *house) ledger(t *testing.T, src string) []string {
	t.Helper()
	entries, err := h.rows.Ledger(t.Context(), src, "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, e := range entries {
		states = append(states, e.Object.Key+" "+string(e.Outcome))
	}
	return states
}

func TestOverwrittenObjects(t *testing.T) {
	t.Parallel()
	appended, ignored := feed.Append, feed.IgnoreOverwritten
	for name, tc := range map[string]struct {
		declared bool
		setting  *feed.Overwritten
		values   []string
		ledger   []string
		removed  int64
	}{
		"by default": {
			false, nil, []string{"9", "1", "3"}, []string{"a.csv replaced", "a.csv loaded", "b.csv loaded"}, 2,
		},
		"by default, with a declared index": {
			true, nil, []string{"1", "2", "9", "3"}, []string{"a.csv loaded", "a.csv loaded", "b.csv loaded"}, 0,
		},
		"append": {
			false, &appended,
			[]string{"1", "2", "9", "1", "3"},
			[]string{"a.csv loaded", "a.csv loaded", "b.csv loaded"},
			0,
		},
		"ignore": {
			false, &ignored, []string{"1", "2", "9"}, []string{"a.csv loaded", "a.csv ignored", "b.csv loaded"}, 0,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, doors{})
			h.put(t, "a.csv", "id,n\n1,1\n2,2\n")
			src := h.source(t, "*.csv", source.Format{})
			if tc.declared {
				h.declare(t, "d", dataset.Column{Name: "id", Type: dataset.Integer},
					dataset.Column{Name: "n", Type: dataset.Integer})
			}
			order := load.Order{Source: src, Dataset: "d"}
			first := h.mustLoad(t, order)
			h.put(t, "b.csv", "id,n\n9,9\n")
			h.mustLoad(t, order)
			if tc.setting != nil {
				h.set(t, first, feed.Change{Overwritten: tc.setting})
			}
			h.put(t, "a.csv", "id,n\n1,7\n3,3\n")
			second := h.mustLoad(t, order)
			if diff := cmp.Diff(tc.values, h.values(t, "d", "id")); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.ledger, h.ledger(t, src)); diff != "" {
				t.Errorf("ledger (-want +got):\n%s", diff)
			}
			if got := second.Progress.RowsRemoved; got != tc.removed {
				t.Errorf("%d rows were removed, want %d", got, tc.removed)
			}
			third := h.mustLoad(t, order)
			if diff := cmp.Diff(load.Progress{Known: 2}, counts(third)); diff != "" {
				t.Errorf("once more (-want +got):\n%s", diff)
			}
		})
	}
}

// An overwritten object that can't be read leaves the rows of its older version.
func TestUnreadableVersionKeepsTheOlderRows(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.csv", "id,n\n1,1\n")
	h.put(t, "b.csv", "id,n\n2,2\n")
	src := h.source(t, "*.csv*", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	h.mustLoad(t, order)
	broken := pack(t, "id,n\n3,3\n")
	h.put(t, "a.csv", broken[:len(broken)-6])
	h.put(t, "c.csv", "id,n\n4,4\n")
	if l := h.mustLoad(t, order); len(l.Problems) != 1 {
		t.Errorf("the load has the problems %+v", l.Problems)
	}
	if diff := cmp.Diff([]string{"1", "2", "4"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	want := []string{"a.csv loaded", "a.csv failed", "b.csv loaded", "c.csv loaded"}
	if diff := cmp.Diff(want, h.ledger(t, src)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	h.put(t, "a.csv", "id,n\n5,5\n")
	h.mustLoad(t, order)
	if diff := cmp.Diff([]string{"2", "4", "5"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids after it was repaired (-want +got):\n%s", diff)
	}
}

func TestDeletedObjects(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	for i := range 25 {
		h.put(t, fmt.Sprintf("in/%02d.csv", i), fmt.Sprintf("id,n\n%d,1\n", i))
	}
	src := h.source(t, "in/*.csv", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	first := h.mustLoad(t, order)
	remove := func(from, to int) {
		for i := from; i < to; i++ {
			if err := h.bucket.Delete(t.Context(), fmt.Sprintf("in/%02d.csv", i)); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove(0, 5)
	if l := h.mustLoad(t, order); h.count(t, "d") != 25 || l.Progress.ObjectsRemoved != 0 {
		t.Errorf("by default %d rows are left", h.count(t, "d"))
	}
	drop := feed.RemoveRows
	h.set(t, first, feed.Change{Deleted: &drop})
	if l := h.mustLoad(t, order); h.count(t, "d") != 20 || l.Progress.ObjectsRemoved != 5 ||
		l.Progress.RowsRemoved != 5 {
		t.Errorf("%d rows are left: %+v", h.count(t, "d"), l.Progress)
	}
	remove(5, 20) // 15 of 20
	_, err := h.load(t, order)
	if refused, ok := errors.AsType[*problem.Error](err); !ok || refused.Reason != load.CodeTooManyDeleted ||
		h.count(t, "d") != 20 {
		t.Errorf("too many: %v, %d rows", err, h.count(t, "d"))
	}
	all := 100
	h.set(t, first, feed.Change{MaxDeletedPercent: &all})
	h.mustLoad(t, order)
	if n := h.count(t, "d"); n != 5 {
		t.Errorf("%d rows are left, want 5", n)
	}
	h.put(t, "in/00.csv", "id,n\n0,1\n") // as it was
	h.mustLoad(t, order)
	if n := h.count(t, "d"); n != 6 {
		t.Errorf("after one came back there are %d rows, want 6", n)
	}
}

// After ten attempts an object that fails is tried once a day.
func TestAttemptsOfAnObjectThatFails(t *testing.T) {
	t.Parallel()
	reads := 0
	h := build(t, doors{bucket: func(b object.Bucket) object.Bucket {
		return &hook{b, func(_ context.Context, key string, _ object.ReadOptions) error {
			if key == "bad.csv.gz" {
				reads++
			}
			return nil
		}}
	}})
	broken := pack(t, "id,n\n3,3\n")
	h.put(t, "bad.csv.gz", broken[:len(broken)-6])
	h.put(t, "good.csv", "id,n\n1,1\n")
	src := h.source(t, "*.csv*", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	h.mustLoad(t, order)
	for range 9 {
		if _, err := h.load(t, order); err == nil {
			t.Fatal("a load of what can't be read succeeded")
		}
	}
	entries, err := h.rows.Ledger(t.Context(), src, "", "", 10)
	if err != nil || entries[0].Outcome != engine.Failed || entries[0].Attempts != 10 || entries[0].Code != "damaged" {
		t.Errorf("the entry: %+v %v", entries, err)
	}
	before := reads
	l := h.mustLoad(t, order)
	if diff := cmp.Diff([]string{"1 object failed in 10 loads or more. It is tried again once a day."}, l.Notes); diff != "" ||
		reads != before {
		t.Errorf("it was read again (-want +got):\n%s", diff)
	}
}
