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
	return []sample.Page{
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
		Frame: sample.Frame("Query", "/query"), SQL: sql, Names: `{"STOCKS":["symbol","price"]}`, Formats: formats,
		Tables: []table{{Name: "STOCKS", Path: "/datasets/STOCKS", Columns: []view.Column{
			{Name: "symbol", Type: "string"}, {Name: "price", Type: "number"},
		}}},
	}
}
