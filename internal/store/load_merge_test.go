package store_test

import (
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestEqualLoadsAreMerged queues loads while another one waits to begin.
func TestEqualLoadsAreMerged(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*load.Load)
		merged bool
	}{
		"the same":        {func(l *load.Load) { l.By = "tok_2" }, true},
		"another feed":    {func(l *load.Load) { l.FeedID = "feed_2" }, false},
		"a dry run":       {func(l *load.Load) { l.DryRun = true }, false},
		"another kind":    {func(l *load.Load) { l.Kind = load.Events }, false},
		"another limit":   {func(l *load.Load) { l.MaxRejected = 7 }, false},
		"other objects":   {func(l *load.Load) { l.Kind, l.Select.Prefix = load.Backfill, "b/" }, false},
		"without a feed":  {func(l *load.Load) { l.FeedID = "" }, false},
		"other treatment": {func(l *load.Load) { l.Duplicates = "replace" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				addWorkspace(t, s, "ws_1")
				add := func(id string, change func(*load.Load)) load.Load {
					made := newLoad(id)
					made.FeedID = "feed_1"
					change(&made)
					queued, err := s.QueueLoad(t.Context(), made)
					if err != nil {
						t.Fatal(err)
					}
					return queued
				}
				same := func(*load.Load) {}
				add("load_1", same)
				if got := add("load_2", c.change); (got.ID == "load_1") != c.merged {
					t.Errorf("the second load is %s", got.ID)
				}
				if !c.merged {
					return
				}
				claimed, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, loadEpoch.Add(time.Minute)))
				if err != nil || claimed.ID != "load_1" {
					t.Fatal(claimed, err)
				}
				if got := add("load_3", c.change); got.ID != "load_3" {
					t.Errorf("a load joins one that runs: %s", got.ID)
				}
			})
		})
	}
}
