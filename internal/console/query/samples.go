package query

import (
	"encoding/json"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	const sql = "select symbol, avg(price) as mean\nfrom STOCKS\ngroup by 1"
	rows := sampleOf(sql)
	rows.Result = &result{
		Rows: 2, Truncated: true, Took: 31 * time.Millisecond,
		Grid: view.Grid{
			Label:   "Rows of the query",
			Columns: []view.GridColumn{{Name: "symbol", Type: "string"}, {Name: "mean", Type: "number"}},
			Rows: []view.GridRow{
				{
					Number: 1,
					Cells: []view.Cell{
						view.CellOf("AAPL", dataset.String),
						view.CellOf(json.Number("64.73"), dataset.Number),
					},
				},
				{Number: 2, Cells: []view.Cell{view.CellOf("AMZN", dataset.String), view.CellOf(nil, dataset.Number)}},
			},
		},
	}
	none := sampleOf(sql)
	none.Result = &result{Took: time.Millisecond}
	wrong := sampleOf("select symbl\nfrom STOCKS")
	wrong.Fault = faultOf(
		problem.New(problem.Invalid, "Column “symbl” doesn’t exist.").WithHint("Did you mean “symbol”?").
			WithFindings(problem.Finding{Path: "sql", Line: 1, Column: 8, Message: "no column"}),
		wrong.SQL,
	)
	without := sampleOf(sql)
	without.NoEngine = &page.Problem{
		Message: "This build of Windlass has no SQL engine: it was built without a C++ compiler.",
		Hint:    "Use a build with DuckDB.",
	}
	waits := sampleOf(sql)
	waits.Waits = true
	empty := sampleOf("")
	empty.Tables, empty.Names = nil, "{}"
	saved := sampleView(rows.Result)
	broken := sampleView(nil)
	broken.View.Broken, broken.View.Parameters = "The dataset STOCKS doesn’t exist.", nil
	rejected := sampleNew(sql)
	rejected.Form.Name = "stocks"
	rejected.Problem = &page.Problem{
		Message: "The name stocks is taken.", Fields: map[string]string{"name": "The name stocks is taken."},
	}
	return []sample.Page{
		sample.New("query-view", "query/query", saved),
		sample.New("query-view-broken", "query/query", broken),
		sample.New("view-new", "query/new", sampleNew(sql)),
		sample.New("view-new-rejected", "query/new", rejected),
		sample.New("query", "query/query", rows),
		sample.New("query-none", "query/query", none),
		sample.New("query-fault", "query/query", wrong),
		sample.New("query-no-engine", "query/query", without),
		sample.New("query-waits", "query/query", waits),
		sample.New("query-empty", "query/query", empty),
	}
}

func sampleOf(sql string) *queryPage {
	return &queryPage{
		Frame: sample.Frame("Query", root), SQL: sql, Action: root, Saves: true, Formats: formats,
		Names: `{"STOCKS":["symbol","price"]}`,
		Tables: []table{{Name: "STOCKS", Path: "/datasets/STOCKS", Columns: []view.Column{
			{Name: "symbol", Type: "string"}, {Name: "price", Type: "number"},
		}}},
	}
}

// sampleView is the page of a view with a parameter, whose statement was changed.
func sampleView(rows *result) *queryPage {
	p := sampleOf("select symbol, avg(price) as mean\nfrom STOCKS\nwhere price > $least\ngroup by 1")
	p.Frame = sample.Frame("means", root)
	p.Crumbs = []page.Crumb{{Name: "Query", Path: root}, {Name: "means"}}
	p.Result, p.Action = rows, root+"/means"
	p.Views = []table{
		{Name: "means", Path: root + "/means"}, {Name: "latest_prices_of_every_venue", Path: root + "/latest"},
	}
	p.View = &savedView{
		Name: "means", Description: "The mean price of each symbol.", Index: []indexPart{{"key", "symbol"}},
		Address: "https://windlass.example.com/v1/data/demo/means", Differs: true, Changes: true, Removes: true,
		Parameters: []parameterField{{Name: "least", Type: "number", Value: "1.5", Description: "Prices above this."}},
	}
	return p
}

func sampleNew(sql string) *newViewPage {
	none := page.Option{Name: "None"}
	frame := sample.Frame("Save as view", root)
	frame.Crumbs = []page.Crumb{{Name: "Query", Path: root}, {Name: "Save as view"}}
	return &newViewPage{
		Frame: frame, SQL: sql, Form: viewForm{Name: "means", Key: "symbol"},
		Columns: []page.Option{none, {Value: "symbol", Name: "symbol"}, {Value: "mean", Name: "mean"}},
		Days:    []page.Option{none},
	}
}
