package sources

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
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
		Sampled: "sales/2026/01/01.csv.gz", Index: "“region” is the first text column and “day” is the only date.",
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
		sample.New("source-new", "sources/new", &sourceNewPage{
			Frame: sample.Frame("Add a source", "/sources/data",
				page.Crumb{Name: "Sources"}), Action: "/sources/data/new", Through: through,
			Form: sourceForm{Name: "DATA_SOURCE_7KQ2M9XPA"},
		}),
		sample.New("source-edit", "sources/new", &sourceNewPage{
			Frame: sample.Frame("Edit", "/sources/data",
				page.Crumb{Name: "Sources"}), Source: source, Action: "/sources/data/src_1/edit",
			Form: sourceForm{Name: "Sales", Pattern: "sales/**/*.csv.gz", Format: "csv", Exclude: "**/_tmp/**"},
		}),
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
			Datasets: []page.Option{{Value: "ds_1", Name: "SALES"}}, Form: loadForm{Dataset: "SALES"},
		}),
	}
}
