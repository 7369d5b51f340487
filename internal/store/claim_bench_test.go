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

// BenchmarkClaims has three nodes with four workers each run 400 loads of ten
// workspaces that are only claimed, saved twice and ended.
func BenchmarkClaims(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		nodes := threeNodes(b)
		fill(b, nodes[0], 10, 40)
		b.StartTimer()
		var workers sync.WaitGroup
		for n, s := range nodes {
			for range 4 {
				workers.Go(func() { drain(b, s, fmt.Sprintf("node_%d", n)) })
			}
		}
		workers.Wait()
		b.StopTimer()
		var serialization, deadlock int64
		for _, s := range nodes {
			serialization += s.Retries(store.Serialization)
			deadlock += s.Retries(store.Deadlock)
		}
		b.ReportMetric(float64(serialization), "serialization-failures/op")
		b.ReportMetric(float64(deadlock), "deadlocks/op")
		b.StartTimer()
	}
}

// BenchmarkClaimFromFullQueue claims one of 10,000 loads that wait.
func BenchmarkClaimFromFullQueue(b *testing.B) {
	s := threeNodes(b)[0]
	fill(b, s, 10, 1000)
	if _, err := s.DB().ExecContext(b.Context(), "ANALYZE load"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		now := time.Now()
		if _, err := s.ClaimLoad(b.Context(), load.Claim{
			Worker: "node_1", Now: now, Until: now.Add(time.Hour), Crashes: 3, PerWorkspace: 10_000,
		}); err != nil {
			b.Fatal(err)
		}
	}
}

// threeNodes opens one state in PostgreSQL three times.
func threeNodes(b *testing.B) (nodes [3]*store.Store) {
	b.Helper()
	address := storetest.Address(b)()
	for i := range nodes {
		s, err := store.Open(b.Context(), store.Config{DSN: address})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		nodes[i] = s
	}
	return nodes
}

// fill queues loads of workspaces.
func fill(b *testing.B, s *store.Store, workspaces, each int) {
	b.Helper()
	for w := range workspaces {
		name := fmt.Sprintf("ws_%03d", w)
		addWorkspace(b, s, name)
		for l := range each {
			enqueue(b, s, name, fmt.Sprintf("load_%03d_%04d", w, l))
		}
	}
}

// drain runs all waiting loads.
func drain(b *testing.B, s *store.Store, node string) {
	for {
		now := time.Now()
		l, err := s.ClaimLoad(b.Context(), load.Claim{
			Worker: node, Now: now, Until: now.Add(time.Minute), Crashes: 3, PerWorkspace: 4,
		})
		if problem.Is(err, problem.NotFound) {
			return
		}
		if err != nil {
			b.Error(err)
			continue
		}
		for _, state := range []load.State{load.Reading, load.Committing, load.Loaded} {
			l.State = state
			if state == load.Loaded {
				l.EndedAt = time.Now()
			}
			for s.SaveLoad(b.Context(), nil, l, node, now.Add(time.Minute)) != nil {
			}
		}
	}
}
