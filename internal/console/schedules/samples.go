package schedules

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/schedule"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	morning := scheduleView{
		ID: "sched_1", Name: "Weekday mornings", Dataset: "SALES", Source: "Sales exports",
		SourcePath: "/sources/data/src_1", When: "0 6 * * 1-5", Zone: "Europe/Berlin",
		NextRuns: []string{
			"Mon 23 Nov 2026, 06:00 CET", "Tue 24 Nov 2026, 06:00 CET", "Wed 25 Nov 2026, 06:00 CET",
		},
		Last: &runView{
			At: sample.Time.Add(-4 * time.Hour), State: schedule.Started, LoadPath: "/loads/load_1",
		},
		Overlap: overlaps[schedule.Skip], CatchUp: catchUps[schedule.Last], CreatedAt: sample.Time.Add(-72 * time.Hour),
	}
	paused := morning
	paused.ID, paused.Name, paused.When, paused.Paused = "sched_2", "Often", "Every 15m", true
	paused.NextRuns, paused.Last = nil, nil
	byHand := paused
	byHand.ID, byHand.Name, byHand.When, byHand.Zone, byHand.Paused = "sched_3", "Month's end", "By hand", "", false
	runs := []runView{*morning.Last}
	for i, state := range []schedule.RunState{
		schedule.Manual, schedule.Merged, schedule.Skipped, schedule.Missed, schedule.Failed,
	} {
		run := runView{At: sample.Time.Add(-time.Duration(i+2) * 24 * time.Hour), State: state}
		switch state {
		case schedule.Skipped:
			run.Reason = "The load load_06h06hqhb6gtcr3q3jgb1g7ptm hasn't ended."
		case schedule.Missed:
			run.Reason = "The service was down at the fire time."
		case schedule.Failed:
			run.Reason = "10000 loads are queued in this workspace, the most that is allowed."
		default:
			run.LoadPath = "/loads/load_1"
		}
		runs = append(runs, run)
	}
	crumb := page.Crumb{Name: "Schedules", Path: root}
	sources := []page.Option{{Value: "src_1", Name: "Sales exports"}}
	return []sample.Page{
		sample.New("schedules-empty", "schedules/schedules", &listPage{
			Frame: sample.Frame("Schedules", root), CanAdd: true,
		}),
		sample.New("schedules", "schedules/schedules", &listPage{
			Frame: sample.Frame("Schedules", root), Schedules: []scheduleView{morning, paused, byHand}, CanAdd: true,
		}),
		sample.New("schedule-new", "schedules/form", &formPage{
			Frame: sample.Frame("Add a schedule", root, crumb), Action: root + "/new", Sources: sources,
			Datasets: []page.Option{{Value: "ds_1", Name: "SALES"}},
			Form:     form{When: "cron", Cron: "0 6 * * *", Zone: "UTC", Every: "15m"},
		}),
		sample.New("schedule-edit", "schedules/form", &formPage{
			Frame: sample.Frame("Edit", root, crumb), Schedule: morning, Action: root + "/sched_1/edit",
			Form: form{Name: "Weekday mornings", When: "cron", Cron: "61 6 * * *", Zone: "Europe/Berlin"},
		}),
		sample.New("schedule", "schedules/schedule", &schedulePage{
			Frame: sample.Frame("Weekday mornings", root, crumb), Schedule: morning, Runs: runs,
		}),
		sample.New("schedule-paused", "schedules/schedule", &schedulePage{
			Frame: sample.Frame("Often", root, crumb), Schedule: paused,
		}),
	}
}
