package server_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/engine/enginetest/quotestest"
)

// BenchmarkGrowth compares what a read of the last row takes with few and with many
// datasets, and with few and with many rows. The ratio is of the CPU per request;
// the network isn't part of it. BENCH_ROWS sets the number of rows, by default
// 5,000,000.
func BenchmarkGrowth(b *testing.B) {
	many := quotestest.New(b)
	b.Setenv("BENCH_ROWS", "50000")
	few := quotestest.New(b)
	small, smallHandler := openQuotes(b, few)
	last := quotestest.Queries()[0]
	b.Run("rows", func(b *testing.B) {
		large, largeHandler := openQuotes(b, many)
		for b.Loop() {
			reportGrowth(b,
				func() cost {
					return perRequest(few, func(key string) error { return ask(smallHandler, small, key, last) })
				},
				func() cost {
					return perRequest(many, func(key string) error { return ask(largeHandler, large, key, last) })
				})
		}
	})
	b.Run("datasets", func(b *testing.B) {
		const datasets = 1000
		prefix := strings.TrimSuffix(small.Prefix, "quotes")
		for i := range datasets {
			send(b, small.Token, fmt.Sprint(prefix, "d", i), "text/csv", strings.NewReader(quotesOfKeys))
		}
		read := func(datasets int) cost {
			return perRequest(few, func(string) error {
				t := *small
				t.Prefix = fmt.Sprint(prefix, "d", rand.IntN(datasets))
				return ask(smallHandler, &t, "SYM00001", last)
			})
		}
		for b.Loop() {
			reportGrowth(b, func() cost { return read(10) }, func() cost { return read(datasets) })
		}
	})
}

// quotesOfKeys is a small dataset.
const quotesOfKeys = "symbol,date,close\nSYM00001,2026-01-02,1.25\nSYM00001,2026-01-03,1.5\nSYM00002,2026-01-02,7\n"

// reportGrowth measures two costs in turn and reports the ratio of their medians.
func reportGrowth(b *testing.B, few, many func() cost) {
	b.Helper()
	few() // warm
	many()
	var before, after []float64
	for range 5 {
		before, after = append(before, few().micros), append(after, many().micros)
	}
	slices.Sort(before)
	slices.Sort(after)
	b.ReportMetric(before[2], "few-us")
	b.ReportMetric(after[2], "many-us")
	b.ReportMetric(after[2]/before[2], "ratio")
}

// BenchmarkReadWhileLoading compares the 99th percentile of reads of the last row, by
// 16 clients over HTTP, while nothing else happens and while a load runs: 1,000,000
// rows of CSV are uploaded into another dataset. The clients and the upload share the
// CPUs with the service. BENCH_ROWS sets the number of rows that are read, by
// default 5,000,000.
func BenchmarkReadWhileLoading(b *testing.B) {
	w := quotestest.New(b)
	b.Setenv("BENCH_ROWS", "1000000")
	loaded := quotestest.New(b)
	t := serveQuotes(b, w)
	var text strings.Builder
	if err := writeQuotes(&text, loaded); err != nil {
		b.Fatal(err)
	}
	into := strings.TrimSuffix(t.Prefix, "quotes")
	for b.Loop() {
		var idle, busy []float64
		for i := range 3 {
			ended := make(chan struct{})
			time.AfterFunc(3*time.Second, func() { close(ended) })
			idle = append(idle, percentile(b, w, t, ended))
			ended = make(chan struct{})
			go func() {
				defer close(ended)
				send(b, t.Token, fmt.Sprint(into, "loaded_", b.N, "_", i), "text/csv", strings.NewReader(text.String()))
			}()
			busy = append(busy, percentile(b, w, t, ended))
			time.Sleep(5 * time.Second) // compaction
		}
		slices.Sort(idle)
		slices.Sort(busy)
		b.ReportMetric(idle[1], "idle-p99-ms")
		b.ReportMetric(busy[1], "loading-p99-ms")
		b.ReportMetric(busy[1]/idle[1], "ratio")
	}
}

// percentile reads last rows until ended is closed, and returns the 99th percentile of
// the times, in milliseconds.
func percentile(b *testing.B, w *quotestest.Rows, t *quotestest.Target, ended <-chan struct{}) float64 {
	b.Helper()
	var all []float64
	var mu sync.Mutex
	var clients sync.WaitGroup
	for c := range quotestest.Clients {
		clients.Go(func() {
			var took []float64
			r := rand.New(rand.NewPCG(uint64(c), 9))
			transport := &http.Transport{DisableCompression: true}
			defer transport.CloseIdleConnections()
			for {
				select {
				case <-ended:
					mu.Lock()
					all = append(all, took...)
					mu.Unlock()
					return
				default:
				}
				began := time.Now()
				if err := readLast(transport, t, w.Key(r.IntN(w.Keys))); err != nil {
					b.Error(err)
					return
				}
				took = append(took, float64(time.Since(began).Microseconds())/1000)
			}
		})
	}
	clients.Wait()
	if len(all) == 0 {
		b.Fatal("no reads")
	}
	slices.Sort(all)
	return all[len(all)*99/100]
}

func readLast(transport http.RoundTripper, t *quotestest.Target, key string) error {
	request := httptest.NewRequest(http.MethodGet, t.Prefix+"/"+key+"?last=1", http.NoBody)
	request.RequestURI = ""
	request.Header.Set("Authorization", "Bearer "+t.Token)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("status %s", response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
