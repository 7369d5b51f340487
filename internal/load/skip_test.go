package load_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/source"
)

func (h *house) feeds() *feed.Service {
	checker := access.NewChecker(audit.NewRecorder(h.store), time.Now)
	return feed.NewService(feed.Config{Checker: checker, Store: h.store, Sources: h.sources, Now: time.Now})
}

// No load tries a skipped object again, but one in a newer version is loaded.
func TestSkippedObjects(t *testing.T) {
	t.Parallel()
	h := build(t, doors{})
	broken := pack(t, "id,n\n3,3\n")
	h.put(t, "a.csv", "id,n\n1,1\n")
	h.put(t, "b.csv", broken[:len(broken)-6])
	src := h.source(t, "*.csv", source.Format{})
	order := load.Order{Source: src, Dataset: "d"}
	first := h.mustLoad(t, order)
	skip := func(keys ...string) ([]engine.LedgerEntry, error) {
		return h.feeds().Skip(t.Context(), owner, workspaceID, first.FeedID, keys)
	}
	for code, keys := range map[problem.Code][]string{
		problem.Conflict: {"a.csv", "b.csv"}, problem.NotFound: {"b.csv", "c.csv"}, problem.Invalid: {"b.csv", ""},
	} {
		if _, err := skip(keys...); !problem.Is(err, code) {
			t.Errorf("skipping %q: %v, want code %s", keys, err, code)
		}
	}
	viewer := owner
	viewer.Role = access.Viewer
	_, err := h.feeds().Skip(t.Context(), viewer, workspaceID, first.FeedID, []string{"b.csv"})
	if !problem.Is(err, problem.Forbidden) {
		t.Errorf("a viewer: %v", err)
	}
	if diff := cmp.Diff([]string{"a.csv loaded", "b.csv failed"}, h.ledger(t, src)); diff != "" {
		t.Fatalf("after what was refused (-want +got):\n%s", diff)
	}
	for range 2 {
		ignored, err := skip("b.csv", "b.csv")
		if err != nil || len(ignored) != 1 || ignored[0].Outcome != engine.Ignored || ignored[0].Attempts != 0 {
			t.Errorf("skipped: %+v %v", ignored, err)
		}
	}
	if diff := cmp.Diff(load.Progress{Known: 2}, counts(h.mustLoad(t, order))); diff != "" {
		t.Errorf("the next load (-want +got):\n%s", diff)
	}
	h.put(t, "b.csv", "id,n\n2,2\n")
	h.mustLoad(t, order)
	if diff := cmp.Diff([]string{"1", "2"}, h.values(t, "d", "id")); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}
