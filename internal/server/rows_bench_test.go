package server_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/engine/enginetest/quotestest"
	"github.com/windlass-io/windlass/internal/rowtext"
	"github.com/windlass-io/windlass/internal/server"
)

// BenchmarkDelivery compares reads through the whole service, token checked and
// audit summarised, with an in-memory handler that returns the same by
// encoding/json. The metric x-memory is the ratio of requests per second.
// BENCH_ROWS sets the number of rows, by default 5,000,000.
func BenchmarkDelivery(b *testing.B) {
	w := quotestest.New(b)
	memory := httptest.NewServer(w.MemoryHandler())
	defer memory.Close()
	service := serveQuotes(b, w)
	for _, q := range quotestest.Queries() {
		b.Run(q.Name, func(b *testing.B) {
			for b.Loop() {
				w.Compare(b, &quotestest.Target{Prefix: memory.URL}, service, q)
			}
		})
	}
}

// BenchmarkStream reads all rows in one request as NDJSON. The metric heap-MB is
// the maximum growth of the process's heap meanwhile.
func BenchmarkStream(b *testing.B) {
	w := quotestest.New(b)
	service := serveQuotes(b, w)
	for b.Loop() {
		runtime.GC()
		before, peak, end := heap(), uint64(0), make(chan struct{})
		var sampled sync.WaitGroup
		sampled.Go(func() {
			for ended := false; !ended; {
				select {
				case <-end:
					ended = true
				case <-time.After(20 * time.Millisecond):
				}
				peak = max(peak, heap())
			}
		})
		start := time.Now()
		lines, size := stream(b, service)
		b.ReportMetric(float64(lines)/time.Since(start).Seconds(), "rows/s")
		b.ReportMetric(float64(size)/1e6, "MB")
		close(end)
		sampled.Wait()
		b.ReportMetric((float64(peak)-float64(before))/1e6, "heap-MB")
		if lines != w.Keys*quotestest.Days {
			b.Errorf("%d rows, want %d", lines, w.Keys*quotestest.Days)
		}
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse
}

func stream(b *testing.B, t *quotestest.Target) (lines int, size int64) {
	b.Helper()
	request, err := http.NewRequest(http.MethodGet, t.Prefix+"?format=ndjson", nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+t.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	piece := make([]byte, 64<<10)
	for {
		n, err := response.Body.Read(piece)
		lines += bytes.Count(piece[:n], []byte("\n"))
		size += int64(n)
		if errors.Is(err, io.EOF) {
			return lines, size
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// serveQuotes starts a service and uploads the rows.
func serveQuotes(b *testing.B, w *quotestest.Rows) *quotestest.Target {
	b.Helper()
	t, _ := openQuotes(b, w)
	return t
}

// openQuotes starts a service, uploads the rows, and returns the service's handler
// too.
func openQuotes(b *testing.B, w *quotestest.Rows) (*quotestest.Target, http.Handler) {
	b.Helper()
	settings := flagged(b, b.TempDir(), map[string]string{"upload_bytes": "8GiB"})
	s, err := server.Open(b.Context(), configOf(settings, server.Config{}))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	start, err := s.Bootstrap(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	handler := s.Handler()
	web := httptest.NewServer(handler)
	b.Cleanup(web.Close)
	token, err := os.ReadFile(start.TokenFile)
	if err != nil {
		b.Fatal(err)
	}
	t := &quotestest.Target{
		Prefix: web.URL + "/v1/data/main/quotes", Token: strings.TrimSpace(string(token)),
		Values: func(q quotestest.Query) string {
			if q.Values != "range=250" {
				return q.Values
			}
			day := func(n int) string { return quotestest.Time(n).Format(time.DateOnly) }
			return "from=" + day(quotestest.Days/3) + "&to=" + day(quotestest.Days/3+249)
		},
	}
	var columns []map[string]any
	for _, c := range w.Schema().Columns {
		columns = append(columns, map[string]any{"name": c.Name, "type": c.Type, "required": true, "allow_null": false})
	}
	body, err := json.Marshal(map[string]any{
		"name": "quotes", "columns": columns,
		"index": map[string]any{"key": "symbol", "date": "date", "unique": true},
	})
	if err != nil {
		b.Fatal(err)
	}
	send(b, t.Token, web.URL+"/v1/workspaces/main/datasets", "application/json", bytes.NewReader(body))
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(writeQuotes(writer, w)) }()
	began := time.Now()
	send(b, t.Token, t.Prefix, "text/csv", reader)
	b.Logf("loaded in %s", time.Since(began))
	time.Sleep(10 * time.Second) // compaction
	return t, handler
}

// writeQuotes writes the rows as CSV, day by day.
func writeQuotes(out io.Writer, w *quotestest.Rows) error {
	lines := csv.NewWriter(out)
	columns := w.Schema().Columns
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = c.Name
	}
	if err := lines.Write(record); err != nil {
		return err
	}
	for d := range quotestest.Days {
		batch := w.Batch(d)
		for row := range batch.Rows {
			for c := range columns {
				record[c] = string(rowtext.AppendText(nil, &batch.Vectors[c], row))
			}
			if err := lines.Write(record); err != nil {
				return err
			}
		}
	}
	lines.Flush()
	return lines.Error()
}

func send(b *testing.B, token, url, media string, body io.Reader) {
	b.Helper()
	request, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", media)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if text, _ := io.ReadAll(response.Body); response.StatusCode/100 != 2 {
		b.Fatal(response.Status, fmt.Sprintf("%.300s", text))
	}
}
