package json_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/chunk"
	"github.com/windlass-io/windlass/internal/tabular/json"
)

// BenchmarkRead measures the typed parse of 200,000 lines of about 110 bytes.
func BenchmarkRead(b *testing.B) {
	var text bytes.Buffer
	for i := range 200_000 {
		fmt.Fprintf(
			&text,
			"{\"symbol\":\"SYM%04d\",\"date\":\"2024-%02d-%02d\",\"open\":%d.%02d,\"close\":%d.%06d,\"volume\":%d,\"name\":\"a name %d\"}\n",
			i%10_000,
			1+i%12,
			1+i%28,
			i%500,
			i%100,
			i%400,
			i%1_000_000,
			i,
			i%1000,
		)
	}
	columns, err := cell.CompileAll(dataset.Schema{Columns: []dataset.Column{
		{Name: "symbol", Type: dataset.String},
		{Name: "date", Type: dataset.Date},
		{Name: "open", Type: dataset.Number},
		{Name: "close", Type: dataset.Number},
		{Name: "volume", Type: dataset.Integer},
		{Name: "name", Type: dataset.String},
	}})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		stream, err := json.Open(nil, false, bytes.NewReader(text.Bytes()), json.Options{Lines: true})
		if err != nil {
			b.Fatal(err)
		}
		framer, parser := stream.Read(columns)
		reader := chunk.Read(b.Context(), framer, parser, columns, 1)
		rows := 0
		for {
			batch, err := reader.Next(b.Context())
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			rows += batch.Batch.Rows
		}
		reader.Close()
		if rows != 200_000 {
			b.Fatal(rows)
		}
	}
}
