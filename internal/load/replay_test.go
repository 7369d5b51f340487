package load_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

// history is a dataset with three objects from two loads.
type history struct {
	*house
	source        string
	first, second load.Load
}

func withHistory(t *testing.T) *history {
	t.Helper()
	h := &history{house: build(t, doors{})}
	h.put(t, "in/a.csv", "id,n\n1,1\n2,2\n")
	h.put(t, "in/b.csv", "id,n\n3,3\n")
	h.source = h.house.source(t, "in/*.csv", source.Format{})
	order := load.Order{Source: h.source, Dataset: "d"}
	h.first = h.mustLoad(t, order)
	h.put(t, "in/c.csv", "id,n\n4,4\n")
	h.second = h.mustLoad(t, order)
	return h
}

// loadedBy returns the load of each object's rows.
func (h *history) loadedBy(t *testing.T) map[string]string {
	t.Helper()
	entries, err := h.rows.Ledger(t.Context(), h.source, "", "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{h.first.ID: "first", h.second.ID: "second"}
	by := map[string]string{}
	for _, e := range entries {
		if e.Outcome != engine.Loaded {
			t.Errorf("%s is %s", e.Object.Key, e.Outcome)
		}
		if by[e.Object.Key] = names[e.LoadID]; by[e.Object.Key] == "" {
			by[e.Object.Key] = "replay"
		}
	}
	return by
}

// A replay removes the rows of the selected objects, and loads them again.
func TestReplay(t *testing.T) {
	t.Parallel()
	long := time.Now().Add(-time.Hour)
	for name, tc := range map[string]struct {
		selection func(h *history) load.Selection
		objects   string // that are loaded again
		values    []string
	}{
		"keys": {
			func(*history) load.Selection { return load.Selection{Keys: []string{"in/b.csv", "in/x.csv"}} },
			"b",
			[]string{"1", "2", "4", "3"},
		},
		"prefix": {
			func(*history) load.Selection { return load.Selection{Prefix: "in/a"} }, "a", []string{"3", "4", "1", "2"},
		},
		"load": {
			func(h *history) load.Selection { return load.Selection{Load: h.first.ID} },
			"ab",
			[]string{"4", "1", "2", "3"},
		},
		"all": {
			func(*history) load.Selection { return load.Selection{All: true} }, "abc", []string{"1", "2", "3", "4"},
		},
		"modified": {
			func(*history) load.Selection { return load.Selection{Modified: &load.Range{From: long}} },
			"abc",
			[]string{"1", "2", "3", "4"},
		},
		"modified before": {
			func(*history) load.Selection { return load.Selection{Modified: &load.Range{To: long}} },
			"",
			[]string{"1", "2", "3", "4"},
		},
		"loaded": {
			func(*history) load.Selection { return load.Selection{Loaded: &load.Range{From: long}} },
			"abc",
			[]string{"1", "2", "3", "4"},
		},
		"loaded before": {
			func(*history) load.Selection { return load.Selection{Loaded: &load.Range{To: long}} },
			"",
			[]string{"1", "2", "3", "4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := withHistory(t)
			order := load.Order{Feed: h.first.FeedID, Kind: load.Replay, Select: tc.selection(h), DryRun: true}
			before := h.values(t, "d", "id")
			planned := h.mustLoad(t, order)
			if diff := cmp.Diff(before, h.values(t, "d", "id")); diff != "" {
				t.Errorf("the dry run changed rows (-want +got):\n%s", diff)
			}
			order.DryRun = false
			done := h.mustLoad(t, order)
			if diff := cmp.Diff(tc.values, h.values(t, "d", "id")); diff != "" {
				t.Errorf("ids (-want +got):\n%s", diff)
			}
			want := map[string]string{"in/a.csv": "first", "in/b.csv": "first", "in/c.csv": "second"}
			for _, name := range tc.objects {
				want["in/"+string(name)+".csv"] = "replay"
			}
			if diff := cmp.Diff(want, h.loadedBy(t)); diff != "" {
				t.Errorf("loads of the objects (-want +got):\n%s", diff)
			}
			for what, l := range map[string]load.Load{"planned": planned, "done": done} {
				if l.Progress.Objects != int64(len(tc.objects)) || l.Progress.RowsRemoved != done.Progress.Rows {
					t.Errorf("%s: %+v", what, l.Progress)
				}
			}
			if l := h.mustLoad(t, load.Order{Feed: h.first.FeedID}); l.Progress.Objects != 0 || l.Progress.Known != 3 {
				t.Errorf("the next load: %+v", l.Progress)
			}
		})
	}
}

// If selected objects are deleted or can't be read, their rows stay, and the
// load names them.
func TestReplayKeepsRowsOfWhatItCantRead(t *testing.T) {
	t.Parallel()
	h := withHistory(t)
	if err := h.bucket.Delete(t.Context(), "in/b.csv"); err != nil {
		t.Fatal(err)
	}
	broken := pack(t, "id,n\n9,9\n")
	h.put(t, "in/a.csv", broken[:len(broken)-6])
	all := load.Order{Feed: h.first.FeedID, Kind: load.Replay, Select: load.Selection{All: true}}
	l := h.mustLoad(t, all)
	if diff := cmp.Diff([]string{"1", "2", "3", "4"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	codes := map[string]string{}
	for _, p := range l.Problems {
		codes[p.Key] = p.Code
	}
	if diff := cmp.Diff(map[string]string{"in/a.csv": "damaged", "in/b.csv": load.CodeGone}, codes); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	h.put(t, "in/a.csv", "id,n\n9,9\n")
	h.mustLoad(t, all)
	if diff := cmp.Diff([]string{"3", "4", "9"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids after it was repaired (-want +got):\n%s", diff)
	}
	all.Select = load.Selection{Keys: []string{"in/b.csv"}}
	if _, err := h.load(t, all); problem.From(err).Reason != load.CodeGone || h.count(t, "d") != 3 {
		t.Errorf("only what is gone: %v", err)
	}
}

// With overwritten: append, the rows of an older version stay, and it isn't loaded
// again.
func TestReplayOfAnOverwrittenObject(t *testing.T) {
	t.Parallel()
	h := withHistory(t)
	appended := feed.Append
	h.set(t, h.first, feed.Change{Overwritten: &appended})
	h.put(t, "in/b.csv", "id,n\n5,5\n")
	h.mustLoad(t, load.Order{Feed: h.first.FeedID})
	l := h.mustLoad(t, load.Order{Kind: load.Replay, Select: load.Selection{Load: h.first.ID}})
	if diff := cmp.Diff([]string{"3", "4", "5", "1", "2"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	if len(l.Problems) != 1 || l.Problems[0].Key != "in/b.csv" || l.Outcome != "" && l.Outcome != load.Partial {
		t.Errorf("problems: %+v", l)
	}
	h.mustLoad(t, load.Order{
		Feed: h.first.FeedID, Kind: load.Replay, Select: load.Selection{Keys: []string{"in/b.csv"}},
	})
	if diff := cmp.Diff([]string{"3", "4", "1", "2", "5"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids after the newer version's replay (-want +got):\n%s", diff)
	}
}

// Whoever replays may load and delete rows.
func TestReplayNeedsDelete(t *testing.T) {
	t.Parallel()
	h := withHistory(t)
	loader := owner
	loader.Scopes = []access.Scope{{Action: access.ScopeLoad}}
	for name, tc := range map[string]struct {
		actor access.Actor
		order load.Order
		want  problem.Code
	}{
		"a token that loads": {
			loader,
			load.Order{Feed: h.first.FeedID, Kind: load.Replay, Select: load.Selection{All: true}},
			problem.Forbidden,
		},
		"no selection":      {owner, load.Order{Feed: h.first.FeedID, Kind: load.Replay}, problem.Invalid},
		"a selection alone": {owner, load.Order{Feed: h.first.FeedID, Select: load.Selection{All: true}}, problem.Invalid},
		"an unknown kind":   {owner, load.Order{Feed: h.first.FeedID, Kind: "change"}, problem.Invalid},
		"a backfill by loads": {
			owner, load.Order{Kind: load.Backfill, Select: load.Selection{Load: h.first.ID}}, problem.Invalid,
		},
		"two selections": {
			owner, load.Order{
				Feed: h.first.FeedID, Kind: load.Replay, Select: load.Selection{All: true, Prefix: "in/"},
			}, problem.Invalid,
		},
		"an unknown load": {
			owner, load.Order{Kind: load.Replay, Select: load.Selection{Load: "load_x"}}, problem.NotFound,
		},
	} {
		if _, err := h.loads.Start(t.Context(), tc.actor, workspaceID, tc.order); !problem.Is(err, tc.want) {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
	}
}

// A backfill loads the unknown objects of its selection alone.
func TestBackfill(t *testing.T) {
	t.Parallel()
	h := withHistory(t)
	for i := range 4 {
		h.put(t, fmt.Sprintf("in/old/%d.csv", i), fmt.Sprintf("id,n\n%d,1\n", 10+i))
	}
	src := h.house.source(t, "in/**/*.csv", source.Format{})
	first := h.mustLoad(t, load.Order{
		Source: src, Dataset: "e", Kind: load.Backfill, Select: load.Selection{Prefix: "in/a"},
	})
	if diff := cmp.Diff([]string{"1", "2"}, h.values(t, "e", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	h.put(t, "in/a.csv", "id,n\n7,7\n") // known, in another version
	l := h.mustLoad(t, load.Order{
		Feed: first.FeedID, Kind: load.Backfill, Select: load.Selection{Keys: []string{"in/a.csv", "in/old/2.csv"}},
	})
	if diff := cmp.Diff([]string{"1", "2", "12"}, h.values(t, "e", "id")); diff != "" || l.Progress.Known != 1 {
		t.Errorf("ids (-want +got):\n%s%+v", diff, l.Progress)
	}
}

// The members of an archive are replayed with it.
func TestReplayOfAnArchive(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	h.put(t, "a.zip", archive(t, "x.csv", "id,n\n1,1\n2,2\n", "y.csv", "id,n\n3,3\n"))
	src := h.source(t, "*.zip", source.Format{})
	first := h.mustLoad(t, load.Order{Source: src, Dataset: "d"})
	for _, selection := range []load.Selection{{Keys: []string{"a.zip"}}, {All: true}} {
		l := h.mustLoad(t, load.Order{Feed: first.FeedID, Kind: load.Replay, Select: selection})
		diff := cmp.Diff([]string{"1", "2", "3"}, h.values(t, "d", "id"))
		if diff != "" || l.Progress.RowsRemoved != 3 || len(l.Problems) != 0 {
			t.Errorf("ids (-want +got):\n%s%+v", diff, l)
		}
	}
}
