package notification_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestEvents has the store make each change that is announced, and checks which events
// follow, once each.
func TestEvents(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		o, r := openOffice(t, s), newReceiver(t)
		o.create(t, notification.Draft{Name: "all", Kind: notification.Webhook, URL: r.URL, Events: []string{"*"}})
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		seen := 0
		expect := func(want ...string) {
			t.Helper()
			o.send(t)
			var got []string
			for _, one := range r.all()[seen:] {
				kind, _, _ := strings.Cut(strings.TrimPrefix(one.body, `{"type":"`), `"`)
				got = append(got, kind)
			}
			seen = len(r.all())
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("events %v, want %v", got, want)
			}
			o.clock.advance(time.Hour)
		}
		partial := func(l *load.Load) { succeeded(l); l.Outcome = load.Partial }

		o.end(t, "orders", succeeded)
		expect("load.succeeded")
		o.end(t, "orders", failed)
		expect("load.failed")
		o.end(t, "orders", succeeded)
		expect("load.recovered", "load.succeeded")
		o.end(t, "orders", partial)
		expect("load.partial")
		o.end(t, "orders", succeeded)
		expect("load.recovered", "load.succeeded")

		// A load is cancelled, and another one loses its worker three times.
		storetest.Load(t, s, load.Load{
			ID: "load_c", Workspace: o.workspace, Dataset: "orders", State: load.Queued, CreatedAt: o.clock.Now(),
		})
		for range 2 {
			_, err := s.CancelLoad(t.Context(), o.workspace, "load_c", o.clock.Now())
			must(err)
		}
		expect("load.cancelled")
		storetest.Load(t, s, load.Load{
			ID: "load_d", Workspace: o.workspace, Dataset: "orders", State: load.Queued, CreatedAt: o.clock.Now(),
		})
		for range 4 {
			_, _ = s.ClaimLoad(t.Context(), load.Claim{
				Worker: "w", Now: o.clock.Now(), Until: o.clock.Now().Add(time.Minute), Crashes: 3, PerWorkspace: 9,
			})
			o.clock.advance(time.Hour)
		}
		expect("load.failed")

		// Drift is announced once for a load, and has no values.
		must(s.InsertDataset(t.Context(), dataset.Dataset{
			ID: "ds_1", Workspace: o.workspace, Name: "orders", CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now(),
		}))
		drift := func(id, column string) dataset.Drift {
			return dataset.Drift{
				ID:        id,
				DatasetID: "ds_1",
				LoadID:    "load_1",
				At:        o.clock.Now(),
				DriftFacts: dataset.DriftFacts{
					Kind: dataset.Widened, Column: column, Outcome: dataset.DriftWidened, From: "integer", To: "string",
					Value: "s3cr3t", Object: "a.csv",
				},
			}
		}
		must(s.SaveDrift(t.Context(), []dataset.Drift{drift("drift_1", "a"), drift("drift_2", "b")}))
		must(s.SaveDrift(t.Context(), []dataset.Drift{drift("drift_3", "a"), drift("drift_4", "c")}))
		expect("drift.detected")

		// An integration begins to fail, is edited, and works again.
		i := integration.Integration{
			ID: "int_1", Workspace: o.workspace, Name: "aws", State: integration.Unverified, Version: 1,
			ExternalID: "x",
			CreatedAt:  o.clock.Now(), EditedAt: o.clock.Now(),
		}
		must(s.InsertIntegration(t.Context(), i))
		turn := func(state integration.State) {
			i.State, i.Version = state, i.Version+1
			if state == integration.Verified {
				i.VerifiedAt = o.clock.Now()
			}
			must(s.SaveIntegration(t.Context(), i, o.clock.Now()))
		}
		turn(integration.Failing) // never worked, so whoever sets it up sees it
		turn(integration.Verified)
		expect()
		turn(integration.Failing)
		expect("integration.failing")
		turn(integration.Unverified)
		turn(integration.Failing)
		expect()
		turn(integration.Verified)
		expect("integration.recovered")
		turn(integration.Insecure)
		expect("integration.insecure")
		turn(integration.Verified)
		expect("integration.recovered")

		// Fire times that were missed are one event, with those that failed.
		made := schedule.Schedule{
			ID: "sched_1", Workspace: o.workspace, Name: "nightly", SourceID: "src_1", Dataset: "orders", Version: 1,
			NextAt: o.clock.Now(), CreatedAt: o.clock.Now(), UpdatedAt: o.clock.Now(),
		}
		must(s.InsertSchedule(t.Context(), made))
		firing := schedule.Firing{Schedule: made, Next: o.clock.Now().Add(time.Hour), Now: o.clock.Now()}
		for n := range 30 {
			firing.Missed = append(firing.Missed, schedule.Run{
				ScheduleID: "sched_1", FireAt: o.clock.Now().Add(-time.Duration(n) * time.Hour), State: schedule.Missed,
				At: o.clock.Now(),
			})
		}
		for range 2 {
			_, err := s.FireSchedule(t.Context(), firing)
			must(err)
		}
		expect("schedule.missed")

		// What bucket events missed is announced once a day.
		must(s.InsertSource(t.Context(), source.Source{
			ID: "src_1", Workspace: o.workspace, Name: "exports", Version: 1, CreatedAt: o.clock.Now(),
			UpdatedAt: o.clock.Now(),
		}))
		list := func(id string, missed int64) {
			must(s.SaveEventList(t.Context(), arrival.List{
				ID: id, SourceID: "src_1", StartedAt: o.clock.Now(), EndedAt: o.clock.Now(), Missed: missed,
			}))
		}
		list("evlist_1", 0)
		list("evlist_2", 3)
		expect("events.missed")
		list("evlist_3", 3)
		expect()
		o.clock.advance(24 * time.Hour)
		list("evlist_4", 3)
		expect("events.missed")

		for _, one := range r.all() {
			if len(one.body) > notification.MaxBody || strings.Contains(one.body, "s3cr3t") {
				t.Errorf("%d bytes: %.200s", len(one.body), one.body)
			}
		}

		// A dataset that a destination names is renamed, and old deliveries go.
		o.create(t, notification.Draft{
			Name: "one", Kind: notification.Webhook, URL: r.URL, Datasets: []string{"ORDERS"},
		})
		before := o.clock.Now()
		found, err := s.Dataset(t.Context(), o.workspace, "orders")
		must(err)
		was := found.UpdatedAt
		found.Name, found.UpdatedAt = "sales", before
		must(s.SaveDataset(t.Context(), found, was))
		if one, err := o.Get(t.Context(), o.admin, o.workspace, "one"); err != nil ||
			!slices.Equal(one.Datasets, []string{"sales"}) {
			t.Errorf("%+v, %v", one.Datasets, err)
		}
		must(s.PruneDeliveries(t.Context(), before.Add(time.Second)))
		if left := o.deliveries(t, "all"); len(left) != 0 {
			t.Errorf("%d deliveries are left", len(left))
		}
	})
}
