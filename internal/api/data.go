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

// dataPath is the path that apps read from.
const dataPath = "/v1/data/{ws}/{dataset}"

func (a *API) dataRoutes() {
	read := "Returns the newest row by default, or the rows of a window. With a condition on a column " +
		"(column=eq.value), select, order, count, cursor, numbers, NDJSON, Arrow or Parquet, it returns all rows " +
		"in index order: JSON in pages (Link, Windlass-Next-Cursor), other formats as a stream with the trailer " +
		"Windlass-Rows. A stream that fails closes the connection. " +
		"Dataset, key and subkey may be comma-separated lists with up to 2,000 pairs of a dataset and a key. See " +
		"docs/reading.md for the grammar. A view is read like a dataset; p.NAME=value sets its parameter NAME."
	for i, path := range []string{dataPath, dataPath + "/{key}", dataPath + "/{key}/{subkey}"} {
		op := operation([]string{"read-dataset", "read-key", "read-subkey"}[i], "GET "+path, "Data",
			[]string{"Read rows", "Read the rows of a key", "Read the rows of a key and subkey"}[i])
		op.Description = read
		op.Security = []map[string][]string{{"bearer": {}}, {"query": {}}}
		op.Parameters = append(pathParameters([]string{"ws", "dataset", "key", "subkey"}[:2+i]...), readParameters()...)
		op.Responses = dataResponses("Rows, by default the newest one.", "application/json", "text/csv",
			"application/x-ndjson", columnar.Arrow.ContentType(), columnar.Parquet.ContentType())
		op.Responses["200"].Content["application/json"] = rowsMedia()
		a.raw(op, a.readData)
	}
}

// readData serves a read. It refuses requests with status 400 where other
// routes use 422, because the platform's apps expect that.
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

// refuseData writes the problem of an invalid request, and returns other
// errors.
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
		content[m] = mediaOf(m)
	}
	return map[string]*huma.Response{
		"200": {Description: description, Content: content},
		"400": {
			Description: "A parameter isn't valid; the detail names it.",
			Content:     map[string]*huma.MediaType{"application/problem+json": {}},
		},
		"404": {
			Description: "The dataset doesn't exist, or the token can't read it.",
			Content:     map[string]*huma.MediaType{"application/problem+json": {}},
		},
	}
}

// mediaOf describes a body by its media type: bytes, text or any JSON.
func mediaOf(media string) *huma.MediaType {
	switch media {
	case columnar.Arrow.ContentType(), columnar.Parquet.ContentType():
		return binaryMedia()
	case "application/json":
		return &huma.MediaType{Schema: &huma.Schema{}}
	default:
		return textMedia()
	}
}

// rowsMedia describes rows of any dataset.
func rowsMedia() *huma.MediaType {
	return &huma.MediaType{
		Schema: &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{
			Type: huma.TypeObject, AdditionalProperties: true,
		}},
		Example: []members{{"station": "A", "day": "2024-02-29", "level": 1.5}},
	}
}

// textMedia describes a body of text: without a schema, generated clients lose the
// types of the other bodies.
func textMedia() *huma.MediaType { return &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}} }

// binaryMedia describes a body of bytes.
func binaryMedia() *huma.MediaType {
	return &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
}

// filtersParameter describes all conditions on columns.
func filtersParameter() *huma.Param {
	explode := true
	return &huma.Param{
		Name: "filters", In: "query", Style: "form", Explode: &explode,
		Schema: &huma.Schema{
			Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString},
		},
		Example: map[string]string{"level": "gte.1.5"},
		Description: "Conditions on columns: column=eq.value, also neq, gt, gte, lt, lte, in, like, ilike, is, " +
			"isdistinct, and not before them. There is no parameter of this name: each member is one.",
	}
}

func parameter(name, kind, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: kind}}
}

// readParameters describes the parameters of a read; package delivery reads
// them.
func readParameters() []*huma.Param {
	return []*huma.Param{
		filtersParameter(),
		parameter("last", huma.TypeInteger, "Number of newest rows, at most 1,000."),
		parameter("first", huma.TypeInteger, "Number of oldest rows."),
		parameter(
			"limit",
			huma.TypeInteger,
			"Maximum number of rows. Default: 1; 1,000 in a window; all in a stream.",
		),
		parameter("offset", huma.TypeInteger, "Rows to skip."),
		parameter("next", huma.TypeInteger, "The next rows from today, or from \"from\", on: how many."),
		parameter("interval", huma.TypeInteger, "Every n-th row."),
		parameter("from", huma.TypeString, "First day, such as 2024-02-29 or 20240229."),
		parameter("to", huma.TypeString, "Last day, inclusive."),
		parameter("on", huma.TypeString, "A single day. It overrides from and to, which override range."),
		parameter(
			"range",
			huma.TypeString,
			"today, yesterday, ytd, last-week, last-month, last-quarter, 3d, 2w, 1m, 1q, 5y, Q12024, H12024, 2024; with calendar also tomorrow, this-… and next-…. Days are UTC's.",
		),
		parameter("calendar", huma.TypeBoolean, "Ranges extend into the future, and the oldest row comes first."),
		parameter("sort", huma.TypeString, "ASC or DESC by date; DESC, but ASC with first, next and calendar."),
		parameter("dateField", huma.TypeString, "The date column to use instead of the index's."),
		parameter("subattribute", huma.TypeString,
			"field|value for equal, field~value for not equal; separated by commas, all must match."),
		parameter("filter", huma.TypeString, "Columns to return, separated by commas."),
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
			"Columns to return, in this order, separated by commas; name:column renames one. column.sum(), avg(), "+
				"min(), max(), count() and count() of rows are totals: other columns, and date.bucket(month), are "+
				"their groups.",
		),
		parameter(
			"order",
			huma.TypeString,
			"Columns to order by, such as close.desc,day.asc.nullsfirst; then by the index.",
		),
		parameter("count", huma.TypeString, "exact: Content-Range has the number of rows."),
		parameter("cursor", huma.TypeString, "The Windlass-Next-Cursor of the previous response."),
		parameter(
			"and",
			huma.TypeString,
			"Conditions that must all match, such as (close.gt.5,or(note.is.null,note.like.a*)).",
		),
		parameter("or", huma.TypeString, "Conditions of which at least one must match."),
		parameter("not.and", huma.TypeString, "Conditions of which at least one must not match."),
		parameter("not.or", huma.TypeString, "Conditions of which none may match."),
		parameter("format", huma.TypeString, "json, csv, ndjson, arrow or parquet; otherwise Accept decides."),
		parameter("schema", huma.TypeBoolean, "The columns instead of rows."),
		parameter("includeSystemRecordProperties", huma.TypeBoolean,
			"With _systemRecordProperties: id, key, subkey, date, updated."),
		parameter("batchSeparator", huma.TypeString, "Separator of lists in the path, instead of a comma."),
		parameter("callback", huma.TypeString, "JSONP: the function to call."),
		parameter(
			"numbers",
			huma.TypeString,
			"string: write integers and decimals as JSON strings, for clients that read numbers as doubles and would lose digits.",
		),
	}
}
