package server_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/enginetest/quotestest"
	"github.com/windlass-io/windlass/internal/engine/segment/segmenttest"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// apiRequests is the number of requests of each kind in BenchmarkAPI.
const apiRequests = 20_000

// BenchmarkAPI measures the time that the service adds to the engine's own: the
// token, the parameters, the summary for the audit log and the encoding, without
// the network. It compares a handler that encodes the same rows with
// encoding/json. Times are of the CPU, per request. BENCH_ROWS sets the number of
// rows, by default 500,000.
func BenchmarkAPI(b *testing.B) {
	if os.Getenv("BENCH_ROWS") == "" {
		b.Setenv("BENCH_ROWS", "500000")
	}
	w := quotestest.New(b)
	target, handler := openQuotes(b, w)
	rows := segmentQuotes(b, w)
	for _, q := range quotestest.Queries() {
		b.Run(q.Name, func(b *testing.B) {
			for b.Loop() {
				own := perRequest(w, func(key string) error { return drain(b, rows, w, key, q) })
				whole := perRequest(w, func(key string) error { return ask(handler, target, key, q) })
				memory := perRequest(w, func(key string) error { return askMemory(w, key, q) })
				b.ReportMetric(own.micros, "engine-us")
				b.ReportMetric(memory.micros, "memory-us")
				b.ReportMetric(whole.micros, "service-us")
				b.ReportMetric(whole.micros-own.micros, "overhead-us")
				b.ReportMetric(memory.micros/(whole.micros-own.micros), "x-json")
				b.ReportMetric(whole.objects, "objects")
			}
		})
	}
}

// cost is the cost of a request.
type cost struct{ micros, objects float64 }

// perRequest sends requests for random keys from 16 clients and returns the cost
// of one.
func perRequest(w *quotestest.Rows, request func(key string) error) cost {
	const each = apiRequests / quotestest.Clients
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	used := quotestest.CPUTime()
	var clients sync.WaitGroup
	for c := range quotestest.Clients {
		clients.Go(func() {
			r := rand.New(rand.NewPCG(uint64(c), 9))
			for range each {
				if err := request(w.Key(r.IntN(w.Keys))); err != nil {
					panic(err)
				}
			}
		})
	}
	clients.Wait()
	spent := quotestest.CPUTime() - used
	runtime.ReadMemStats(&after)
	return cost{
		float64(spent.Microseconds()) / apiRequests,
		float64(after.Mallocs-before.Mallocs) / apiRequests,
	}
}

// ask sends a request to the service's handler and discards the response.
func ask(handler http.Handler, t *quotestest.Target, key string, q quotestest.Query) error {
	address, err := url.Parse(t.Prefix + "/" + key + "?" + t.Values(q))
	if err != nil {
		return err
	}
	r := httptest.NewRequest(http.MethodGet, address.RequestURI(), http.NoBody)
	r.Header.Set("Authorization", "Bearer "+t.Token)
	return serve(handler, r)
}

// askMemory sends a request to the handler that has the rows in memory.
func askMemory(w *quotestest.Rows, key string, q quotestest.Query) error {
	return serve(w.MemoryHandler(), httptest.NewRequest(http.MethodGet, "/"+key+"?"+q.Values, http.NoBody))
}

func serve(handler http.Handler, r *http.Request) error {
	w := &dropped{header: http.Header{}}
	handler.ServeHTTP(w, r)
	if w.status != http.StatusOK || w.size == 0 {
		return fmt.Errorf("status %d, %d bytes", w.status, w.size)
	}
	return nil
}

// drain reads the rows of a request directly from the engine.
func drain(b *testing.B, rows engine.Engine, w *quotestest.Rows, key string, q quotestest.Query) error {
	view, err := rows.Open(b.Context(), "ds_1")
	if err != nil {
		return err
	}
	defer view.Close()
	selection := engine.Selection{
		DatasetID: "ds_1", Schema: w.Schema(), Key: &key, DateColumn: "date", Order: engine.Descending, Limit: 1000,
	}
	last, from, to := quotestest.Window(httptest.NewRequest(http.MethodGet, "/?"+q.Values, http.NoBody))
	if last > 0 {
		selection.Limit = last
	} else {
		first, after := quotestest.Time(from), quotestest.Time(to)
		selection.From, selection.To = &first, &after
	}
	found, err := view.Lookup(b.Context(), selection)
	if err != nil {
		return err
	}
	for {
		batch, err := found.Next()
		if err != nil || batch == nil {
			return errors.Join(err, found.Close())
		}
	}
}

// segmentQuotes opens an engine with the rows.
func segmentQuotes(b *testing.B, w *quotestest.Rows) engine.Engine {
	b.Helper()
	rows := segmenttest.Open(b, storetest.Open(b))
	l, err := rows.Begin(b.Context(), engine.LoadSpec{
		LoadID: "load_1", DatasetID: "ds_1", Schema: w.Schema(), Duplicates: engine.Ignore, Time: quotestest.Time(0),
	})
	if err != nil {
		b.Fatal(err)
	}
	for d := range quotestest.Days {
		if err := l.Append(b.Context(), w.Batch(d)); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := l.Commit(b.Context(), nil); err != nil {
		b.Fatal(err)
	}
	return rows
}

// dropped counts a response and discards it.
type dropped struct {
	header http.Header
	status int
	size   int
}

func (d *dropped) Header() http.Header { return d.header }

func (d *dropped) WriteHeader(status int) { d.status = status }

func (d *dropped) Write(p []byte) (int, error) {
	if d.status == 0 {
		d.status = http.StatusOK
	}
	d.size += len(p)
	return len(p), nil
}
