package parquetfile_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// BenchmarkServe compares reads of rows over HTTP with an in-memory handler
// that gives the same answers by encoding/json, side by side in one process.
// The metric x-memory is the ratio of requests per second. BENCH_ROWS sets the
// number of rows, by default 5,000,000.
func BenchmarkServe(b *testing.B) {
	w := newQuotes(b)
	memory := httptest.NewServer(w.memoryHandler())
	defer memory.Close()
	for _, setup := range []struct {
		name     string
		segments int
		cache    int64
	}{{"1 segment", 1, 2 << 30}, {"8 overlapping segments", 8, 2 << 30}, {"1 segment, no cache", 1, 0}} {
		sources := w.write(b, setup.segments, setup.cache)
		files := httptest.NewServer(w.fileHandler(sources))
		for _, request := range []struct{ name, query string }{
			{"last row", "last=1"},
			{"range of 250", "range=250"},
			{"last 500", "last=500"},
		} {
			b.Run(setup.name+"/"+request.name, func(b *testing.B) {
				for b.Loop() {
					compare(b, w, memory.URL, files.URL, request.query)
				}
			})
		}
		files.Close()
	}
}

// compare runs both servers in turn and reports the ratio of the medians.
func compare(b *testing.B, w *quotes, memory, files, query string) {
	if a, c := fetch(b, memory+"/"+w.key(7)+"?"+query), fetch(b, files+"/"+w.key(7)+"?"+query); a != c {
		b.Fatalf("the answers differ:\n%.300s\n%.300s", a, c)
	}
	load(b, w, files, query, time.Second) // warm
	var of, with []float64
	for range 5 {
		with = append(with, load(b, w, memory, query, 600*time.Millisecond))
		of = append(of, load(b, w, files, query, 600*time.Millisecond))
	}
	slices.Sort(of)
	slices.Sort(with)
	b.ReportMetric(of[2], "files/s")
	b.ReportMetric(with[2], "memory/s")
	b.ReportMetric(of[2]/with[2], "x-memory")
}

func fetch(b *testing.B, url string) string {
	response, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatal(response.Status, err)
	}
	return string(text)
}

// load makes requests from 16 clients and returns how many a second.
func load(b *testing.B, w *quotes, base, query string, d time.Duration) float64 {
	var n atomic.Int64
	var clients sync.WaitGroup
	start := time.Now()
	for c := range 16 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			r := rand.New(rand.NewPCG(uint64(c), 9))
			for time.Since(start) < d {
				response, err := client.Get(base + "/" + w.key(r.IntN(w.keys)) + "?" + query)
				if err != nil {
					b.Error(err)
					return
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

// quotes is the rows of the benchmark: keys × days.
type quotes struct {
	keys, days int
	rows       map[string][]quote
	dates      []string
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

const firstDay = 18_000

func newQuotes(b *testing.B) *quotes {
	n := 5_000_000
	if text := os.Getenv("BENCH_ROWS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	w := &quotes{keys: n / 1000, days: 1000, rows: map[string][]quote{}}
	for d := range w.days {
		w.dates = append(w.dates, time.Unix((firstDay+int64(d))*86400, 0).UTC().Format(time.DateOnly))
	}
	r := rand.New(rand.NewPCG(5, 6))
	for k := range w.keys {
		symbol := w.key(k)
		list := make([]quote, w.days)
		price := 10 + r.Float64()*500
		for d := range list {
			price *= 1 + (r.Float64()-0.5)/50
			cents := func(x float64) float64 { return float64(int(x*100)) / 100 }
			list[d] = quote{
				cents(price), w.dates[d], cents(price * 1.01), cents(price * 0.99), price, symbol,
				float64(r.IntN(10_000_000)),
			}
		}
		w.rows[symbol] = list
	}
	return w
}

func (w *quotes) key(k int) string { return fmt.Sprintf("SYM%05d", k*7919%w.keys) }

func (w *quotes) schema() dataset.Schema {
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

// write writes the rows to so many files, each of which has some of every key.
func (w *quotes) write(b *testing.B, segments int, cacheSize int64) []parquetfile.Source {
	folder, cache, schema := parquetfile.Folder(b.TempDir()), newCache(b, cacheSize), w.schema()
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		b.Fatal(err)
	}
	var sources []parquetfile.Source
	for s := range segments {
		run := parquetfile.NewRun(spec)
		for d := s; d < w.days; d += segments { // as it comes: day by day
			if err := run.Append(w.batch(d), int64(d*w.keys)); err != nil {
				b.Fatal(err)
			}
		}
		run.Sort()
		name := fmt.Sprint(s, ".parquet")
		if _, err := parquetfile.Write(b.Context(), folder, name, run,
			parquetfile.Meta{Load: "load_1", Updated: loaded}); err != nil {
			b.Fatal(err)
		}
		sources = append(sources, parquetfile.Source{Reader: open(b, folder, name, cache)})
	}
	return sources
}

func (w *quotes) batch(day int) *dataset.Batch {
	schema := w.schema()
	batch := &dataset.Batch{Rows: w.keys}
	for _, c := range schema.Columns {
		batch.Vectors = append(batch.Vectors, dataset.NewVector(c.Type, w.keys))
	}
	for k := range w.keys {
		q := w.rows[w.key(k)][day]
		for i, x := range [7]float64{q.Close, 0, q.High, q.Low, q.Open, 0, q.Volume} {
			switch i {
			case 1:
				batch.Vectors[i].AppendInt(firstDay + int64(day))
			case 5:
				batch.Vectors[i].AppendBytes([]byte(q.Symbol))
			default:
				batch.Vectors[i].AppendFloat(x)
			}
		}
	}
	return batch
}

// window returns the days of a request: the last so many, or 250 from the middle.
func (w *quotes) window(r *http.Request) (last, from, to int) {
	if text := r.URL.Query().Get("last"); text != "" {
		last, _ = strconv.Atoi(text)
		return last, 0, 0
	}
	return 0, w.days / 3, w.days/3 + 250
}

func (w *quotes) memoryHandler() http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		rows := w.rows[r.URL.Path[1:]]
		last, from, to := w.window(r)
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

var answers = sync.Pool{New: func() any { return new([]byte) }}

func (w *quotes) fileHandler(sources []parquetfile.Source) http.Handler {
	schema := w.schema()
	var names [][]byte
	for _, c := range schema.Columns {
		names = append(names, rowtext.AppendName(nil, c.Name))
	}
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		key := r.URL.Path[1:]
		s := engine.Selection{
			DatasetID: "ds_1", Schema: schema, Key: &key, DateColumn: "date",
			Order: engine.Descending, Limit: 1000,
		}
		last, from, to := w.window(r)
		if last > 0 {
			s.Limit = last
		} else {
			first, after := time.Unix((firstDay+int64(from))*86400, 0), time.Unix((firstDay+int64(to))*86400, 0)
			s.From, s.To = &first, &after
		}
		buffer := answers.Get().(*[]byte)
		defer answers.Put(buffer)
		text, err := appendRows(r, (*buffer)[:0], sources, s, names)
		*buffer = text
		if err != nil {
			http.Error(out, err.Error(), http.StatusInternalServerError)
			return
		}
		out.Header().Set("Content-Type", "application/json")
		_, _ = out.Write(text)
	})
}

func appendRows(r *http.Request, b []byte, sources []parquetfile.Source, s engine.Selection,
	names [][]byte,
) ([]byte, error) {
	rows, err := parquetfile.Select(r.Context(), sources, s)
	if err != nil {
		return b, err
	}
	defer func() { _ = rows.Close() }()
	b = append(b, '[')
	for {
		batch, err := rows.Next()
		if err != nil {
			return b, err
		}
		if batch == nil {
			return append(b, ']'), nil
		}
		for i := range batch.Rows {
			if len(b) > 1 {
				b = append(b, ',')
			}
			b = append(b, '{')
			for c := range names {
				if c > 0 {
					b = append(b, ',')
				}
				b = rowtext.AppendJSON(append(b, names[c]...), &batch.Vectors[c], i)
			}
			b = append(b, '}')
		}
	}
}
