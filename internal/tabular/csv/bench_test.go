package csv_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	tcsv "github.com/windlass-io/windlass/internal/tabular/csv"
)

// BenchmarkRead measures the typed parse of 500,000 rows of about 60 bytes.
func BenchmarkRead(b *testing.B) {
	var text bytes.Buffer
	for i := range 500_000 {
		fmt.Fprintf(&text, "SYM%04d,2024-%02d-%02d,%d.%02d,%d.%06d,%d,a name %d\n", i%10_000, 1+i%12, 1+i%28, i%500,
			i%100, i%400, i%1_000_000, i, i%1000)
	}
	schema := dataset.Schema{Columns: []dataset.Column{
		column("symbol", dataset.String), column("date", dataset.Date), column("open", dataset.Number),
		column("close", dataset.Number), column("volume", dataset.Integer), column("name", dataset.String),
	}}
	columns, err := cell.CompileAll(schema)
	if err != nil {
		b.Fatal(err)
	}
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				rows := 0
				table, err := tcsv.Open([]byte("symbol,date,open,close,volume,name\n"), false,
					bytes.NewReader(text.Bytes()), tcsv.Options{})
				if err != nil {
					b.Fatal(err)
				}
				framer, parser, err := table.Read(columns)
				if err != nil {
					b.Fatal(err)
				}
				reader := chunk.Read(b.Context(), framer, parser, columns, workers)
				for {
					batch, err := reader.Next(b.Context())
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if len(batch.Rejected) > 0 {
						b.Fatal(batch.Rejected[0])
					}
					rows += batch.Batch.Rows
				}
				reader.Close()
				if rows != 500_000 {
					b.Fatal(rows)
				}
			}
			b.ReportMetric(float64(500_000)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
