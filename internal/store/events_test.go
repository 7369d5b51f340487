package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/event"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func eventSetting() arrival.Setting {
	return arrival.Setting{
		Workspace: "ws_1", SourceID: "src_1", IntegrationID: "int_1", Route: arrival.Direct,
		Queue: "arn:aws:sqs:us-east-1:222222222222:q", Window: time.Second, MaxObjects: 10, ListEvery: time.Hour,
		Version: 1, SetAt: loadEpoch, MadeBy: "mem_1", UpdatedAt: loadEpoch, NextListAt: loadEpoch,
	}
}

func TestEventSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := eventSetting()
		if err := s.SaveEvents(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		got, err := s.Events(t.Context(), "ws_1", "src_1")
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if _, err := s.Events(t.Context(), "ws_2", "src_1"); !problem.Is(err, problem.NotFound) {
			t.Errorf("another workspace: %v", err)
		}
		if err := s.SaveEvents(t.Context(), want); !problem.Is(err, problem.Conflict) {
			t.Errorf("the same version again: %v", err)
		}
		claim := func(at, until time.Time) bool {
			t.Helper()
			mine, err := s.ClaimEvents(t.Context(), "src_1", arrival.Listing, at, until)
			if err != nil {
				t.Fatal(err)
			}
			return mine
		}
		later := loadEpoch.Add(time.Minute)
		if !claim(loadEpoch, later) || claim(loadEpoch.Add(time.Second), later) || !claim(later, later.Add(time.Hour)) {
			t.Error("two nodes list at once, or none after a crash")
		}
		end := later.Add(time.Hour)
		for _, renewal := range []struct {
			until time.Time
			want  bool
		}{{end, true}, {end, false}} { // the second one is of a claim that was lost
			mine, err := s.RenewEvents(t.Context(), "src_1", arrival.Listing, renewal.until, end.Add(time.Minute))
			if err != nil || mine != renewal.want {
				t.Errorf("renewing: %v, %v, want %v", mine, err, renewal.want)
			}
		}
		if claim(end, end.Add(time.Hour)) {
			t.Error("a renewed claim is taken")
		}
		if err := s.DeleteEvents(t.Context(), "ws_1", "src_1"); err != nil {
			t.Fatal(err)
		}
		if all, err := s.AllEvents(t.Context()); err != nil || len(all) > 0 {
			t.Errorf("after the removal: %+v, %v", all, err)
		}
	})
}

func TestWaitingObjects(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.SaveEvents(t.Context(), eventSetting()); err != nil {
			t.Fatal(err)
		}
		record := func(at time.Time, action event.Action, sequencer string) {
			t.Helper()
			err := s.RecordArrivals(t.Context(), at, []arrival.Batch{{
				SourceID: "src_1", Seen: arrival.Seen{LastEvent: at, Counts: arrival.Counts{Messages: 1}},
				Arrivals: []arrival.Arrival{{
					Key: "a", Action: action, Origin: arrival.FromEvent,
					Mark: event.Mark{Form: event.S3, Sequencer: sequencer},
				}},
			}})
			if err != nil {
				t.Fatal(err)
			}
		}
		later := loadEpoch.Add(time.Minute)
		record(loadEpoch, event.Load, "02")
		record(later, event.Load, "02")
		record(later, event.Remove, "01")
		due, err := s.DueObjects(t.Context(), "src_1", later, 10)
		if err != nil || len(due) != 1 || due[0].Action != event.Load || !due[0].FirstSeen.Equal(loadEpoch) {
			t.Fatalf("due %+v, %v", due, err)
		}
		due[0].Started, due[0].Found = true, object.Info{Key: "a", ETag: "e", Size: 1}
		update := func(one arrival.Update) {
			t.Helper()
			if err := s.UpdateWaiting(t.Context(), "src_1", []arrival.Update{one},
				arrival.Counts{Removed: 1}); err != nil {
				t.Fatal(err)
			}
		}
		update(arrival.Update{Object: due[0]})
		if got, err := s.WaitingObjects(t.Context(), "src_1", 10); err != nil || len(got.There) != 1 ||
			got.There[0].ETag != "e" || got.Gone != nil {
			t.Errorf("a load reads %+v, %v", got, err)
		}
		deleted := due[0]
		deleted.Found, deleted.Fault = object.Info{}, arrival.FaultKept
		update(arrival.Update{Object: deleted})
		if got, err := s.WaitingObjects(t.Context(), "src_1", 10); err != nil || got.There != nil ||
			len(got.Gone) != 1 || got.Gone[0] != "a" {
			t.Errorf("of a deleted object, a load reads %+v, %v", got, err)
		}
		if n, err := s.CountKept(t.Context(), "src_1"); err != nil || n != 1 {
			t.Errorf("%d deleted objects have rows, %v", n, err)
		}
		update(arrival.Update{Object: due[0]})
		record(later, event.Load, "03") // while it is loaded
		update(arrival.Update{Object: due[0], Gone: true})
		list, err := s.ListWaiting(t.Context(), "src_1", false, paging.Request{Limit: 10})
		if err != nil || len(list.Items) != 1 || list.Items[0].Mark.Sequencer != "03" || list.Items[0].Started {
			t.Errorf("a newer event is forgotten: %+v, %v", list, err)
		}
		found, err := s.Events(t.Context(), "ws_1", "src_1")
		want := arrival.Counts{Messages: 4, Duplicates: 1, Stale: 1, Removed: 4}
		if diff := cmp.Diff(want, found.Seen.Counts); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}
