// Package quotestest has the shared parts of read benchmarks: rows of keys and
// days, clients, and a handler that returns the rows from memory.
package quotestest

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Clients is the number of concurrent clients.
const Clients = 16

// Days is the number of rows per key.
const Days = 1000

// FirstDay is the day of the first row of each key, in days since 1970.
const FirstDay = 18_000

// Queries are the requests that are compared.
func Queries() []Query {
	return []Query{{"last row", "last=1"}, {"range of 250", "range=250"}, {"last 500", "last=500"}}
}

// Query is a request for rows of one key.
type Query struct{ Name, Values string }

// Window returns the days of a request: the last ones, or 250 from the middle.
func Window(r *http.Request) (last, from, to int) {
	if text := r.URL.Query().Get("last"); text != "" {
		last, _ = strconv.Atoi(text)
		return last, 0, 0
	}
	return 0, Days / 3, Days/3 + 250
}

// Time returns the beginning of the n-th day.
func Time(n int) time.Time { return time.Unix((FirstDay+int64(n))*86400, 0).UTC() }

// Rows is rows of keys and days.
type Rows struct {
	Keys  int
	rows  map[string][]quote
	dates []string
}

type quote struct {
	Close  float64 `json:"close"`
	Date   string  `json:"date"`
	High   float64 `json:"high"`
	Low    float64 `json:"low"`
	Open   float64 `json:"open"`
	Symbol string  `json:"symbol"`
	Volume float64 `json:"volume"`
}

// New generates rows. BENCH_ROWS sets their number, by default 5,000,000.
func New(b *testing.B) *Rows {
	b.Helper()
	n := 5_000_000
	if text := os.Getenv("BENCH_ROWS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	w := &Rows{Keys: n / Days, rows: map[string][]quote{}}
	for d := range Days {
		w.dates = append(w.dates, Time(d).Format(time.DateOnly))
	}
	r := rand.New(rand.NewPCG(5, 6)) //nolint:gosec // the same rows in each run
	for k := range w.Keys {
		w.rows[w.Key(k)] = w.history(r, w.Key(k))
	}
	return w
}

// history generates the rows of a key.
func (w *Rows) history(r *rand.Rand, symbol string) []quote {
	cents := func(x float64) float64 { return float64(int(x*100)) / 100 }
	list := make([]quote, Days)
	price := 10 + r.Float64()*500
	for d := range list {
		price *= 1 + (r.Float64()-0.5)/50
		list[d] = quote{
			cents(price), w.dates[d], cents(price * 1.01), cents(price * 0.99), price, symbol,
			float64(r.IntN(10_000_000)),
		}
	}
	return list
}

// Key returns the k-th key.
func (w *Rows) Key(k int) string { return fmt.Sprintf("SYM%05d", k*7919%w.Keys) }

// Schema is the schema of the rows.
func (w *Rows) Schema() dataset.Schema {
	return dataset.Schema{
		Columns: []dataset.Column{
			{Name: "close", Type: dataset.Number},
			{Name: "date", Type: dataset.Date},
			{Name: "high", Type: dataset.Number},
			{Name: "low", Type: dataset.Number},
			{Name: "open", Type: dataset.Number},
			{Name: "symbol", Type: dataset.String},
			{Name: "volume", Type: dataset.Number},
		},
		Index: dataset.Index{Key: "symbol", Date: "date", Unique: true},
	}
}

// Batch returns the rows of a day.
func (w *Rows) Batch(day int) *dataset.Batch {
	schema := w.Schema()
	batch := &dataset.Batch{Rows: w.Keys}
	for _, c := range schema.Columns {
		batch.Vectors = append(batch.Vectors, dataset.NewVector(c.Type, w.Keys))
	}
	for k := range w.Keys {
		q := w.rows[w.Key(k)][day]
		for i, x := range [7]float64{q.Close, 0, q.High, q.Low, q.Open, 0, q.Volume} {
			switch i {
			case 1:
				batch.Vectors[i].AppendInt(FirstDay + int64(day))
			case 5:
				batch.Vectors[i].AppendBytes([]byte(q.Symbol))
			default:
				batch.Vectors[i].AppendFloat(x)
			}
		}
	}
	return batch
}

// MemoryHandler returns a handler that serves rows from memory with
// encoding/json. The last part of the path is the key.
func (w *Rows) MemoryHandler() http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		rows := w.rows[r.URL.Path[1:]]
		last, from, to := Window(r)
		if last > 0 {
			from, to = len(rows)-last, len(rows)
		}
		answer := make([]*quote, 0, to-from)
		for i := to - 1; i >= from; i-- {
			answer = append(answer, &rows[i])
		}
		text, err := json.Marshal(answer)
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
		out.Header().Set("Content-Type", "application/json")
		_, _ = out.Write(text)
	})
}

// Target is a server to benchmark.
type Target struct {
	Prefix string // address before the key
	Token  string // optional
	Values func(Query) string
}

func (t *Target) get(client *http.Client, key string, q Query) (*http.Response, error) {
	values := q.Values
	if t.Values != nil {
		values = t.Values(q)
	}
	request, err := http.NewRequest(http.MethodGet, t.Prefix+"/"+key+"?"+values, nil) //nolint:noctx // the server ends it
	if err != nil {
		return nil, err
	}
	if t.Token != "" {
		request.Header.Set("Authorization", "Bearer "+t.Token)
	}
	return client.Do(request)
}

// Compare benchmarks two servers alternately and reports the ratio of the
// medians of requests per second, by the clock and by the CPU.
func (w *Rows) Compare(b *testing.B, memory, files *Target, q Query) {
	b.Helper()
	if a, c := w.fetch(b, memory, q), w.fetch(b, files, q); a != c {
		b.Fatalf("the answers differ:\n%.300s\n%.300s", a, c)
	}
	w.Load(b, files, q, time.Second) // warm
	var of, with rates
	for range 5 {
		with.add(w.measure(b, memory, q))
		of.add(w.measure(b, files, q))
	}
	b.ReportMetric(median(of.wall), "files/s")
	b.ReportMetric(median(with.wall), "memory/s")
	b.ReportMetric(median(of.wall)/median(with.wall), "x-memory")
	b.ReportMetric(median(of.cpu)/median(with.cpu), "x-memory-cpu")
}

// rates are requests per second, and per second of CPU of the whole process,
// clients included. The second one doesn't depend on other load on the machine.
type rates struct{ wall, cpu []float64 }

func (r *rates) add(wall, cpu float64) { r.wall, r.cpu = append(r.wall, wall), append(r.cpu, cpu) }

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

func (w *Rows) measure(b *testing.B, t *Target, q Query) (wall, cpu float64) {
	b.Helper()
	start, used := time.Now(), CPUTime() //nolint:forbidigo // it measures time
	wall = w.Load(b, t, q, 600*time.Millisecond)
	return wall, wall * time.Since(start).Seconds() / max(CPUTime()-used, time.Microsecond).Seconds()
}

func (w *Rows) fetch(b *testing.B, t *Target, q Query) string {
	b.Helper()
	response, err := t.get(http.DefaultClient, w.Key(7), q)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(response.Status, string(text), err)
	}
	return string(text)
}

// Load sends requests for random keys and returns the number per second.
func (w *Rows) Load(b *testing.B, t *Target, q Query, d time.Duration) float64 {
	b.Helper()
	var n atomic.Int64
	var clients sync.WaitGroup
	start := time.Now() //nolint:forbidigo // it measures time
	for c := range Clients {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
			defer client.CloseIdleConnections()
			r := rand.New(rand.NewPCG(uint64(c), 9)) //nolint:gosec // the same keys in each run
			for time.Since(start) < d {
				response, err := t.get(client, w.Key(r.IntN(w.Keys)), q)
				if err != nil {
					b.Error(err)
					return
				}
				if response.StatusCode != http.StatusOK {
					b.Error(response.Status)
				}
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				n.Add(1)
			}
		})
	}
	clients.Wait()
	return float64(n.Load()) / time.Since(start).Seconds()
}
