package datasets

import (
	"maps"
	"net/url"
	"regexp"
	"slices"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery"
)

// rowsQuery has the parameters in the address of the rows. Conditions and
// order have the syntax of the data API.
type rowsQuery struct {
	Filters []rowFilter
	Order   string   // "column.asc"
	Columns []string // that are shown; nil: all
	Cursor  string
	Row     string // the number of the row that is shown completely

	path string
}

// rowFilter is a condition on a column.
type rowFilter struct {
	Parameter string // the column as a parameter
	Column    string
	Raw       string // "gt.20"
	Remove    string // path without it
}

// The parameters of the page itself. A column with such a name is quoted.
const (
	columnParameter = "col"
	rowParameter    = "row"
)

var (
	ownParameters = []string{columnParameter, rowParameter, "done", "fc", "fo", "fv"}
	plainName     = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// parameterOf returns a column's name as a parameter.
func parameterOf(column string) string {
	if plainName.MatchString(column) && !delivery.IsParameter(column) && !slices.Contains(ownParameters, column) {
		return column
	}
	return delivery.QuotedColumn(column)
}

// readRows parses the address of a dataset's rows.
func readRows(q url.Values, path string, schema *dataset.Schema) rowsQuery {
	r := rowsQuery{Order: q.Get("order"), Cursor: q.Get("cursor"), Row: q.Get(rowParameter), path: path}
	for _, c := range schema.Columns {
		parameter := parameterOf(c.Name)
		for _, raw := range q[parameter] {
			r.Filters = append(r.Filters, rowFilter{Parameter: parameter, Column: c.Name, Raw: raw})
		}
		if slices.Contains(q[columnParameter], c.Name) {
			r.Columns = append(r.Columns, c.Name)
		}
	}
	for n := range r.Filters {
		without := r
		without.Filters = slices.Delete(slices.Clone(r.Filters), n, n+1)
		r.Filters[n].Remove = without.start().Path()
	}
	return r
}

// start returns the query of the first page.
func (r rowsQuery) start() rowsQuery {
	r.Cursor, r.Row = "", ""
	return r
}

// values returns the query for an address.
func (r rowsQuery) values() url.Values {
	q := url.Values{}
	for _, f := range r.Filters {
		q.Add(f.Parameter, f.Raw)
	}
	for _, c := range r.Columns {
		q.Add(columnParameter, c)
	}
	for name, value := range map[string]string{"order": r.Order, "cursor": r.Cursor, rowParameter: r.Row} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Path returns the address of the query.
func (r rowsQuery) Path() string {
	if q := r.values(); len(q) > 0 {
		return r.path + "?" + q.Encode()
	}
	return r.path
}

// asked returns the parameters for the data API.
func (r rowsQuery) asked() url.Values {
	q := url.Values{}
	for _, f := range r.Filters {
		q.Add(f.Parameter, f.Raw)
	}
	if r.Order != "" {
		q.Set("order", r.Order)
	}
	if r.Cursor != "" {
		q.Set("cursor", r.Cursor)
	}
	return q
}

// Shows reports whether a column is shown.
func (r rowsQuery) Shows(column string) bool {
	return r.Columns == nil || slices.Contains(r.Columns, column)
}

// sorted returns how the rows are sorted by a column, as a value of aria-sort.
func (r rowsQuery) sorted(column string) string {
	switch r.Order {
	case orderOf(column, "asc"):
		return "ascending"
	case orderOf(column, "desc"):
		return "descending"
	default:
		return ""
	}
}

// sortPath returns the address that sorts by a column: first ascending, then
// descending, then in the order of the index.
func (r rowsQuery) sortPath(column string) string {
	next := r.start()
	switch r.sorted(column) {
	case "":
		next.Order = orderOf(column, "asc")
	case "ascending":
		next.Order = orderOf(column, "desc")
	default:
		next.Order = ""
	}
	return next.Path()
}

func orderOf(column, direction string) string {
	if !plainName.MatchString(column) {
		column = delivery.QuotedColumn(column)
	}
	return column + "." + direction
}

// hidden returns the parameters that a form of the page keeps, except the
// position in the rows and the named parameter.
func (r rowsQuery) hidden(without string) []page.Option {
	q := r.start().values()
	q.Del(without)
	var kept []page.Option
	for _, name := range slices.Sorted(maps.Keys(q)) {
		for _, value := range q[name] {
			kept = append(kept, page.Option{Name: name, Value: value})
		}
	}
	return kept
}

// KeptByFilter returns the parameters that a filter's form keeps.
func (r rowsQuery) KeptByFilter() []page.Option { return r.hidden("") }

// KeptByColumns returns the parameters that the choice of columns keeps.
func (r rowsQuery) KeptByColumns() []page.Option { return r.hidden(columnParameter) }

// All returns the address with all columns.
func (r rowsQuery) All() string {
	all := r.start()
	all.Columns = nil
	return all.Path()
}

// Clear returns the address without filters.
func (r rowsQuery) Clear() string {
	clear := r.start()
	clear.Filters = nil
	return clear.Path()
}
