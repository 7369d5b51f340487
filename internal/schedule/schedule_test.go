package schedule_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
	"github.com/windlass-io/windlass/internal/testkit/racing"
)

// each runs a test on a house in each kind of store.
func each(t *testing.T, test func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { test(t, build(t, s)) })
}

func TestFireTimesStartLoads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		made := h.create(t, schedule.Settings{Cron: "0 6 * * *", TimeZone: "Europe/Berlin"})
		shown, err := h.Get(t.Context(), h.editor, h.workspace, "s")
		if err != nil {
			t.Fatal(err)
		}
		if got := shown.NextRuns; len(got) != 3 || got[0] != time.Date(2026, 2, 1, 5, 0, 0, 0, time.UTC) ||
			shown.LastRun != nil {
			t.Errorf("a new schedule: next %v, last %v", got, shown.LastRun)
		}
		h.at(t, "2026-02-01T04:59:59Z")
		h.at(t, "2026-02-01T05:00:00Z")
		h.at(t, "2026-02-01T05:00:01Z")
		if diff := cmp.Diff([]string{"01 05:00 started"}, h.history(t)); diff != "" {
			t.Error(diff)
		}
		loads := h.queued(t)
		if len(loads) != 1 || loads[0].By != made.ID || loads[0].Dataset != "prices" || loads[0].State != load.Queued {
			t.Errorf("loads %+v", loads)
		}
		shown, err = h.Get(t.Context(), h.editor, h.workspace, "s")
		if err != nil || shown.LastRun == nil || shown.LastRun.LoadID != loads[0].ID || shown.Version != 1 {
			t.Errorf("after it fired: %+v, %v", shown, err)
		}
	})
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	for overlap, want := range map[schedule.Overlap][]string{
		schedule.Skip:  {"31 12:15 started", "31 12:30 skipped", "31 12:45 skipped", "31 13:00 started"},
		schedule.Queue: {"31 12:15 started", "31 12:30 merged", "31 12:45 started", "31 13:00 started"},
	} {
		t.Run(string(overlap), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, h *house) {
				h.create(t, schedule.Settings{Cron: "*/15 * * * *", Overlap: overlap})
				h.at(t, "2026-01-31T12:15:00Z")
				h.at(t, "2026-01-31T12:30:00Z") // it still waits
				claimed, err := h.store.ClaimLoad(t.Context(), load.Claim{
					Worker: "node", Now: h.clock.Now(), Until: h.clock.Now().Add(time.Hour), Crashes: 3,
					PerWorkspace: 2,
				})
				if err != nil {
					t.Fatal(err)
				}
				claimed.State = load.Reading
				if err := h.store.SaveLoad(t.Context(), nil, claimed, "node",
					h.clock.Now().Add(time.Hour)); err != nil {
					t.Fatal(err)
				}
				h.at(t, "2026-01-31T12:45:00Z") // it runs
				h.end(t)
				h.at(t, "2026-01-31T13:00:00Z")
				if diff := cmp.Diff(want, h.history(t)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

func TestCatchUp(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		settings schedule.Settings
		back     string // when the service runs again
		want     []string
		loads    int
	}{
		"none": {
			schedule.Settings{Every: time.Hour, CatchUp: schedule.None},
			"2026-01-31T15:30:00Z",
			[]string{"31 13:00 missed", "31 14:00 missed", "31 15:00 missed"},
			0,
		},
		"last": {
			schedule.Settings{Every: time.Hour},
			"2026-01-31T15:30:00Z",
			[]string{"31 13:00 missed", "31 14:00 missed", "31 15:00 started"},
			1,
		},
		"last, and one on time": {
			schedule.Settings{Every: time.Hour},
			"2026-01-31T15:00:20Z",
			[]string{"31 13:00 missed", "31 14:00 missed", "31 15:00 started"},
			1,
		},
		"last, a day ago": {
			schedule.Settings{Cron: "0 13 31 1 *"},
			"2026-02-01T13:00:00Z",
			[]string{"31 13:00 missed"},
			0,
		},
		"all, queued": {
			schedule.Settings{Every: time.Hour, CatchUp: schedule.All, Overlap: schedule.Queue},
			"2026-01-31T15:30:00Z",
			[]string{"31 13:00 started", "31 14:00 merged", "31 15:00 merged"},
			1,
		},
		"all, skipped": {
			schedule.Settings{Every: time.Hour, CatchUp: schedule.All},
			"2026-01-31T15:30:00Z",
			[]string{"31 13:00 started", "31 14:00 skipped", "31 15:00 skipped"},
			1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := build(t, storetest.Open(t))
			tc.settings.StartAt = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
			h.create(t, tc.settings)
			h.at(t, tc.back)
			h.at(t, tc.back)
			if diff := cmp.Diff(tc.want, h.history(t)); diff != "" {
				t.Error(diff)
			}
			if loads := h.queued(t); len(loads) != tc.loads {
				t.Errorf("%d loads, want %d", len(loads), tc.loads)
			}
		})
	}
}

func TestCatchUpOfManyIsBounded(t *testing.T) {
	t.Parallel()
	h := build(t, storetest.Open(t))
	h.create(t, schedule.Settings{Every: time.Minute, CatchUp: schedule.All, Overlap: schedule.Queue})
	h.at(t, "2026-03-31T12:00:30Z")
	all := 0
	for cursor := ""; ; {
		found, err := h.Runs(t.Context(), h.editor, h.workspace, "s", paging.Request{Limit: 1000, Cursor: cursor})
		if err != nil {
			t.Fatal(err)
		}
		if all += len(found.Items); found.Next == "" {
			break
		}
		cursor = found.Next
	}
	if all != 10_000 {
		t.Errorf("%d runs are recorded of two months of minutes", all)
	}
}

func TestPauseAndEdit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.create(t, schedule.Settings{Cron: "0 * * * *"})
		if _, err := h.Pause(t.Context(), h.editor, h.workspace, "s"); err != nil {
			t.Fatal(err)
		}
		h.at(t, "2026-01-31T14:30:00Z")
		if shown, err := h.Resume(t.Context(), h.editor, h.workspace, "s"); err != nil || shown.Paused {
			t.Fatal(shown, err)
		}
		h.at(t, "2026-01-31T14:30:01Z") // 13:00 and 14:00 fell in the pause
		h.at(t, "2026-01-31T15:00:00Z")
		h.end(t)
		every := 10 * time.Minute
		changed, err := h.Update(t.Context(), h.editor, h.workspace, "s", schedule.Change{Every: &every})
		if err != nil || changed.Cron != "" || changed.NextAt != time.Date(2026, 1, 31, 15, 10, 0, 0, time.UTC) {
			t.Fatalf("%+v, %v", changed, err)
		}
		h.at(t, "2026-01-31T15:10:00Z")
		if diff := cmp.Diff([]string{"31 15:00 started", "31 15:10 started"}, h.history(t)); diff != "" {
			t.Error(diff)
		}
		if _, err := h.Update(t.Context(), h.editor, h.workspace, "s", schedule.Change{Version: 2}); !problem.Is(err,
			problem.Conflict) {
			t.Errorf("a change of an old version: %v", err)
		}
	})
}

// A fire time isn't lost when the queue is full. A feed has one load of a schedule in it.
func TestFullQueueTakesFireTimes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.limit(1)
		first := load.Order{Source: "prices", Dataset: "other"}
		if _, err := h.loads.Start(t.Context(), h.editor, h.workspace, first); err != nil {
			t.Fatal(err)
		}
		_, err := h.loads.Start(t.Context(), h.editor, h.workspace, load.Order{Source: "prices", Dataset: "more"})
		if !problem.Is(err, problem.Unavailable) {
			t.Fatalf("a load of a person in a full queue: %v", err)
		}
		h.create(t, schedule.Settings{Cron: "* * * * *", Overlap: schedule.Queue})
		h.at(t, "2026-01-31T12:01:00Z")
		h.at(t, "2026-01-31T12:02:00Z")
		if diff := cmp.Diff([]string{"31 12:01 started", "31 12:02 merged"}, h.history(t)); diff != "" {
			t.Error(diff)
		}
		if loads := h.queued(t); len(loads) != 2 {
			t.Errorf("loads %+v", loads)
		}
	})
}

func TestRunNow(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.create(t, schedule.Settings{})
		if _, err := h.Pause(t.Context(), h.editor, h.workspace, "s"); err != nil {
			t.Fatal(err)
		}
		made, err := h.Run(t.Context(), h.editor, h.workspace, "s")
		if err != nil || made.By != h.editor.ID {
			t.Fatal(made, err)
		}
		if loads := h.queued(t); len(loads) != 1 || loads[0].ID != made.ID {
			t.Errorf("loads %+v", loads)
		}
		if diff := cmp.Diff([]string{"31 12:00 manual"}, h.history(t)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	h := build(t, storetest.Open(t))
	for name, tc := range map[string]struct {
		draft  schedule.Draft
		path   string
		reason string
	}{
		"fields": {schedule.Draft{Settings: schedule.Settings{Cron: "* *"}}, "cron", "cron.fields"},
		"time zone": {
			schedule.Draft{Settings: schedule.Settings{Cron: "@daily", TimeZone: "+02:00"}},
			"time_zone",
			"cron.time_zone",
		},
		"never":      {schedule.Draft{Settings: schedule.Settings{Cron: "0 0 30 2 *"}}, "cron", "cron.never"},
		"both":       {schedule.Draft{Settings: schedule.Settings{Cron: "@daily", Every: time.Hour}}, "every", ""},
		"a second":   {schedule.Draft{Settings: schedule.Settings{Every: time.Second}}, "every", ""},
		"two years":  {schedule.Draft{Settings: schedule.Settings{Every: 2 * 366 * 24 * time.Hour}}, "every", ""},
		"overlap":    {schedule.Draft{Settings: schedule.Settings{Overlap: "both"}}, "overlap", ""},
		"catch up":   {schedule.Draft{Settings: schedule.Settings{CatchUp: "some"}}, "catch_up", ""},
		"a name":     {schedule.Draft{Name: "a\nb"}, "name", ""},
		"no dataset": {schedule.Draft{Dataset: "-"}, "dataset", ""},
	} {
		tc.draft.Source = "prices"
		switch tc.draft.Dataset {
		case "":
			tc.draft.Dataset = "prices"
		case "-":
			tc.draft.Dataset = ""
		}
		_, err := h.Create(t.Context(), h.editor, h.workspace, tc.draft)
		refused := problem.From(err)
		if refused.Code != problem.Invalid || len(refused.Findings) != 1 || refused.Findings[0].Path != tc.path ||
			refused.Reason != tc.reason {
			t.Errorf("%s: %v %+v", name, err, refused)
		}
	}
	if _, err := h.Create(t.Context(), h.editor, h.workspace,
		schedule.Draft{Source: "nope", Dataset: "d"}); !problem.Is(err,
		problem.NotFound) {
		t.Errorf("an unknown source: %v", err)
	}
	viewer := h.editor
	viewer.Role = access.Viewer
	if _, err := h.Create(t.Context(), viewer, h.workspace,
		schedule.Draft{Source: "prices", Dataset: "d"}); !problem.Is(err,
		problem.Forbidden) {
		t.Errorf("a viewer: %v", err)
	}
}

// A schedule follows its dataset to another name, and pauses when the dataset is
// removed.
func TestDatasetOfASchedule(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.create(t, schedule.Settings{Every: time.Hour})
		now := h.clock.Now()
		prices := dataset.Dataset{
			ID: "ds_1", Workspace: h.workspace, Name: "Prices", CreatedAt: now, UpdatedAt: now,
		}
		if err := h.store.InsertDataset(t.Context(), prices); err != nil {
			t.Fatal(err)
		}
		prices.Name, prices.UpdatedAt = "quotes", now.Add(time.Second)
		if err := h.store.SaveDataset(t.Context(), prices, now); err != nil {
			t.Fatal(err)
		}
		if found, err := h.Get(t.Context(), h.editor, h.workspace, "s"); err != nil || found.Dataset != "quotes" {
			t.Errorf("after the dataset was renamed: %+v, %v", found, err)
		}
		stops, err := h.store.DatasetDependents(t.Context(), h.workspace, "ds_1", now)
		if err != nil || len(stops) != 1 || stops[0].Kind != "schedule" || stops[0].Name != "s" {
			t.Errorf("without the dataset stops %v, %v", stops, err)
		}
		if err := h.store.RemoveDataset(t.Context(), h.workspace, "ds_1", now); err != nil {
			t.Fatal(err)
		}
		if found, err := h.Get(t.Context(), h.editor, h.workspace, "s"); err != nil || !found.Paused {
			t.Errorf("after the dataset was removed: %+v, %v", found, err)
		}
		h.at(t, "2026-01-31T13:00:00Z")
		if got := h.history(t); len(got) != 0 {
			t.Errorf("it fired: %v", got)
		}
	})
}

// Removing a source removes its schedules.
func TestRemovalOfTheSource(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		made := h.create(t, schedule.Settings{Every: time.Hour})
		stops, err := h.store.SourceDependents(t.Context(), h.workspace, made.SourceID)
		if err != nil || !slices.ContainsFunc(stops,
			func(s impact.Stop) bool { return s.Kind == "schedule" && s.Name == "s" }) {
			t.Errorf("without the source stops %v, %v", stops, err)
		}
		if err := h.store.DeleteSource(t.Context(), h.workspace, made.SourceID, h.clock.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(t.Context(), h.editor, h.workspace, "s"); !problem.Is(err, problem.NotFound) {
			t.Errorf("the schedule is still there: %v", err)
		}
	})
}

func TestParseEvery(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"": 0, "15m": 15 * time.Minute, "90m": 90 * time.Minute, "6h": 6 * time.Hour, "7d": 7 * 24 * time.Hour,
		"366d": 366 * 24 * time.Hour,
	} {
		got, err := schedule.ParseEvery(text)
		if err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
		if back, err := schedule.ParseEvery(schedule.FormatEvery(got)); err != nil || back != want {
			t.Errorf("%q is written as %q", text, schedule.FormatEvery(got))
		}
	}
	for _, text := range []string{"m", "0m", "-1m", "+1m", "1", "1s", "1.5h", "367d", "99999999999h", "1h30m", "1 h"} {
		if got, err := schedule.ParseEvery(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// TestNodesAtOnce lets four nodes handle the same fire times.
func TestNodesAtOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h *house) {
		h.create(t, schedule.Settings{Every: time.Minute, Overlap: schedule.Queue})
		for minute := range 20 {
			h.clock.set(fmt.Sprintf("2026-01-31T12:%02d:00Z", minute+1))
			ticked := make(chan error, 4)
			for range cap(ticked) {
				node, _ := services(h.store, h.clock.Now, load.Limits{})
				go func() { ticked <- node.Tick(t.Context()) }()
			}
			for range cap(ticked) {
				if err := <-ticked; err != nil {
					t.Error(err)
				}
			}
		}
		if got := h.history(t); len(got) != 20 || len(h.queued(t)) != 1 {
			t.Errorf("%d runs and %d loads: %v", len(got), len(h.queued(t)), got)
		}
	})
}

// TestTwoNodes lets two nodes tick for 200 hours, each by its own timer.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	hours := 200
	if racing.Enabled {
		hours = 20
	}
	synctest.Test(t, func(t *testing.T) {
		s := storetest.Open(t)
		h := build(t, s)
		first, _ := services(s, time.Now, load.Limits{})
		second, loads := services(s, time.Now, load.Limits{})
		h.loads = loads
		start := time.Now()
		made, err := first.Create(t.Context(), h.editor, h.workspace, schedule.Draft{
			Name: "s", Source: "prices", Dataset: "prices",
			Settings: schedule.Settings{Cron: "0 * * * *", Overlap: schedule.Queue},
		})
		if err != nil {
			t.Fatal(err)
		}
		for range hours * 60 {
			time.Sleep(time.Minute)
			ticked := make(chan error, 2)
			for _, node := range []*schedule.Service{first, second} {
				go func() { ticked <- node.Tick(t.Context()) }()
			}
			for range cap(ticked) {
				if err := <-ticked; err != nil {
					t.Fatal(err)
				}
			}
		}
		runs, err := s.ScheduleRuns(t.Context(), made.ID, paging.Request{Limit: 1000})
		if err != nil || len(runs.Items) != hours {
			t.Fatalf("%d runs in %v, %v", len(runs.Items), time.Since(start), err)
		}
		if queued := h.queued(t); len(queued) != 1 {
			t.Errorf("%d loads are queued; later ones join the first", len(queued))
		}
	})
}
