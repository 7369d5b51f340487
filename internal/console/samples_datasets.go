package console

import (
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// datasetsSamples returns the pages in each of their states.
func datasetsSamples() []fixture {
	return []fixture{
		sampleOf("datasets-empty", "datasets", &datasetsPage{shell: shellOf("Datasets", "/datasets")}),
		sampleOf("datasets", "datasets", &datasetsPage{
			shell:    shellOf("Datasets", "/datasets"),
			Datasets: []datasetView{fixtureDataset(), fixtureDataset()},
			Removed:  []datasetView{fixtureRemovedDataset()}, Next: "?cursor=x",
		}),
		sampleOf("dataset", "dataset", &datasetPage{
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
		}),
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
