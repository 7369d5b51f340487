package home

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/load"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	dark := sample.Frame("Home", "/")
	dark.Theme = "dark"
	return []sample.Page{
		sample.New("home-new", "home/home", &homePage{Frame: sample.Frame("Home", "/"), Steps: sampleSteps(0)}),
		sample.New("home-half", "home/home", &homePage{Frame: dark, Steps: sampleSteps(2), Loads: sample.Loads()[2:]}),
		sample.New("home", "home/home", sampleHome()),
		sample.New("home-quiet", "home/home", &homePage{
			Frame: sample.Frame("Home", "/"), Figures: sampleHome().Figures, Freshness: sampleHome().Freshness[2:],
		}),
		sample.New("attention", "home/attention", &attentionPage{
			Frame: sample.Frame("Needs attention", "/attention"), Items: sampleHome().Attention,
		}),
		sample.New(
			"attention-none",
			"home/attention",
			&attentionPage{Frame: sample.Frame("Needs attention", "/attention")},
		),
	}
}

func sampleHome() *homePage {
	var loads []load.Load
	names := []string{"prices", "orders", "flow", "wells", "pumps", "quality", "tariffs"}
	for n := range 40 {
		l := load.Load{
			Dataset: names[n%len(names)], DatasetID: "ds_1",
			State: load.Loaded, Progress: load.Progress{Rows: int64(n%5*1200 + 90)},
			EndedAt: sample.Time.AddDate(0, 0, -n*2/3),
		}
		switch n % 9 {
		case 4:
			l.State, l.Progress.Rows = load.Failed, 0
		case 7:
			l.Outcome = load.Partial
		}
		loads = append(loads, l)
	}
	history := view.HistoryOf(loads, chartDays, sample.Time)
	return &homePage{
		Frame: sample.Frame("Home", "/"), Loads: sample.Loads(),
		Charts: []*view.Bars{history.Rows("rows-chart"), history.Outcomes("loads-chart")},
		Figures: []homeFigure{
			{"table-2", "Datasets", "14", "5.2 M rows", "/datasets"},
			{"shield-check", "Integrations", "1", "verified", "/sources/credentials"},
			{"folder-open", "Sources", "12", "all loading", "/sources/data"},
			{"fingerprint", "API tokens", "3", "1 secret", "/tokens"},
		},
		Attention: []attention{
			{
				Tone: "bad", Icon: "shield-alert", Title: "Integration Archive is failing",
				Text: "Windlass can no longer assume the role with the External ID.", Link: "See what to change",
				Path: "/sources/integrations/int_1",
			},
			{
				Tone: "warn", Icon: "hourglass", Title: "Schedule nightly is late", Link: "Open schedule",
				Path: "/schedules/sched_1", Since: sample.Time.Add(-time.Hour),
			},
		},
		Freshness: []freshness{
			{
				Name:     "orders",
				Path:     "/datasets/orders",
				Updated:  sample.Time.Add(-50 * time.Hour),
				Age:      50 * time.Hour,
				Expected: day,
			},
			{Name: "flow", Path: "/datasets/flow", Updated: sample.Time.Add(-time.Hour), Age: time.Hour, Expected: day},
			{Name: "wells", Path: "/datasets/wells", Updated: sample.Time.Add(-9 * day), Age: 9 * day},
		},
		Upcoming: []upcoming{{
			Name: "orders-daily", Path: "/schedules/sched_1", Dataset: "orders", Run: "/schedules/sched_1/runs",
			At: sample.Time.Add(9 * time.Minute),
		}},
	}
}

const day = 24 * time.Hour

func sampleSteps(done int) []homeStep {
	steps := []homeStep{
		{
			Name: "Connect your bucket",
			Text: "Create an AWS integration: a role in your account that opens exactly the locations you declare.",
			Verb: "Create AWS integration",
			Path: "/sources/integrations/new",
		},
		{
			Name: "Name your data",
			Text: "Add a source: choose the objects and their format. You see a preview before anything is loaded.",
			Verb: "Add a source",
			Path: "/sources/data/new",
		},
		{
			Name: "Load it", Text: "Windlass loads each object once and keeps rejected rows with the " +
				"reason.", Verb: "Load now",
			Path: "/sources/data",
		},
		{
			Name: "Read it from an app", Text: "Create a token and try the sample request.", Verb: "Create a token",
			Path: "/tokens",
		},
	}
	for i := range steps {
		switch {
		case i < done:
			steps[i].State = "done"
		case i == done:
			steps[i].State = "now"
		default:
			steps[i].State = "later"
		}
	}
	return steps
}
