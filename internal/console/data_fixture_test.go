package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
)

// dataFixtures are the pages of sources, datasets and loads.
func dataFixtures() []fixture {
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
	doneLoad := fixtureLoads()[1]
	doneLoad.Rejected = 3
	doneLoad.Unread = []load.Problem{{
		Key:    "flights/broken.parquet",
		Reason: "The footer is missing: the file was cut off.",
	}}
	doneLoad.Notes = []string{"The column “delay” was read as number: 3 of the first 1,000 values have a fraction."}
	return []fixture{
		{"sources-empty", "sources", "layout", &sourcesPage{shell: shellOf("Data sources", "/sources/data",
			crumb{Name: "Sources"})}},
		{"sources", "sources", "layout", &sourcesPage{shell: shellOf("Data sources", "/sources/data",
			crumb{Name: "Sources"}), Sources: []sourceView{source, source}, CanAdd: true}},
		{"source-new", "source_new", "layout", &sourceNewPage{
			shell: shellOf("Add a source", "/sources/data",
				crumb{Name: "Sources"}), Action: "/sources/data/new", Through: through,
			Form: sourceForm{Name: "DATA_SOURCE_7KQ2M9XPA"},
		}},
		{"source-edit", "source_new", "layout", &sourceNewPage{
			shell: shellOf("Edit", "/sources/data",
				crumb{Name: "Sources"}), Source: source, Action: "/sources/data/src_1/edit",
			Form: sourceForm{Name: "Sales", Pattern: "sales/**/*.csv.gz", Format: "csv", Exclude: "**/_tmp/**"},
		}},
		{
			"source-new-preview", "source", "layout",
			&sourcePage{shell: shellOf("Sales exports", "/sources/data", crumb{Name: "Sources"}), Source: source},
		},
		{"source-denied", "source", "layout", &sourcePage{
			shell: shellOf("Sales exports", "/sources/data",
				crumb{Name: "Sources"}), Source: source,
			Preview: &previewView{
				Problem: &problemView{
					Message: "The integration Sales exports is not verified, so nothing is read through it.",
					Hint:    "Verify it first.",
				},
			},
		}},
		{"source", "source", "layout", &sourcePage{
			shell: shellOf("Sales exports", "/sources/data",
				crumb{Name: "Sources"}, crumb{"Data sources", "/sources/data"}), Source: source, Preview: preview,
			Datasets: []option{{"ds_1", "SALES"}}, Form: loadForm{Dataset: "SALES"},
		}},
		{"datasets-empty", "datasets", "layout", &datasetsPage{shell: shellOf("Datasets", "/datasets")}},
		{"datasets", "datasets", "layout", &datasetsPage{
			shell:    shellOf("Datasets", "/datasets"),
			Datasets: []datasetView{fixtureDataset(), fixtureDataset()},
			Removed:  []datasetView{fixtureRemovedDataset()}, Next: "?cursor=x",
		}},
		{"dataset", "dataset", "layout", &datasetPage{
			shell: shellOf("STOCKS", "/datasets",
				crumb{"Datasets", "/datasets"}), Dataset: fixtureDataset(),
			RequestURL: "http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=1&token=TOKEN",
			Curl:       "curl -H 'Authorization: Bearer TOKEN' \\\n  'http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=1'",
			Run: requestRun{
				Key:  "AAPL",
				Last: 2, Response: &responseView{
					Status: "200 OK",
					Rows:   2, Took: 840 * time.Microsecond, Text: "[\n  {\n    \"date\": \"2010-03-01\",\n    \"price\": 223.02,\n    \"symbol\": \"AAPL\"\n  }\n]",
				},
			}, Loads: fixtureLoads()[1:2],
		}},
		{"loads-empty", "loads", "layout", &loadsPage{shell: shellOf("Loads", "/loads")}},
		{"loads", "loads", "layout", &loadsPage{shell: shellOf("Loads", "/loads"), Loads: fixtureLoads()}},
		{"load-running", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load:  fixtureLoads()[0],
		}},
		{"load-done", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}), Load: doneLoad,
			Rejects: []dataset.Rejected{{
				Object: "sales/2026/01/01.csv.gz", Line: 418, Column: "units", Value: "twelve",
				Reason: "“twelve” is no integer",
			}, {
				Object: "sales/2026/01/09.csv.gz", Line: 7,
				Reason: "the line has 5 fields, the header 4",
			}},
		}},
		{"load-queued", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load: loadView{
				ID: "load_1", State: "queued", Source: "Sales exports", Dataset: "SALES",
				CreatedAt: fixtureTime,
			},
		}},
		{"load-failed", "load", "layout", &loadPage{
			shell: shellOf("Load", "/loads", crumb{"Loads", "/loads"}),
			Load:  fixtureLoads()[2],
		}},
	}
}

func fixtureLoads() []loadView {
	return []loadView{
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zc", State: "reading", Source: "Sales exports",
			SourcePath: "/sources/data/src_1", Dataset: "SALES", DatasetPath: "/datasets/SALES", Objects: 48, Done: 31,
			Rows: 1_204_511, Rejected: 3, Bytes: 611_000_000, BytesRead: 402_000_000,
			CreatedAt: fixtureTime.Add(-20 * time.Second), Took: 12 * time.Second,
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zd", State: "loaded", Source: "Flights", Dataset: "FLIGHTS",
			DatasetPath: "/datasets/FLIGHTS", Objects: 3, Done: 3, Known: 2, Rows: 3_000_000, Bytes: 13_493_022,
			BytesRead: 13_493_022, CreatedAt: fixtureTime.Add(-time.Hour), Took: 4200 * time.Millisecond,
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1ze", State: "failed", Source: "Weather", Dataset: "WEATHER",
			CreatedAt: fixtureTime.Add(-3 * time.Hour), Took: 300 * time.Millisecond,
			Problem: &problemView{
				Message: "weather/2026-11-20.csv.gz ends in the middle of its gzip stream.",
				Hint:    "Upload it again whole, then load again: it counts as a new object.",
			},
		},
		{
			ID: "load_01kjq7m2r5x8v3n6p9t4w0y1zf", State: "cancelled", Source: "Sales exports", Dataset: "SALES",
			DatasetPath: "/datasets/SALES", CreatedAt: fixtureTime.Add(-26 * time.Hour),
		},
	}
}

func fixtureDataset() datasetView {
	return datasetView{
		ID: "ds_1", Name: "STOCKS", Title: "Daily closing prices", Rows: 560, Bytes: 48_219,
		CreatedAt: fixtureTime.Add(-9 * 24 * time.Hour), UpdatedAt: fixtureTime.Add(-time.Hour),
		Index: dataset.Index{
			Key: "symbol", Date: "date", Guessed: true, Distinct: true,
			Reason: "“symbol” is the first text column and “date” the only date; together they tell every row of the sample apart.",
		},
		Columns: []columnView{
			{Name: "symbol", Type: "string", Part: "key", Required: true},
			{Name: "date", Type: "date", Format: "Jan 2 2006", Part: "date", Required: true},
			{Name: "price", Type: "number", AllowNull: true},
		},
	}
}

func fixtureRemovedDataset() datasetView {
	d := fixtureDataset()
	d.RemovedAt = fixtureTime
	return d
}
