package datasets

import (
	"encoding/json"

	"github.com/windlass-io/windlass/internal/console/page"
)

var sampleValues = map[string]any{
	"symbol": "AAPL", "date": "2010-03-01", "price": json.Number("223.02"), "note": nil,
}

func sampleNewRow() *rowPage {
	p := &rowPage{
		datasetFrame: sampleFrame("rows/new"), Heading: "Insert a row", Action: "/datasets/STOCKS/rows/new",
		Back: "/datasets/STOCKS", New: true,
	}
	for n, c := range p.Dataset.Columns {
		p.Fields = append(p.Fields, rowField{Column: c, At: n, Null: c.AllowNull})
	}
	return p
}

func sampleEditRow() *rowPage {
	p := sampleNewRow()
	p.Heading, p.New = "Edit row", false
	p.Action, p.Remove = "/datasets/STOCKS/rows/edit", "/datasets/STOCKS/rows/delete"
	for n := range p.Fields {
		f := &p.Fields[n]
		f.Text, f.Null = fieldText(sampleValues[f.Column.Name], "")
		f.Was, f.Fixed = jsonOf(sampleValues[f.Column.Name]), f.Column.Part != ""
	}
	p.Fields[2].Text, p.Fields[2].Error = "cheap", "“cheap” isn’t a number."
	p.Problem = &page.Problem{Message: "The row wasn’t saved.", Hint: "price: “cheap” isn’t a number."}
	return p
}

func sampleDelete(count int64) *rowsDeletePage {
	p := &rowsDeletePage{
		datasetFrame: sampleFrame("rows/delete"), Count: count, Type: count > freelyDeleted,
		Action: "/datasets/STOCKS/rows/delete", Back: "/datasets/STOCKS",
	}
	p.Query = readRows(queryOf("price=gt.20"), p.Dataset.Path(), &p.found.Schema)
	p.showRows([]map[string]any{sampleValues, sampleValues})
	return p
}
