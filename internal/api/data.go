package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/columnar"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/transfer"
)

// dataPath is where apps read.
const dataPath = "/v1/data/{ws}/{dataset}"

func (a *API) dataRoutes() {
	read := "By default the newest row, or the rows of a window. With a condition on a column (column=eq.value), select, order, count, cursor, numbers, NDJSON, Arrow or Parquet: all rows in the order of the index, as JSON page by page (Link, Windlass-Next-Cursor), else as a stream with the trailer Windlass-Rows; one that fails breaks the connection off. " +
		"Dataset, key and subkey may be lists, with commas between: up to 2,000 pairs of a dataset and a key. docs/reading.md has the grammar. A view is read like a dataset; p.NAME=value sets its parameter NAME."
	for i, path := range []string{dataPath, dataPath + "/{key}", dataPath + "/{key}/{subkey}"} {
		op := operation([]string{"read-dataset", "read-key", "read-subkey"}[i], "GET "+path, "Data",
			[]string{"Read rows", "Read the rows of a key", "Read the rows of a key and subkey"}[i])
		op.Description = read
		op.Security = []map[string][]string{{"bearer": {}}, {"query": {}}}
		op.Parameters = append(pathParameters([]string{"ws", "dataset", "key", "subkey"}[:2+i]...), readParameters()...)
		op.Responses = dataResponses("Rows, by default the newest one.", "application/json", "text/csv",
			"application/x-ndjson", columnar.Arrow.ContentType(), columnar.Parquet.ContentType())
		a.raw(op, a.readData)
	}
}

// readData serves a read. Its refusals have status 400 where those of other
// routes are of 422: that is what the platform's apps know.
func (a *API) readData(w http.ResponseWriter, r *http.Request, call Call) error {
	values, err := readParametersOf(r)
	if err != nil {
		return a.refuseData(w, r, err)
	}
	answer, err := a.config.Services.Delivery.Read(r.Context(), call.Actor, call.Workspace, delivery.Request{
		Target: delivery.Target{
			Datasets: r.PathValue("dataset"), Keys: r.PathValue("key"),
			Subkeys: r.PathValue("subkey"),
		},
		Values: values, Accept: strings.Join(r.Header.Values("Accept"), ","), Count: prefersCount(r),
		IfVersion: r.Header.Get("Windlass-If-Version"),
	})
	if err != nil {
		return a.refuseData(w, r, err)
	}
	return a.answerData(w, r, call, answer)
}

// refuseData writes what is wrong with a request, and returns other errors to
// the caller.
func (a *API) refuseData(w http.ResponseWriter, r *http.Request, err error) error {
	if !problem.Is(err, problem.Invalid) || transfer.IsSlow(err) {
		return err
	}
	p := a.fail(r.Context(), err)
	p.Status, p.Title = http.StatusBadRequest, http.StatusText(http.StatusBadRequest)
	writeProblem(w, r, p)
	return nil
}

// prefers reports whether an Accept header has one of the media types before
// JSON.
func prefers(r *http.Request, wanted ...string) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept"), ",") {
		media, _, _ := strings.Cut(part, ";")
		media = strings.ToLower(strings.TrimSpace(media))
		switch {
		case slices.Contains(wanted, media):
			return true
		case media == "application/json" || media == "*/*":
			return false
		}
	}
	return false
}

func dataResponses(description string, media ...string) map[string]*huma.Response {
	content := map[string]*huma.MediaType{}
	for _, m := range media {
		content[m] = &huma.MediaType{}
	}
	return map[string]*huma.Response{
		"200": {Description: description, Content: content},
		"400": {
			Description: "A parameter is wrong; the detail names it.",
			Content:     map[string]*huma.MediaType{"application/problem+json": {}},
		},
		"404": {
			Description: "There is no such dataset, or it is not the token's to see.",
			Content:     map[string]*huma.MediaType{"application/problem+json": {}},
		},
	}
}

func parameter(name, kind, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: kind}}
}

// readParameters describes the parameters of a read; package delivery reads
// them.
func readParameters() []*huma.Param {
	return []*huma.Param{
		parameter("last", huma.TypeInteger, "The newest rows: how many, at most 1,000."),
		parameter("first", huma.TypeInteger, "The oldest rows: how many."),
		parameter(
			"limit",
			huma.TypeInteger,
			"At most so many rows; 1 when nothing else is said, 1,000 in a window, all in a stream.",
		),
		parameter("offset", huma.TypeInteger, "Rows to pass over."),
		parameter("next", huma.TypeInteger, "The next rows from today, or from \"from\", on: how many."),
		parameter("interval", huma.TypeInteger, "Every n-th row."),
		parameter("from", huma.TypeString, "From this day on, as 2024-02-29 or 20240229."),
		parameter("to", huma.TypeString, "Up to and with this day."),
		parameter("on", huma.TypeString, "On this day; goes before from and to, which go before range."),
		parameter(
			"range",
			huma.TypeString,
			"today, yesterday, ytd, last-week, last-month, last-quarter, 3d, 2w, 1m, 1q, 5y, Q12024, H12024, 2024; with calendar also tomorrow, this-… and next-…. Days are UTC's.",
		),
		parameter("calendar", huma.TypeBoolean, "Ranges reach ahead, and the oldest row comes first."),
		parameter("sort", huma.TypeString, "ASC or DESC by date; DESC, but ASC with first, next and calendar."),
		parameter("dateField", huma.TypeString, "The date column to go by, instead of the index's."),
		parameter("subattribute", huma.TypeString,
			"field|value for equal, field~value for not equal; with commas between, all must hold."),
		parameter("filter", huma.TypeString, "The columns wanted, with commas between."),
		parameter(
			"updated",
			huma.TypeString,
			"Rows that were loaded after this time: milliseconds since 1970, or RFC 3339.",
		),
		parameter(
			"queryId",
			huma.TypeString,
			"1 to 3 letters or digits: a cursor that the service keeps for the token, dataset and path. Later requests get only the rows that were loaded since.",
		),
		parameter(
			"select",
			huma.TypeString,
			"The columns wanted, in this order, with commas between; name:column renames one. column.sum(), avg(), min(), max(), count() and count() of rows are totals: other columns, and date.bucket(month), are their groups.",
		),
		parameter(
			"order",
			huma.TypeString,
			"Columns to order by, as close.desc,day.asc.nullsfirst; then by the index.",
		),
		parameter("count", huma.TypeString, "exact: Content-Range has the number of rows."),
		parameter("cursor", huma.TypeString, "The Windlass-Next-Cursor of the page before."),
		parameter(
			"and",
			huma.TypeString,
			"Conditions that all must hold, as (close.gt.5,or(note.is.null,note.like.a*)).",
		),
		parameter("or", huma.TypeString, "Conditions of which one must hold."),
		parameter("not.and", huma.TypeString, "Conditions of which one must not hold."),
		parameter("not.or", huma.TypeString, "Conditions that all must not hold."),
		parameter("format", huma.TypeString, "json, csv, ndjson, arrow or parquet; otherwise Accept decides."),
		parameter("schema", huma.TypeBoolean, "The columns instead of rows."),
		parameter("includeSystemRecordProperties", huma.TypeBoolean,
			"With _systemRecordProperties: id, key, subkey, date, updated."),
		parameter("batchSeparator", huma.TypeString, "What separates lists in the path, instead of a comma."),
		parameter("callback", huma.TypeString, "JSONP: the function to call."),
		parameter(
			"numbers",
			huma.TypeString,
			"string: write integers and decimals as JSON strings, for clients that read numbers as doubles and would lose digits.",
		),
	}
}
