package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestOldestEvent checks the event that Count returns: the oldest that waits, or the
// time since when a queue has failed, unless the source is paused.
func TestOldestEvent(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		now := loadEpoch.Add(time.Hour)
		expect := func(what string, want time.Time) {
			t.Helper()
			counts, err := s.Count(t.Context(), now)
			if err != nil || !counts.OldestEvent.Equal(want) {
				t.Errorf("%s: %s, %v, want %s", what, counts.OldestEvent, err, want)
			}
		}
		record := func(at time.Time, batch arrival.Batch) {
			t.Helper()
			batch.SourceID = "src_1"
			if err := s.RecordArrivals(t.Context(), at, []arrival.Batch{batch}); err != nil {
				t.Fatal(err)
			}
		}
		expect("without sources", time.Time{})
		setting := eventSetting()
		if err := s.SaveEvents(t.Context(), setting); err != nil {
			t.Fatal(err)
		}
		expect("without events", time.Time{})
		arrivals := []arrival.Arrival{{
			Key: "a", Action: event.Load, Origin: arrival.FromEvent, Mark: event.Mark{Form: event.S3, Sequencer: "02"},
		}}
		record(loadEpoch.Add(time.Minute), arrival.Batch{Arrivals: arrivals})
		if arrivals[0].Known {
			t.Error("a new event is known")
		}
		expect("an event", loadEpoch.Add(time.Minute))
		record(now, arrival.Batch{Arrivals: arrivals})
		if !arrivals[0].Known {
			t.Error("a repeated event isn't known")
		}
		record(now, arrival.Batch{Seen: arrival.Seen{Fault: "denied", FailingSince: loadEpoch}})
		expect("a failing queue", loadEpoch)
		setting.Version++
		setting.Paused = true
		if err := s.SaveEvents(t.Context(), setting); err != nil {
			t.Fatal(err)
		}
		expect("a paused source", time.Time{})
	})
}

// TestCompactionBacklog checks that Count sums the smallest of too many segments, and
// those with many deleted rows.
func TestCompactionBacklog(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		add := func(dataset string, bytes, rows, deleted int64) {
			t.Helper()
			_, err := s.DB().ExecContext(t.Context(), `INSERT INTO rows_segment (id, dataset, rows, deleted, bytes, bounds,
				created_by, created_at) VALUES ($1, $2, $3, $4, $5, '{}', 'load_1', 0)`,
				fmt.Sprintf("seg_%s_%d", dataset, bytes), dataset, rows, deleted, bytes)
			if err != nil {
				t.Fatal(err)
			}
		}
		for i := range int64(10) {
			add("ds_many", i+1, 100, 0)
		}
		for i := range int64(8) {
			add("ds_few", 1000+i, 100, 50) // few rows are deleted
		}
		add("ds_deleted", 100_000, 6000, 2000)
		add("ds_deleted", 200_000, 6001, 2000)
		counts, err := s.Count(t.Context(), loadEpoch)
		if want := int64(1 + 2 + 3 + 4 + 100_000); err != nil || counts.Backlog != want {
			t.Errorf("%d bytes, %v, want %d", counts.Backlog, err, want)
		}
	})
}
