package datasets

import (
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	return []sample.Page{
		sample.New("datasets-empty", "datasets/datasets", &datasetsPage{Frame: sample.Frame("Datasets", "/datasets")}),
		sample.New("datasets", "datasets/datasets", &datasetsPage{
			Frame:    sample.Frame("Datasets", "/datasets"),
			Datasets: []datasetView{sampleDataset(), sampleDataset()},
			Removed:  []datasetView{sampleRemoved()}, Next: "?cursor=x",
		}),
		sample.New("dataset", "datasets/dataset", &datasetPage{
			Frame: sample.Frame("STOCKS", "/datasets",
				page.Crumb{Name: "Datasets", Path: "/datasets"}), Dataset: sampleDataset(),
			RequestURL: "http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=1&token=TOKEN",
			Curl:       "curl -H 'Authorization: Bearer TOKEN' \\\n  'http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=1'",
			Run: requestRun{
				Key:  "AAPL",
				Last: 2, Response: &responseView{
					Status: "200 OK",
					Rows:   2, Took: 840 * time.Microsecond, Text: "[\n  {\n    \"date\": \"2010-03-01\",\n    \"price\": 223.02,\n    \"symbol\": \"AAPL\"\n  }\n]",
				},
			}, Loads: sample.Loads()[1:2],
			Drift: []dataset.Drift{{
				LoadID: "load_1", At: sample.Time.Add(-time.Hour), DriftFacts: dataset.DriftFacts{
					Kind: dataset.Widened, Column: "price", Outcome: dataset.DriftWidened, From: "integer",
					To:     "number",
					Object: "stocks/2010.csv", Line: 12, Value: "223.02", Rows: 548,
				},
			}},
		}),
	}
}

func sampleDataset() datasetView {
	return datasetView{
		ID: "ds_1", Name: "STOCKS", Title: "Daily closing prices", Rows: 560, Bytes: 48_219,
		CreatedAt: sample.Time.Add(-9 * 24 * time.Hour), UpdatedAt: sample.Time.Add(-time.Hour),
		Index: dataset.Index{
			Key: "symbol", Date: "date", Guessed: true, Distinct: true,
			Reason: "“symbol” is the first text column and “date” the only date; together they tell every row of the sample apart.",
		},
		Columns: []view.Column{
			{Name: "symbol", Type: "string", Part: "key", Required: true},
			{Name: "date", Type: "date", Format: "Jan 2 2006", Part: "date", Required: true},
			{Name: "price", Type: "number", AllowNull: true},
		},
	}
}

func sampleRemoved() datasetView {
	d := sampleDataset()
	d.RemovedAt = sample.Time
	return d
}
