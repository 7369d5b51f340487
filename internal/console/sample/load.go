package sample

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/view"
)

// Loads returns loads: one in progress, one that succeeded, one that failed and one
// that was cancelled.
func Loads() []view.Load {
	return []view.Load{
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zc", State: "reading", Source: "Sales exports",
			SourcePath: "/sources/data/src_1", Dataset: "SALES", DatasetPath: "/datasets/SALES", Objects: 48, Done: 31,
			Rows: 1_204_511, Rejected: 3, Bytes: 611_000_000, BytesRead: 402_000_000,
			CreatedAt: Time.Add(-20 * time.Second), Took: 12 * time.Second,
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zd", State: "loaded", Source: "Flights", Dataset: "FLIGHTS",
			DatasetPath: "/datasets/FLIGHTS", Objects: 3, Done: 3, Known: 2, Rows: 3_000_000, Bytes: 13_493_022,
			BytesRead: 13_493_022, CreatedAt: Time.Add(-time.Hour), Took: 4200 * time.Millisecond,
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1ze", State: "failed", Source: "Weather", Dataset: "WEATHER",
			CreatedAt: Time.Add(-3 * time.Hour), Took: 300 * time.Millisecond,
			Problem: &page.Problem{
				Message: "weather/2026-11-20.csv.gz ends in the middle of its gzip stream.",
				Hint:    "Upload the complete object, then load again: it counts as a new object.",
			},
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zf", State: "cancelled", Source: "Sales exports", Dataset: "SALES",
			DatasetPath: "/datasets/SALES", CreatedAt: Time.Add(-26 * time.Hour),
		},
	}
}
