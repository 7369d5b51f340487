package delivery_test

import (
	"fmt"
	"io"
	"net/url"
	"testing"

	"github.com/windlass-io/windlass/internal/delivery"
)

// BenchmarkRead is a whole read but for HTTP: parameters, access and its entry
// in the audit, the lookup in 200 k rows of 2 k keys, and the JSON.
func BenchmarkRead(b *testing.B) {
	w := newWell(b)
	var rows [][]any
	for i := range 200_000 {
		rows = append(rows, []any{
			fmt.Sprint("KEY", i*7919%2000), i % 3, i / 2000, float64(i) / 4,
			"a note of some length", i,
		})
	}
	w.add(b, "many", pricesSchema(), rows...)
	for _, query := range []string{"last=1", "last=100", "last=100&format=csv"} {
		values, err := url.ParseQuery(query)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(query, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for n := 0; pb.Next(); n++ {
					answer, err := w.Read(b.Context(), w.owner, w.workspace, delivery.Request{
						Target: delivery.Target{Datasets: "many", Keys: fmt.Sprint("KEY", n*31%2000)}, Values: values,
					})
					if err != nil {
						b.Fatal(err)
					}
					if err := answer.Write(b.Context(), io.Discard); err != nil {
						b.Fatal(err)
					}
					_ = answer.Close()
				}
			})
		})
	}
}
