package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// expectClaims claims loads until none is left to claim, and returns them.
func expectClaims(t *testing.T, s *store.Store, want ...string) (claimed []load.Load) {
	t.Helper()
	for _, id := range want {
		l, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, loadEpoch.Add(time.Minute)))
		if err != nil || l.ID != id {
			t.Fatalf("got %s, %v, want %s", l.ID, err, id)
		}
		claimed = append(claimed, l)
	}
	if l, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, loadEpoch.Add(time.Minute))); !problem.Is(err,
		problem.NotFound) {
		t.Fatalf("got %s, %v, want nothing", l.ID, err)
	}
	return claimed
}

func endLoad(t *testing.T, s *store.Store, l load.Load) {
	t.Helper()
	l.State, l.EndedAt = load.Loaded, loadEpoch
	if err := s.SaveLoad(t.Context(), nil, l, "w1", loadEpoch); err != nil {
		t.Fatal(err)
	}
}

func queueFor(t *testing.T, s *store.Store, dataset, id string, change func(*load.Load)) {
	t.Helper()
	made := newLoad(id)
	made.Dataset = dataset
	if change != nil {
		change(&made)
	}
	storetest.Load(t, s, made)
}

// The loads of a dataset run one at a time, and those of other datasets meanwhile.
func TestLoadsOfADatasetRunOneAtATime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		for id, dataset := range map[string]string{"load_1": "a", "load_2": "a", "load_3": "b", "load_4": "a"} {
			queueFor(t, s, dataset, id, nil)
		}
		running := expectClaims(t, s, "load_1", "load_3")
		endLoad(t, s, running[0])
		endLoad(t, s, expectClaims(t, s, "load_2")[0])
		endLoad(t, s, running[1])
		expectClaims(t, s, "load_4")
	})
}

// The same name in another workspace is another dataset.
func TestLoadsOfDatasetsOfTheSameNameRunAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		addWorkspace(t, s, "ws_2")
		queueFor(t, s, "a", "load_1", nil)
		queueFor(t, s, "a", "load_2", func(l *load.Load) { l.Workspace = "ws_2" })
		expectClaims(t, s, "load_1", "load_2")
	})
}

// A dry run neither waits nor makes others wait, and an upload doesn't make others wait.
func TestDryRunsAndUploadsDontBlockLoads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		upload := newLoad("load_0")
		upload.Dataset, upload.SourceID, upload.State = "a", load.UploadSource, load.Reading
		if err := s.InsertRunningLoad(t.Context(), upload, "upload/0", loadEpoch.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		dry := func(l *load.Load) { l.DryRun = true }
		queueFor(t, s, "a", "load_1", dry)
		queueFor(t, s, "a", "load_2", nil)
		queueFor(t, s, "a", "load_3", nil)
		queueFor(t, s, "a", "load_4", dry)
		running := expectClaims(t, s, "load_1", "load_2", "load_4")
		endLoad(t, s, running[1])
		expectClaims(t, s, "load_3")
	})
}

// A running backfill doesn't make loads of new objects wait, but waits itself.
func TestBackfillsDontBlockLoads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		old := func(l *load.Load) { l.Kind = load.Backfill }
		queueFor(t, s, "a", "load_1", old)
		queueFor(t, s, "a", "load_2", old)
		first := expectClaims(t, s, "load_1")
		queueFor(t, s, "a", "load_3", nil)
		live := expectClaims(t, s, "load_3")
		endLoad(t, s, first[0])
		expectClaims(t, s)
		endLoad(t, s, live[0])
		expectClaims(t, s, "load_2")
	})
}

// A load whose worker crashed is tried again before the next one of its dataset.
func TestCrashedLoadKeepsItsPlace(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1", "load_2")
		expectClaims(t, s, "load_1")
		later := loadEpoch.Add(time.Hour)
		l, err := s.ClaimLoad(t.Context(), claim("w2", later, later.Add(time.Minute)))
		if err != nil || l.ID != "load_1" || l.Attempt != 2 {
			t.Errorf("got %+v, %v", l, err)
		}
	})
}

// Workers that claim at the same moment never get two loads of a dataset.
func TestClaimsAtOnceAreOfDifferentDatasets(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s)
		for n := range 30 {
			queueFor(t, s, fmt.Sprintf("d%d", n%3), fmt.Sprintf("load_%02d", n), nil)
		}
		var mu sync.Mutex
		claimed := map[string]int{}
		var group sync.WaitGroup
		for worker := range 12 {
			group.Go(func() {
				l, err := s.ClaimLoad(t.Context(), claim(fmt.Sprint("w", worker), loadEpoch, loadEpoch.Add(time.Minute)))
				if err != nil {
					if !problem.Is(err, problem.NotFound) {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				defer mu.Unlock()
				claimed[l.Dataset]++
			})
		}
		group.Wait()
		for dataset, n := range claimed {
			if n > 1 {
				t.Errorf("%d loads of %s run", n, dataset)
			}
		}
		if len(claimed) == 0 {
			t.Error("no load was claimed")
		}
	})
}
