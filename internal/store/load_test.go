package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

var loadEpoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

func newLoad(id string) load.Load {
	return load.Load{
		ID: id, Workspace: "ws_1", SourceID: "src_1", Dataset: "d", Duplicates: engine.Ignore, MaxRejected: -1, MaxRejectedPercent: 100,
		By: "tok_1", State: load.Queued, CreatedAt: loadEpoch,
	}
}

// claim is a claim of a node that may run many loads of a workspace.
func claim(worker string, now, until time.Time) load.Claim {
	return load.Claim{Worker: worker, Now: now, Until: until, Crashes: 3, PerWorkspace: 100}
}

func queue(t *testing.T, s *store.Store, ids ...string) {
	t.Helper()
	if err := s.InsertWorkspace(t.Context(), workspace.Workspace{
		ID: "ws_1", Name: "acme",
		CreatedAt: loadEpoch,
	}); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		storetest.Load(t, s, newLoad(id))
	}
}

func TestLoadIsKeptWhole(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1")
		until := loadEpoch.Add(time.Minute)
		claimed, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, until))
		if err != nil || claimed.ID != "load_1" || claimed.Attempt != 1 {
			t.Fatalf("claimed %+v, %v", claimed, err)
		}
		claimed.State, claimed.DatasetID, claimed.StartedAt = load.Reading, "ds_1", loadEpoch
		claimed.Progress = load.Progress{
			Objects: 3, ObjectsDone: 1, Known: 2, Bytes: 10, BytesRead: 5, Rows: 7,
			Rejected: 1, Duplicates: 4,
		}
		claimed.Problems = []load.Problem{{Key: "k", Reason: "It is empty."}}
		claimed.Notes = []string{"a note"}
		claimed.Fault, claimed.Hint = "a fault", "a hint"
		if err := s.SaveLoad(t.Context(), nil, claimed, "w1", until); err != nil {
			t.Fatalf("saving: %v", err)
		}
		got, err := s.Load(t.Context(), "ws_1", "load_1")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(claimed, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if _, err := s.Load(t.Context(), "ws_2", "load_1"); !problem.Is(err, problem.NotFound) {
			t.Errorf("from another workspace: %v", err)
		}
	})
}

func TestLoadHasOneWorker(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1")
		enqueue(t, s, "ws_1", "load_2")
		until := loadEpoch.Add(time.Minute)
		first, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, until))
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.ClaimLoad(t.Context(), claim("w2", loadEpoch, until))
		if err != nil || second.ID == first.ID {
			t.Fatalf("the second worker has %s too, %v", second.ID, err)
		}
		if _, err := s.ClaimLoad(t.Context(), claim("w3", loadEpoch, until)); !problem.Is(err, problem.NotFound) {
			t.Errorf("a third claim: %v", err)
		}
		if err := s.SaveLoad(t.Context(), nil, first, "w2", until); !errors.Is(err, load.ErrOver) {
			t.Errorf("saving another's load: %v", err)
		}
		again, err := s.ClaimLoad(t.Context(), claim("w3", until, until.Add(time.Minute)))
		if err != nil || again.ID != first.ID || again.Attempt != 2 {
			t.Errorf("after the claim ended: %+v, %v", again, err)
		}
		if err := s.SaveLoad(t.Context(), nil, first, "w1", until); !errors.Is(err, load.ErrOver) {
			t.Errorf("saving a load whose claim another has: %v", err)
		}
		again.State, again.EndedAt = load.Loaded, until
		if err := s.SaveLoad(t.Context(), nil, again, "w3", until); err != nil {
			t.Fatal(err)
		}
		if err := s.ReleaseLoads(t.Context(), until, 3); err != nil {
			t.Fatal(err)
		}
		if left, err := s.ClaimLoad(t.Context(), claim("w4", loadEpoch, until)); err != nil || left.ID != second.ID {
			t.Errorf("after the release: %+v, %v", left, err)
		}
	})
}

func TestLoadIsCancelled(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1", "load_2")
		until := loadEpoch.Add(time.Minute)
		running, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, until))
		if err != nil {
			t.Fatal(err)
		}
		running.State = load.Reading
		if err := s.SaveLoad(t.Context(), nil, running, "w1", until); err != nil {
			t.Fatal(err)
		}
		queued, err := s.CancelLoad(t.Context(), "ws_1", "load_2", until)
		if err != nil || queued.State != load.Cancelled || !queued.EndedAt.Equal(until) {
			t.Errorf("one that waits: %+v, %v", queued, err)
		}
		for range 2 { // a second time changes nothing
			ended, err := s.CancelLoad(t.Context(), "ws_1", "load_1", until)
			if err != nil || ended.State != load.Cancelled || !ended.EndedAt.Equal(until) {
				t.Errorf("one that runs: %+v, %v", ended, err)
			}
		}
		if err := s.SaveLoad(t.Context(), nil, running, "w1", until); !errors.Is(err, load.ErrOver) {
			t.Errorf("its worker hears %v", err)
		}
		if _, err := s.CancelLoad(t.Context(), "ws_1", "load_9", until); !problem.Is(err, problem.NotFound) {
			t.Errorf("one that is not there: %v", err)
		}
	})
}

func TestLoadsAreListedNewestFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1", "load_2", "load_3")
		var got []string
		request := paging.Request{Limit: 2}
		for {
			found, err := s.ListLoads(t.Context(), "ws_1", load.Filter{}, request)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range found.Items {
				got = append(got, l.ID)
			}
			if request.Cursor = found.Next; request.Cursor == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{"load_3", "load_2", "load_1"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
