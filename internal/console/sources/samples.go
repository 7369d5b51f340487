package sources

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/problem"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	source := sourceView{
		ID: "src_1", Name: "Sales exports", Bucket: "harbour-exports", Pattern: "sales/**/*.csv.gz",
		Format: "csv", Exclude: []string{"**/_tmp/**"}, Through: "Sales exports",
		ThroughPath: "/sources/integrations/int_1", CreatedAt: sample.Time.Add(-time.Hour),
		UpdatedAt: sample.Time.Add(-time.Hour),
	}
	preview := &previewView{
		Sampled: "sales/2026/01/01.csv.gz", Match: 2, Of: 3,
		Rejected: []string{"Line 4: units should be integer"}, Notes: []string{"The delimiter is a semicolon."},
		Settings: []settingView{
			{"delimiter", ";"},
			{"header", "true"},
		}, Index: "“region” is the first text column and “day” is the only date.",
		Columns: []view.Column{
			{Name: "region", Type: "string"},
			{Name: "day", Type: "date"},
			{Name: "units", Type: "integer"},
			{Name: "revenue", Type: "number"},
		},
		Rows: [][]string{
			{"north", "2026-01-01", "120", "4310.5"},
			{"south", "2026-01-01", "88", "2914"},
			{"east", "2026-01-01", "97", "3301.25"},
		},
		Objects: []objectView{
			{
				Key: "sales/2026/01/01.csv.gz", Size: 18_204, Modified: sample.Time.Add(-300 * time.Hour),
				Outcome: "loaded", Rows: 365,
			},
			{Key: "sales/2026/01/02.csv.gz", Size: 17_611, Modified: sample.Time.Add(-280 * time.Hour), Outcome: "new"},
			{
				Key: "sales/README.txt", Size: 611, Modified: sample.Time.Add(-280 * time.Hour), Outcome: "not-matched",
				Reason: "README.txt is not *.csv.gz",
			},
		},
	}
	through := []page.Option{{Value: "int_1", Name: "Sales exports (AWS integration)"}}
	return []sample.Page{
		sample.New("sources-empty", "sources/sources", &sourcesPage{Frame: sample.Frame("Data sources", "/sources/data",
			page.Crumb{Name: "Sources"})}),
		sample.New("sources", "sources/sources", &sourcesPage{Frame: sample.Frame("Data sources", "/sources/data",
			page.Crumb{Name: "Sources"}), Sources: []sourceView{source, source}, CanAdd: true}),
		newSample("source-new", through, sourceForm{Name: "DATA_SOURCE_7KQ2M9XPA", Settings: presets()}, nil, nil),
		newSample("source-new-typed", through, typedForm(), preview, nil),
		newSample("source-new-rejected", through, typedForm(), &previewView{Problem: &page.Problem{
			Message: "The pattern s3://harbour-exports/private/* is outside the integration’s locations.",
			Hint:    "The locations are s3://harbour-exports/sales/.",
		}}, problem.New(problem.Invalid, "The source is invalid: schedule.cron.").WithFindings(
			problem.Finding{Path: "schedule.cron", Message: "minute is 99, and must be 0 to 59"},
			problem.Finding{Path: "feed.objects_at_once", Message: "must be from 1 to 64"},
		)),
		editSample(source),
		feedSample(source),
		sample.New("source-new-preview", "sources/source",
			&sourcePage{
				Frame:  sample.Frame("Sales exports", "/sources/data", page.Crumb{Name: "Sources"}),
				Source: source,
			}),
		sample.New("source-denied", "sources/source", &sourcePage{
			Frame: sample.Frame("Sales exports", "/sources/data",
				page.Crumb{Name: "Sources"}), Source: source,
			Preview: &previewView{
				Problem: &page.Problem{
					Message: "The integration Sales exports is not verified, so Windlass reads nothing through it.",
					Hint:    "Verify it first.",
				},
			},
		}),
		sample.New("source", "sources/source", &sourcePage{
			Frame: sample.Frame("Sales exports", "/sources/data",
				page.Crumb{Name: "Sources"}, page.Crumb{Name: "Data sources", Path: "/sources/data"}), Source: source,
			Preview:  preview,
			Feeds:    []feedView{{ID: "feed_1", Dataset: "SALES", Path: "/sources/data/src_1/feeds/feed_1"}},
			Datasets: []page.Option{{Value: "ds_1", Name: "SALES"}}, Form: loadForm{Dataset: "SALES"},
		}),
	}
}

// typedForm is the form of a source that is nearly ready.
func typedForm() sourceForm {
	form := sourceForm{
		Name: "Sales", Through: "int_1", Bucket: "harbour-exports", Pattern: "sales/**/*.csv.gz", Dataset: "SALES",
		Settings: presets(),
	}
	form.Settings.Set("when", "cron")
	form.Settings.Set("schedule.cron", "99 6 * * *")
	form.Settings.Set("feed.columns", "from=Customer Name,name=customer,type=string")
	form.Settings.Set("feed.objects_at_once", "99")
	form.Settings.Set("format.delimiter", ";")
	return form
}

func newSample(name string, through []page.Option, form sourceForm, preview *previewView, rejection error) sample.Page {
	p := &sourceNewPage{
		Frame: sample.Frame("Add a source", "/sources/data", page.Crumb{Name: "Sources"}), Action: "/sources/data/new",
		Through: through, Form: form, Preview: preview,
	}
	p.Problem = page.ProblemOf(rejection)
	p.sections()
	return sample.New(name, "sources/new", p)
}

func editSample(source sourceView) sample.Page {
	p := &sourceNewPage{
		Frame: sample.Frame("Edit", "/sources/data", page.Crumb{Name: "Sources"}), Source: source,
		Action: "/sources/data/src_1/edit",
		Form: sourceForm{
			Name: "Sales", Pattern: "sales/**/*.csv.gz", Exclude: "**/_tmp/**", Settings: formatValues(&source.Settings),
		},
	}
	p.sections()
	return sample.New("source-edit", "sources/new", p)
}

func feedSample(source sourceView) sample.Page {
	p := &feedPage{
		Frame: sample.Frame("Loading into SALES", "/sources/data", page.Crumb{Name: "Sources"}), Source: source,
		Feed: feedView{ID: "feed_1", Dataset: "SALES", Path: "/sources/data/src_1/feeds/feed_1"},
	}
	settings := feed.Defaults()
	p.sections(feedValues(&settings))
	return sample.New("source-feed", "sources/feed", p)
}
