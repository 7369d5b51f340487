package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/view"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
)

// rowsPage shows the rows of a dataset.
type rowsPage struct {
	datasetFrame
	Query     rowsQuery
	Operators []page.Option
	Grid      view.Grid
	Failed    *page.Problem // instead of the rows
	First     int64         // the number of the first row, from 1
	Last      int64
	Matching  int64  // -1: not counted
	Next      string // path of the next page; empty: there is none
	Begin     string // path of the first page; empty: it is this one
	Whole     *wholeRow
	Downloads []page.Option
	Insert    string // path that inserts a row; empty: the member may not
	Remove    string // path that deletes the matching rows; empty: all match, or the member may not
	Edits     bool   // rows have an identity and the member may change them
	Deletes   bool   // the member may delete rows
}

// wholeRow is a row with all of its columns.
type wholeRow struct {
	Number                int64
	Values                []rowValue
	JSON                  string
	Edit, Remove          string // paths; empty: the member may not, or the row has no identity
	Close, Previous, Next string // paths
}

// rowValue is a column of a row that is shown completely.
type rowValue struct {
	Column view.Column
	view.Cell
}

// The limits of the page.
const (
	rowsPerPage = 100
	mostWhole   = 64 << 10 // characters of a row that is shown completely
)

// rows shows the rows of a dataset. Its query has conditions in the syntax of
// the data API, order, cursor, col for each shown column, and row.
func (h *Handlers) rows(w http.ResponseWriter, v *shell.Visit, f datasetFrame) error {
	q := v.URL.Query()
	query := readRows(q, f.Dataset.Path(), &f.found.Schema)
	if column := q.Get("fc"); column != "" {
		query = query.start()
		query.Filters = append(query.Filters, rowFilter{
			Parameter: parameterOf(column), Raw: conditionOf(q.Get("fo"), q.Get("fv")),
		})
		h.Redirect(w, v.Request, query.Path())
		return nil
	}
	p := &rowsPage{datasetFrame: f, Query: query, Operators: operatorOptions, Matching: -1}
	for _, format := range []delivery.Format{delivery.CSV, delivery.NDJSON, delivery.Parquet} {
		p.Downloads = append(p.Downloads, page.Option{Value: query.download(format), Name: downloadNames[format]})
	}
	p.offer(v)
	status := http.StatusOK
	found, err := h.readRows(v, f.found.ID, query)
	switch {
	case shell.Rejected(err):
		p.Failed, status = page.ProblemOf(err), shell.RejectedStatus(w, err)
	case err != nil:
		return err
	default:
		p.show(found, f.found.Schema.Columns)
	}
	h.Show(w, v.Request, status, "datasets/rows", p)
	return nil
}

// offer adds what the member may do with rows.
func (p *rowsPage) offer(v *shell.Visit) {
	unique := p.found.Schema.Index.Unique
	p.Deletes = offers(v, &p.datasetFrame, access.DataDelete)
	if len(p.Dataset.Columns) <= mostFields && offers(v, &p.datasetFrame, access.DataWrite) {
		p.Insert, p.Edits = p.Dataset.Path()+"/rows/new", unique
	}
	if p.Deletes && p.Filtered() {
		p.Remove = p.Query.at("/rows/delete")
	}
}

// foundRows is a page of rows.
type foundRows struct {
	rows  []map[string]any
	next  string // cursor
	span  string // as in Content-Range
	exact bool   // span has a total
}

// readRows reads a page of rows through the same service as the requests of
// apps. If counting takes too long, it omits the count.
func (h *Handlers) readRows(v *shell.Visit, datasetID string, query rowsQuery) (*foundRows, error) {
	asked := query.asked()
	asked.Set("format", string(delivery.JSON))
	asked.Set("limit", strconv.Itoa(rowsPerPage))
	asked.Set("count", "exact")
	found, err := h.ask(v, datasetID, asked)
	if e := (*problem.Error)(nil); errors.As(err, &e) && e.Reason == "time_limit" {
		asked.Del("count")
		asked.Set("select", "*")
		return h.ask(v, datasetID, asked)
	}
	return found, err
}

func (h *Handlers) ask(v *shell.Visit, datasetID string, asked url.Values) (found *foundRows, err error) {
	answer, err := h.Delivery.Read(v.Context(), v.Actor, v.Workspace,
		delivery.Request{Target: delivery.Target{Datasets: datasetID}, Values: asked})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	var out bytes.Buffer
	if err := answer.Write(v.Context(), &out); err != nil {
		return nil, err
	}
	found = &foundRows{next: answer.Next(), span: answer.Range(), exact: answer.Counts()}
	decoder := json.NewDecoder(&out)
	decoder.UseNumber()
	return found, decoder.Decode(&found.rows)
}

// show adds rows to the page.
func (p *rowsPage) show(found *foundRows, columns []dataset.Column) {
	p.First = 1
	if found.exact {
		p.First, p.Matching = spanOf(found.span)
	}
	p.Last = p.First + int64(len(found.rows)) - 1
	if found.next != "" {
		next := p.Query.start()
		next.Cursor = found.next
		p.Next = next.Path()
	}
	if p.Query.Cursor != "" {
		p.Begin = p.Query.start().Path()
	}
	p.Grid = view.Grid{Label: "Rows of " + p.Dataset.Name}
	var shown []dataset.Column
	for n, c := range columns {
		if !p.Query.Shows(c.Name) {
			continue
		}
		shown = append(shown, c)
		column := view.GridColumn{
			Name: c.Name, Type: c.TypeName(), Part: p.Dataset.Columns[n].Part, Sorted: p.Query.sorted(c.Name),
		}
		if sortable(c.Type) {
			column.SortPath = p.Query.sortPath(c.Name)
		}
		p.Grid.Columns = append(p.Grid.Columns, column)
	}
	for n, values := range found.rows {
		p.Grid.Rows = append(p.Grid.Rows, p.row(n, values, shown))
	}
	if at, err := strconv.Atoi(p.Query.Row); err == nil && at >= 1 && at <= len(found.rows) {
		p.Whole = p.whole(at, found.rows)
	}
}

func (p *rowsPage) row(n int, values map[string]any, shown []dataset.Column) view.GridRow {
	made := view.GridRow{Number: p.First + int64(n), Path: p.rowPath(n + 1), Current: p.Query.Row == strconv.Itoa(n+1)}
	for _, c := range shown {
		made.Cells = append(made.Cells, view.CellOf(values[c.Name], c.Type))
	}
	return made
}

// rowPath returns the address that shows a row of this page completely; 0
// means none.
func (p *rowsPage) rowPath(at int) string {
	q := p.Query
	if q.Row = ""; at > 0 {
		q.Row = strconv.Itoa(at)
	}
	return q.Path()
}

// whole shows a row with all of its columns.
func (p *rowsPage) whole(at int, rows []map[string]any) *wholeRow {
	values := rows[at-1]
	w := &wholeRow{Number: p.First + int64(at) - 1, Close: p.rowPath(0)}
	if at > 1 {
		w.Previous = p.rowPath(at - 1)
	}
	if at < len(rows) {
		w.Next = p.rowPath(at + 1)
	}
	for n, c := range p.found.Schema.Columns {
		w.Values = append(w.Values, rowValue{p.Dataset.Columns[n], view.CellOf(values[c.Name], c.Type)})
	}
	if identity := identityOf(&p.datasetFrame, values); p.found.Schema.Index.Unique {
		if p.Edits {
			w.Edit = identity.at("/rows/edit")
		}
		if p.Deletes {
			w.Remove = identity.at("/rows/delete")
		}
	}
	text, err := json.Marshal(values)
	if err == nil {
		w.JSON = page.IndentJSON(text)
	}
	if len(w.JSON) > mostWhole {
		w.JSON = strings.ToValidUTF8(w.JSON[:mostWhole], "") + "\n…"
	}
	return w
}

// spanOf parses "rows 100-199/7197".
func spanOf(span string) (first, total int64) {
	place, all, _ := strings.Cut(strings.TrimPrefix(span, "rows "), "/")
	total, err := strconv.ParseInt(all, 10, 64)
	if err != nil {
		total = -1
	}
	begin, _, _ := strings.Cut(place, "-")
	first, err = strconv.ParseInt(begin, 10, 64)
	if err != nil {
		first = 0
	}
	return first + 1, total
}

// sortable reports whether rows are sorted by columns of a type.
func sortable(kind dataset.Type) bool {
	return !slices.Contains([]dataset.Type{dataset.Object, dataset.Array, dataset.Any}, kind)
}

// Filtered reports whether the rows are narrowed.
func (p *rowsPage) Filtered() bool { return len(p.Query.Filters) > 0 }

// Conditions returns the filters in words.
func (p *rowsPage) Conditions() string {
	var parts []string
	for _, f := range p.Query.Filters {
		parts = append(parts, f.Column+" "+f.Text())
	}
	return strings.Join(parts, ", ")
}
