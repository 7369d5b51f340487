package datasets

import (
	"encoding/json"
	"net/url"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/load"
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
		sample.New("datasets-no-match", "datasets/datasets", &datasetsPage{
			Frame: sample.Frame("Datasets", "/datasets"), Query: "flows",
		}),
		sample.New("dataset", "datasets/rows", sampleRows("order=date.desc")),
		sample.New("dataset-row", "datasets/rows", sampleRows("price=gt.20&row=1")),
		sample.New("dataset-no-match", "datasets/rows", sampleNoRows("price=gt.9000&symbol=ilike.*aa*")),
		sample.New("dataset-no-rows", "datasets/rows", sampleNoRows("")),
		sample.New("dataset-row-new", "datasets/row", sampleNewRow()),
		sample.New("dataset-row-edit", "datasets/row", sampleEditRow()),
		sample.New("dataset-rows-delete", "datasets/delete", sampleDelete(560)),
		sample.New("dataset-rows-delete-many", "datasets/delete", sampleDelete(7197)),
		sample.New("dataset-failed", "datasets/rows", sampleFailed()),
		sample.New("dataset-schema", "datasets/schema", sampleSchema(nil)),
		sample.New("dataset-dry-run", "datasets/schema", sampleSchema(sampleReport())),
		sample.New("dataset-schema-viewer", "datasets/schema", sampleReader()),
		sample.New("dataset-api", "datasets/api", sampleAPI()),
		sample.New("dataset-loads", "datasets/loads", &loadsPage{
			datasetFrame: sampleFrame("loads"), Loads: sample.Loads()[1:2],
			Charts: chartsOf([]load.Load{{
				Dataset: "STOCKS", State: load.Loaded, EndedAt: sample.Time, Progress: load.Progress{Rows: 560},
			}}, sample.Time),
			Drift: []dataset.Drift{{
				LoadID: "load_1", At: sample.Time.Add(-time.Hour), DriftFacts: dataset.DriftFacts{
					Kind: dataset.Widened, Column: "price", Outcome: dataset.DriftWidened, From: "integer",
					To:     "number",
					Object: "stocks/2010.csv", Line: 12, Value: "223.02", Rows: 548,
				},
			}},
		}),
		sample.New("dataset-loads-none", "datasets/loads", &loadsPage{datasetFrame: sampleFrame("loads")}),
		sample.New("dataset-usage", "datasets/usage", sampleUsage()),
		sample.New("dataset-usage-none", "datasets/usage", &usagePage{datasetFrame: sampleFrame("usage")}),
		sample.New("dataset-settings", "datasets/settings", &settingsPage{
			datasetFrame: sampleFrame("settings"), Form: settingsForm{Name: "STOCKS", Title: "Daily closing prices"},
		}),
	}
}

func sampleFrame(part string) datasetFrame {
	d := sampleDataset()
	return datasetFrame{
		Frame: sample.Frame("STOCKS", "/datasets", page.Crumb{Name: "Datasets", Path: "/datasets"},
			page.Crumb{Name: "STOCKS"}),
		Dataset: d, Tabs: tabsOf(d, part), Writes: true,
		found: dataset.Dataset{ID: "ds_1", Name: "STOCKS", Version: 3, Schema: dataset.Schema{
			Columns: []dataset.Column{
				{Name: "symbol", Type: dataset.String, Required: true},
				{Name: "date", Type: dataset.Date, Required: true},
				{Name: "price", Type: dataset.Decimal, Precision: 12, Scale: 2, AllowNull: true},
				{Name: "note", Type: dataset.String, AllowNull: true},
			},
			Index: dataset.Index{Key: "symbol", Date: "date"},
		}},
	}
}

func sampleRows(address string) *rowsPage {
	p := samplePage(address)
	p.found.Schema.Index.Unique = true
	p.Insert, p.Edits, p.Deletes = "/datasets/STOCKS/rows/new", true, true
	if p.Filtered() {
		p.Remove = p.Query.at("/rows/delete")
	}
	p.show(&foundRows{exact: true, span: "rows 100-102/560", next: "c2", rows: []map[string]any{
		{"symbol": "AAPL", "date": "2010-03-01", "price": json.Number("223.02"), "note": "Ex-dividend"},
		{"symbol": "AAPL", "date": "2010-02-01", "price": json.Number("204.62"), "note": nil},
		{"symbol": "AMZN", "date": "2010-03-01", "price": json.Number("128.82"), "note": ""},
	}}, p.found.Schema.Columns)
	return p
}

func samplePage(address string) *rowsPage {
	p := &rowsPage{datasetFrame: sampleFrame(""), Operators: operatorOptions, Matching: -1}
	p.Query = readRows(queryOf(address), p.Dataset.Path(), &p.found.Schema)
	for _, format := range []delivery.Format{delivery.CSV, delivery.NDJSON, delivery.Parquet} {
		p.Downloads = append(p.Downloads, page.Option{Value: p.Query.download(format), Name: downloadNames[format]})
	}
	return p
}

func sampleNoRows(address string) *rowsPage {
	p := samplePage(address)
	p.show(&foundRows{exact: true, span: "rows */0"}, p.found.Schema.Columns)
	return p
}

func sampleFailed() *rowsPage {
	p := samplePage("price=gt.cheap")
	p.Failed = &page.Problem{Message: "price: cheap isn’t a number.", Hint: "Write digits, as in 12.5."}
	return p
}

func sampleSchema(report *schemaReport) *schemaPage {
	f := sampleFrame("schema")
	p := &schemaPage{datasetFrame: f, Types: typeNames, Form: formOf(&f.found), Report: report}
	p.Form.Opened = report != nil
	for n, c := range p.Dataset.Columns {
		p.Columns = append(p.Columns, schemaColumn{Column: c, Measured: true, Nulls: int64(n)})
	}
	p.Columns[2].Min = view.CellOf(json.Number("18.02"), dataset.Decimal)
	p.Columns[2].Max = view.CellOf(json.Number("223.02"), dataset.Decimal)
	return p
}

func sampleReader() *schemaPage {
	p := sampleSchema(nil)
	p.Writes, p.Large = false, "/datasets/STOCKS/schema?measure=1"
	return p
}

func sampleReport() *schemaReport {
	dry, whole := "223.02", "dry"
	return &schemaReport{
		Rows: 560, Rejected: 12, Converts: 548, Rounds: 3, Duplicates: 1, Apply: alter.Convert,
		Outcomes: []schemaOutcome{
			{Text: "Change price to integer", Converts: 548, Rejects: 12, Rounds: 3, Samples: []schemaSample{
				{
					Key:      "AAPL",
					From:     sampleCell(&whole),
					To:       sampleCell(nil),
					Reason:   "isn’t a whole number",
					Rejected: true,
				},
				{Key: "AMZN", From: sampleCell(&dry), To: sampleCell(&whole)},
			}},
		},
	}
}

func sampleAPI() *apiPage {
	p := &apiPage{
		datasetFrame: sampleFrame("api"), Operators: operatorOptions, Formats: apiFormats,
		URL:     "http://127.0.0.1:8080/v1/data/HARBOUR/STOCKS/AAPL?last=2",
		Request: apiRequest{Key: "AAPL", Last: 2, Format: delivery.JSON},
	}
	p.Samples = codeSamples(p.URL, delivery.JSON)
	p.Response = &responseView{
		Status: "200 OK", Rows: 2, Took: 840 * time.Microsecond, Bytes: 812, Language: "json",
		Text: "[\n  {\n    \"date\": \"2010-03-01\",\n    \"price\": 223.02,\n    \"symbol\": \"AAPL\"\n  }\n]",
	}
	return p
}

func sampleDataset() datasetView {
	return datasetView{
		ID: "ds_1", Name: "STOCKS", Title: "Daily closing prices", Rows: 560, Bytes: 48_219, Version: 3,
		CreatedAt: sample.Time.Add(-9 * 24 * time.Hour), UpdatedAt: sample.Time.Add(-time.Hour),
		Index: dataset.Index{
			Key: "symbol", Date: "date", Guessed: true, Distinct: true,
			Reason: "“symbol” is the first text column and “date” the only date; together they are unique in every " +
				"row of the sample.",
		},
		Columns: []view.Column{
			{Name: "symbol", Type: "string", Part: "key", Required: true},
			{Name: "date", Type: "date", Format: "Jan 2 2006", Part: "date", Required: true},
			{Name: "price", Type: "decimal(12,2)", AllowNull: true},
			{Name: "note", Type: "string", AllowNull: true},
		},
	}
}

func sampleRemoved() datasetView {
	d := sampleDataset()
	d.RemovedAt = sample.Time
	return d
}

func queryOf(address string) url.Values {
	q, _ := url.ParseQuery(address) // the samples' own
	return q
}
