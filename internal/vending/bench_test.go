package vending_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/testkit/vendingtest"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// BenchmarkExchange exchanges tokens, each once, with cached keys of the
// issuer, and the sandbox for AssumeRole over loopback. With one client it
// prints the 99th percentile of an exchange's time; with four, also the
// number per second. Any refusal fails it. On two quiet cores the goals are
// 30 ms and 200 per second.
func BenchmarkExchange(b *testing.B) {
	for name, workers := range map[string]int{"one at a time": 1, "four at a time": 4} {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) { exchangeMany(b, workers) })
	}
}

func exchangeMany(b *testing.B, workers int) {
	p := presets()["GitHub Actions"]
	w := vendingtest.Start(b)
	made := w.MustProvider(b, p.provider)
	w.MustGrant(b, grant.Draft{Provider: made.ID, Conditions: []grant.Condition{p.condition}})
	tokens := make(chan string, b.N)
	for range b.N {
		tokens <- w.Issuer.Sign(b, p.claims(w.Now()))
	}
	close(tokens)
	took := make([][]time.Duration, workers)
	var wait sync.WaitGroup
	b.ResetTimer()
	for i := range workers {
		wait.Go(func() {
			for token := range tokens {
				start := time.Now()
				if _, err := w.Vending.Exchange(b.Context(),
					vending.Presented{Token: secret.New(token), RequestID: "req_bench"},
					vending.Request{}); err != nil {
					b.Errorf("refused: %v", err)
				}
				took[i] = append(took[i], time.Since(start))
			}
		})
	}
	wait.Wait()
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "exchanges/s")
}
