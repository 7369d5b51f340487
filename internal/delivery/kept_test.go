package delivery_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/delivery"
)

// observedRead is a read as metrics see it.
type observedRead struct {
	class       string
	rows, bytes int64
}

// TestKeptAnswers checks that a small answer is read once for each version of the dataset,
// counts like the first, and differs for each request.
func TestKeptAnswers(t *testing.T) {
	t.Parallel()
	w := prices(t)
	rows := &failing{w.rows, 1}
	var seen []observedRead
	w.Service = delivery.New(delivery.Config{
		Checker: w.checker(), Datasets: w.store, Indexes: w.datasets(), Schemas: w.store, Rows: rows, Now: clock,
		Observe: func(class, _ string, rows, bytes int64, _ time.Duration) {
			seen = append(seen, observedRead{class, rows, bytes})
		},
	})
	newest := func(query string) string {
		t.Helper()
		got, err := w.read(t, delivery.Target{Datasets: "prices", Keys: "MSFT"}, query)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		return got
	}
	const first = `[{"price":5}]`
	for range 3 {
		if got := newest("filter=price"); got != first {
			t.Errorf("got %s, want %s", got, first)
		}
	}
	if diff := cmp.Diff([]observedRead{{"last", 1, 11}, {"last", 1, 11}, {"last", 1, 11}}, seen,
		cmp.AllowUnexported(observedRead{})); diff != "" {
		t.Errorf("the same reads count differently (-want +got):\n%s", diff)
	}

	rows.good = 1000
	for query, want := range map[string]string{
		"filter=venue": `[{"venue":1}]`, "filter=venue&numbers=string": `[{"venue":"1"}]`,
		"filter=price&format=csv": "price\n5\n", "filter=price&callback=f": `/**/f([{"price":5}]);`,
	} {
		if got := newest(query); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	if _, err := w.writeRows(t, "prices", "", `[{"symbol":"MSFT","venue":1,"day":"2024-02-01","price":7}]`); err != nil {
		t.Fatal(err)
	}
	if got, want := newest("filter=price"), `[{"price":7}]`; got != want {
		t.Errorf("after a write: got %s, want %s", got, want)
	}
}
