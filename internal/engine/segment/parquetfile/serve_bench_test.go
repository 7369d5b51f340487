package parquetfile_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/enginetest/quotestest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/rowtext"
)

// BenchmarkServe compares reads of rows over HTTP with an in-memory handler
// that returns the same responses with encoding/json, both in one process. The
// metric x-memory is the ratio of requests per second. BENCH_ROWS sets the
// number of rows, by default 5,000,000.
func BenchmarkServe(b *testing.B) {
	w := quotestest.New(b)
	memory := httptest.NewServer(w.MemoryHandler())
	defer memory.Close()
	for _, setup := range []struct {
		name     string
		segments int
		days     int // in a row that are in the same segment
		cache    int64
	}{
		{"1 segment", 1, quotestest.Days, 2 << 30},
		{"8 overlapping segments", 8, 1, 2 << 30},
		{"8 consecutive segments", 8, quotestest.Days / 8, 2 << 30},
		{"1 segment, no cache", 1, quotestest.Days, 0},
	} {
		sources := writeQuotes(b, w, setup.segments, setup.days, setup.cache)
		files := httptest.NewServer(fileHandler(w, sources))
		for _, q := range quotestest.Queries() {
			b.Run(setup.name+"/"+q.Name, func(b *testing.B) {
				for b.Loop() {
					w.Compare(b, &quotestest.Target{Prefix: memory.URL}, &quotestest.Target{Prefix: files.URL}, q)
				}
			})
		}
		files.Close()
	}
}

// writeQuotes writes the rows to this many files in turn, this many days to each.
func writeQuotes(b *testing.B, w *quotestest.Rows, segments, days int, cacheSize int64) []parquetfile.Source {
	folder, cache, schema := parquetfile.Folder(b.TempDir()), newCache(b, cacheSize), w.Schema()
	spec, err := parquetfile.SpecOf(&schema)
	if err != nil {
		b.Fatal(err)
	}
	var sources []parquetfile.Source
	for s := range segments {
		run := parquetfile.NewRun(spec)
		for d := range quotestest.Days { // in order: day by day
			if d/days%segments != s {
				continue
			}
			if err := run.Append(w.Batch(d), int64(d*w.Keys)); err != nil {
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

var answers = sync.Pool{New: func() any { return new([]byte) }}

func fileHandler(w *quotestest.Rows, sources []parquetfile.Source) http.Handler {
	schema := w.Schema()
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
		last, from, to := quotestest.Window(r)
		if last > 0 {
			s.Limit = last
		} else {
			first, after := quotestest.Time(from), quotestest.Time(to)
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
