package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/workspace"
)

func addWorkspace(t testing.TB, s *store.Store, id string) {
	t.Helper()
	if err := s.InsertWorkspace(t.Context(), workspace.Workspace{ID: id, Name: id, CreatedAt: loadEpoch}); err != nil {
		t.Fatal(err)
	}
}

// enqueue queues a load of a dataset of its own.
func enqueue(t testing.TB, s *store.Store, workspaceID, id string) {
	t.Helper()
	made := newLoad(id)
	made.Workspace, made.Dataset = workspaceID, "d_"+id
	storetest.Load(t, s, made)
}

// A load whose worker crashes each time is parked, whoever claims it.
func TestAttackPoisonLoadIsParked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1", "load_2")
		now := loadEpoch
		for crash := range 3 {
			claimed, err := s.ClaimLoad(t.Context(), claim("w1", now, now.Add(time.Minute)))
			if err != nil || claimed.ID != "load_1" || claimed.Crashes != crash {
				t.Fatalf("after %d crashes: %+v, %v", crash, claimed, err)
			}
			now = now.Add(time.Hour) // and the worker doesn't report any more
		}
		next, err := s.ClaimLoad(t.Context(), claim("w1", now, now.Add(time.Minute)))
		if err != nil || next.ID != "load_2" {
			t.Errorf("the next load: %+v, %v", next, err)
		}
		parked, err := s.Load(t.Context(), "ws_1", "load_1")
		if err != nil {
			t.Fatal(err)
		}
		if parked.State != load.Failed || parked.Crashes != 3 || !parked.EndedAt.Equal(now) ||
			!strings.Contains(parked.Fault, "parked") || !strings.Contains(parked.Fault, "3 attempts") ||
			parked.Hint == "" {
			t.Errorf("%+v", parked)
		}
	})
}

// The same for a store of one process: its start finds the claims of the
// process that crashed.
func TestAttackPoisonLoadIsParkedAtTheStart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1", "load_2")
		for range 3 {
			if _, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, loadEpoch.Add(time.Minute))); err != nil {
				t.Fatal(err)
			}
			if err := s.ReleaseLoads(t.Context(), loadEpoch, 3); err != nil {
				t.Fatal(err)
			}
		}
		for id, want := range map[string]load.State{"load_1": load.Failed, "load_2": load.Queued} {
			if l, err := s.Load(t.Context(), "ws_1", id); err != nil || l.State != want {
				t.Errorf("%s: %+v, %v", id, l, err)
			}
		}
	})
}

// Only crashes in a row count, and one that waits for a retry isn't one.
func TestRetryIsNoCrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1")
		now := loadEpoch
		for range 5 {
			claimed, err := s.ClaimLoad(t.Context(), claim("w1", now, now.Add(time.Minute)))
			if err != nil || claimed.Crashes != 0 {
				t.Fatalf("%+v, %v", claimed, err)
			}
			claimed.State = load.Queued
			if err := s.SaveLoad(t.Context(), nil, claimed, "w1", now.Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.ClaimLoad(t.Context(), claim("w1", now, now.Add(time.Minute))); !problem.Is(err,
				problem.NotFound) {
				t.Errorf("it is claimed while it waits: %v", err)
			}
			now = now.Add(time.Second)
		}
	})
}

// A workspace with 1,000 queued loads leaves the others their turns, even if a
// single worker serves all.
func TestAttackQueueFloodStarvesNobody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, w := range []string{"ws_a", "ws_b", "ws_c"} {
			addWorkspace(t, s, w)
		}
		for n := range 1000 {
			enqueue(t, s, "ws_a", fmt.Sprintf("load_a%04d", n))
		}
		for n := range 3 {
			enqueue(t, s, "ws_b", fmt.Sprintf("load_b%d", n))
			enqueue(t, s, "ws_c", fmt.Sprintf("load_c%d", n))
		}
		var order []string
		for range 10 {
			claimed, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, loadEpoch.Add(time.Minute)))
			if err != nil {
				t.Fatal(err)
			}
			order = append(order, strings.TrimPrefix(claimed.ID, "load_"))
			claimed.State, claimed.EndedAt = load.Loaded, loadEpoch
			if err := s.SaveLoad(t.Context(), nil, claimed, "w1", loadEpoch); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"a0000", "b0", "c0", "a0001", "b1", "c1", "a0002", "b2", "c2", "a0003"}
		if !slices.Equal(order, want) {
			t.Errorf("got %q, want %q", order, want)
		}
	})
}

// For any sequence of queued, claimed and ended loads: a claimed load's
// workspace has the fewest running loads of those that wait, no node exceeds
// its share of a workspace, a workspace's loads run in order, and no workspace
// waits for longer than one turn of each of the others.
func TestClaimsAreFair(t *testing.T) {
	t.Parallel()
	const share = 2
	rapid.Check(t, func(r *rapid.T) {
		s := storetest.Open(t)
		defer s.Close() //nolint:errcheck // it is deleted with the test
		names := []string{"ws_a", "ws_b", "ws_c"}
		for _, w := range names {
			addWorkspace(t, s, w)
		}
		m := fairModel{waiting: map[string][]string{}, running: map[string][]load.Load{}, passed: map[string]int{}}
		r.Repeat(map[string]func(*rapid.T){
			"queue": func(r *rapid.T) {
				w := rapid.SampledFrom(names).Draw(r, "workspace")
				m.count++
				id := fmt.Sprintf("load_%04d", m.count)
				enqueue(t, s, w, id)
				m.waiting[w] = append(m.waiting[w], id)
			},
			"claim": func(r *rapid.T) {
				request := claim(rapid.SampledFrom([]string{"w1", "w2"}).Draw(r, "node"), loadEpoch,
					loadEpoch.Add(time.Minute))
				request.PerWorkspace = share
				claimed, err := s.ClaimLoad(t.Context(), request)
				m.claimed(r, request.Worker, share, claimed, err)
			},
			"end": func(r *rapid.T) {
				w := rapid.SampledFrom(names).Draw(r, "workspace")
				if len(m.running[w]) == 0 {
					r.Skip("nothing runs")
				}
				ended := m.running[w][0]
				m.running[w] = m.running[w][1:]
				ended.State, ended.EndedAt = load.Loaded, loadEpoch
				if err := s.SaveLoad(t.Context(), nil, ended, ended.Notes[0], loadEpoch); err != nil {
					r.Fatal(err)
				}
			},
		})
	})
}

// fairModel is the expected content of the queue. A running load's note is
// its node.
type fairModel struct {
	count   int
	waiting map[string][]string
	running map[string][]load.Load
	passed  map[string]int // turns of others while it could have had one
}

// eligible returns the waiting workspaces of which the node may run one more.
func (m *fairModel) eligible(node string, share int) map[string]bool {
	found := map[string]bool{}
	for w, ids := range m.waiting {
		here := 0
		for _, l := range m.running[w] {
			if l.Notes[0] == node {
				here++
			}
		}
		if len(ids) > 0 && here < share {
			found[w] = true
		}
	}
	return found
}

func (m *fairModel) claimed(r *rapid.T, node string, share int, got load.Load, err error) {
	eligible := m.eligible(node, share)
	if len(eligible) == 0 {
		if !problem.Is(err, problem.NotFound) {
			r.Fatalf("got %+v, %v, want nothing", got, err)
		}
		return
	}
	if err != nil || !eligible[got.Workspace] || m.waiting[got.Workspace][0] != got.ID {
		r.Fatalf("got %s of %s, %v; waiting: %v", got.ID, got.Workspace, err, m.waiting)
	}
	for w := range eligible {
		mine, others := len(m.running[got.Workspace]), len(m.running[w])
		if others < mine {
			r.Fatalf("%s with %d running loads went before %s with %d", got.Workspace, mine, w, others)
		}
		if w != got.Workspace && others == mine {
			if m.passed[w]++; m.passed[w] > 2 {
				r.Fatalf("%s was passed over %d times", w, m.passed[w])
			}
		}
	}
	m.passed[got.Workspace] = 0
	m.waiting[got.Workspace] = m.waiting[got.Workspace][1:]
	got.Notes = []string{node}
	m.running[got.Workspace] = append(m.running[got.Workspace], got)
}

func TestQueuedLoadsAreCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		queue(t, s, "load_1", "load_2", "load_3")
		if _, err := s.ClaimLoad(t.Context(), claim("w1", loadEpoch, loadEpoch.Add(time.Minute))); err != nil {
			t.Fatal(err)
		}
		for most, want := range map[int]int{1: 1, 2: 2, 10: 2} {
			if n, err := s.CountQueued(t.Context(), "ws_1", most); err != nil || n != want {
				t.Errorf("up to %d: got %d, %v, want %d", most, n, err, want)
			}
		}
		if n, err := s.CountQueued(t.Context(), "ws_2", 10); err != nil || n != 0 {
			t.Errorf("of another workspace: %d, %v", n, err)
		}
	})
}

// Workers that claim at the same moment get different loads, and no errors.
func TestClaimsAtOnceAreOfDifferentLoads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const workers, each = 8, 5
		addWorkspace(t, s, "ws_a")
		addWorkspace(t, s, "ws_b")
		for n := range workers * each {
			enqueue(t, s, []string{"ws_a", "ws_b"}[n%2], fmt.Sprintf("load_%04d", n))
		}
		claimed := make(chan string, workers*each)
		var group sync.WaitGroup
		for worker := range workers {
			group.Go(func() {
				for range each {
					l, err := s.ClaimLoad(t.Context(),
						claim(fmt.Sprint("w", worker), loadEpoch, loadEpoch.Add(time.Minute)))
					if err != nil {
						t.Error(err)
						return
					}
					claimed <- l.ID
				}
			})
		}
		group.Wait()
		close(claimed)
		seen := map[string]bool{}
		for id := range claimed {
			if seen[id] {
				t.Errorf("%s was claimed twice", id)
			}
			seen[id] = true
		}
		if len(seen) != workers*each {
			t.Errorf("%d loads were claimed, want %d", len(seen), workers*each)
		}
	})
}
