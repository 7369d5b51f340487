package console

import (
	"time"
)

// sourcesSamples returns the pages in each of their states.
func sourcesSamples() []fixture {
	source := sourceView{
		ID: "src_1", Name: "Sales exports", Bucket: "harbour-exports", Pattern: "sales/**/*.csv.gz",
		Format: "csv", Exclude: []string{"**/_tmp/**"}, Through: "Sales exports",
		ThroughPath: "/sources/integrations/int_1", CreatedAt: fixtureTime.Add(-time.Hour),
		UpdatedAt: fixtureTime.Add(-time.Hour),
	}
	preview := &previewView{
		Sampled: "sales/2026/01/01.csv.gz", Index: "“region” is the first text column and “day” the only date.",
		Columns: []columnView{
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
				Key: "sales/2026/01/01.csv.gz", Size: 18_204, Modified: fixtureTime.Add(-300 * time.Hour),
				Outcome: "loaded", Rows: 365,
			},
			{Key: "sales/2026/01/02.csv.gz", Size: 17_611, Modified: fixtureTime.Add(-280 * time.Hour), Outcome: "new"},
			{
				Key: "sales/README.txt", Size: 611, Modified: fixtureTime.Add(-280 * time.Hour), Outcome: "not-matched",
				Reason: "README.txt is not *.csv.gz",
			},
		},
	}
	through := []option{{"int_1", "Sales exports (AWS integration)"}}
	return []fixture{
		sampleOf("sources-empty", "sources", &sourcesPage{shell: shellOf("Data sources", "/sources/data",
			crumb{Name: "Sources"})}),
		sampleOf("sources", "sources", &sourcesPage{shell: shellOf("Data sources", "/sources/data",
			crumb{Name: "Sources"}), Sources: []sourceView{source, source}, CanAdd: true}),
		sampleOf("source-new", "source_new", &sourceNewPage{
			shell: shellOf("Add a source", "/sources/data",
				crumb{Name: "Sources"}), Action: "/sources/data/new", Through: through,
			Form: sourceForm{Name: "DATA_SOURCE_7KQ2M9XPA"},
		}),
		sampleOf("source-edit", "source_new", &sourceNewPage{
			shell: shellOf("Edit", "/sources/data",
				crumb{Name: "Sources"}), Source: source, Action: "/sources/data/src_1/edit",
			Form: sourceForm{Name: "Sales", Pattern: "sales/**/*.csv.gz", Format: "csv", Exclude: "**/_tmp/**"},
		}),
		sampleOf("source-new-preview", "source", &sourcePage{shell: shellOf("Sales exports", "/sources/data", crumb{Name: "Sources"}), Source: source}),
		sampleOf("source-denied", "source", &sourcePage{
			shell: shellOf("Sales exports", "/sources/data",
				crumb{Name: "Sources"}), Source: source,
			Preview: &previewView{
				Problem: &problemView{
					Message: "The integration Sales exports is not verified, so nothing is read through it.",
					Hint:    "Verify it first.",
				},
			},
		}),
		sampleOf("source", "source", &sourcePage{
			shell: shellOf("Sales exports", "/sources/data",
				crumb{Name: "Sources"}, crumb{"Data sources", "/sources/data"}), Source: source, Preview: preview,
			Datasets: []option{{"ds_1", "SALES"}}, Form: loadForm{Dataset: "SALES"},
		}),
	}
}
