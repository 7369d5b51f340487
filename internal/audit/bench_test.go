package audit_test

import (
	"crypto/sha256"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// BenchmarkRead measures how long a read takes with 16 clients: unrecorded,
// recorded before it begins (Check), recorded while it runs (ahead), and
// summarised. The read simulates a lookup with about 60 µs on one core.
func BenchmarkRead(b *testing.B) {
	checker := access.NewChecker(audit.NewRecorder(storetest.Open(b)), time.Now)
	resource := access.Resource{Workspace: "ws_1", Kind: "dataset", ID: "ds_1"}
	page := make([]byte, 100<<10)
	lookup := func() { sha256.Sum256(page) }
	b.Run("unrecorded", func(b *testing.B) {
		clients(b, func() error { lookup(); return nil })
	})
	b.Run("check alone", func(b *testing.B) {
		clients(b, func() error { return checker.Check(b.Context(), reader, access.DataRead, resource) })
	})
	b.Run("check", func(b *testing.B) {
		clients(b, func() error {
			defer lookup()
			return checker.Check(b.Context(), reader, access.DataRead, resource)
		})
	})
	b.Run("ahead", func(b *testing.B) {
		clients(b, func() error {
			read, err := checker.Read(b.Context(), reader, access.DataRead, resource)
			if err != nil {
				return err
			}
			lookup()
			return read.Wait()
		})
	})
	b.Run("summary", func(b *testing.B) {
		s := storetest.Open(b)
		reads := audit.NewReads(audit.ReadsConfig{
			Store: s, Recorder: audit.NewRecorder(s), Logger: slog.New(slog.DiscardHandler), Now: time.Now,
		})
		reads.Start(b.Context())
		defer func() { _ = reads.Stop(b.Context()) }()
		checker := access.NewChecker(audit.NewRecorder(s), time.Now)
		checker.CountReads(reads)
		clients(b, func() error {
			read, err := checker.Read(b.Context(), reader, access.DataRead, resource)
			if err != nil {
				return err
			}
			lookup()
			read.Done(1, 100)
			return read.Wait()
		})
	})
}

// clients has 16 clients call b.N times each, and reports their waiting times.
func clients(b *testing.B, call func() error) {
	var mu sync.Mutex
	var all []time.Duration
	var group sync.WaitGroup
	b.ResetTimer()
	for range 16 {
		group.Go(func() {
			var own []time.Duration
			for range b.N {
				start := time.Now()
				if err := call(); err != nil {
					b.Error(err)
				}
				own = append(own, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, own...)
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "reads/s")
}
