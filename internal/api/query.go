package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/query"
)

const queryPath = "/v1/workspaces/{ws}/query"

// parameterPrefix is the prefix of the statement's parameters.
const parameterPrefix = "p."

// maxQueryBody limits the body of a query: its text, and parameters.
const maxQueryBody = 256 << 10

func (a *API) queryRoutes() {
	doc := "Runs one SELECT, WITH … SELECT or VALUES, or EXPLAIN of one, over the workspace's datasets. JSON has at most limit rows, or 8 MiB; if there are more, Windlass-Truncated is true. CSV, NDJSON, Arrow and Parquet are streams of all rows, with the trailer Windlass-Rows; one that fails breaks the connection off."
	get := operation("query", "GET "+queryPath, "Data", "Run SQL")
	get.Description = doc + " The parameter p.NAME binds $NAME."
	sql := parameter("sql", huma.TypeString, "The statement, at most 64 KiB.")
	sql.Required = true
	get.Parameters = append(append(pathParameters("ws"), sql), queryParameters()...)
	get.Responses = queryResponses()
	a.raw(get, a.getQuery)

	post := operation("post-query", "POST "+queryPath, "Data", "Run SQL from the body")
	post.DefaultStatus = http.StatusOK
	post.Description = doc + " The body is JSON, or the statement itself as application/sql."
	post.Parameters = append(pathParameters("ws"), queryParameters()...)
	post.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/json": {Schema: queryBodySchema()}, "application/sql": {},
	}}
	post.Responses = queryResponses()
	a.raw(post, a.postQuery)
}

func queryParameters() []*huma.Param {
	return []*huma.Param{
		parameter("format", huma.TypeString, "json, table, csv, ndjson, arrow or parquet; otherwise Accept decides."),
		parameter("limit", huma.TypeInteger, "Maximum number of rows: 1,000 by default and at most 100,000; no "+
			"limit in a stream."),
		parameter("numbers", huma.TypeString, "string: write integers and decimals as JSON strings."),
	}
}

func queryBodySchema() *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeObject, Required: []string{"sql"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{
			"sql":   {Type: huma.TypeString, Description: "The statement."},
			"limit": {Type: huma.TypeInteger, Description: "Maximum number of rows."},
			"parameters": {
				Type: huma.TypeObject, Description: "Values by NAME for $NAME: a string, number, true, false or null.",
				AdditionalProperties: true,
			},
		},
	}
}

func queryResponses() map[string]*huma.Response {
	responses := dataResponses("The rows.", "application/json", "text/csv", "application/x-ndjson",
		query.Arrow.ContentType(), query.Parquet.ContentType())
	delete(responses, "404")
	responses["200"].Content["application/json"] = &huma.MediaType{Schema: &huma.Schema{
		Description: "Rows, or with format=table a document with columns, rows and truncated.",
	}, Example: rowsMedia().Example}
	responses["400"].Description = "The statement or a parameter isn't valid; errors has the line and column."
	responses["503"] = &huma.Response{
		Description: "Too many queries are running (busy), or this build has no SQL engine (no_sql_engine).",
		Content:     map[string]*huma.MediaType{"application/problem+json": {}},
	}
	responses["200"].Headers = map[string]*huma.Param{
		"Windlass-Sql-Engine": {Description: "The engine: duckdb.", Schema: &huma.Schema{Type: huma.TypeString}},
		"Windlass-Truncated": {
			Description: "Whether there are more rows.",
			Schema:      &huma.Schema{Type: huma.TypeBoolean},
		},
	}
	return responses
}

func (a *API) getQuery(w http.ResponseWriter, r *http.Request, call Call) error {
	values := r.URL.Query()
	request, err := readQueryParameters(r, values, true)
	if err == nil {
		request.SQL = values.Get("sql")
		return a.runQuery(w, r, call, request)
	}
	return a.refuseData(w, r, err)
}

func (a *API) postQuery(w http.ResponseWriter, r *http.Request, call Call) error {
	request, err := readQueryParameters(r, r.URL.Query(), false)
	if err == nil {
		err = readQueryBody(w, r, &request)
	}
	if err != nil {
		return a.refuseData(w, r, err)
	}
	return a.runQuery(w, r, call, request)
}

// readQueryParameters parses the parameters of a query in the URL.
func readQueryParameters(r *http.Request, values url.Values, hasSQL bool) (query.Request, error) {
	request := query.Request{Parameters: map[string]engine.SQLParameter{}, Format: queryFormat(r)}
	for name, list := range values {
		if len(list) > 1 {
			return request, invalidQuery("repeated_parameter", "The parameter %s is given more than once.", name)
		}
		value := list[0]
		switch bound, isBound := strings.CutPrefix(name, parameterPrefix); {
		case isBound && bound != "":
			request.Parameters[bound] = engine.SQLParameter{Kind: engine.SQLText, Text: value}
		case name == "sql" && hasSQL:
		case name == "format":
			request.Format = query.Format(strings.ToLower(value))
		case name == "limit":
			n, err := strconv.Atoi(value)
			if err != nil || n < 1 {
				return request, invalidQuery("invalid_value", "limit: %q isn't a number of 1 or more.", value)
			}
			request.Limit = n
		case name == "numbers" && value == "string":
			request.Quoted = true
		case name == "numbers":
			return request, invalidQuery("invalid_value", "numbers: unknown value %q. Use string.", value)
		default:
			return request, invalidQuery("unknown_parameter", "The parameter %q is unknown.", name)
		}
	}
	return request, nil
}

func invalidQuery(reason, format string, args ...any) error {
	return problem.New(problem.Invalid, format, args...).WithReason(reason).
		WithHint("A query accepts sql, format, limit, numbers, and p.NAME for the value of $NAME.")
}

// queryFormat chooses the format that the Accept header asks for.
func queryFormat(r *http.Request) query.Format {
	switch {
	case prefers(r, "text/csv"):
		return query.CSV
	case prefers(r, "application/x-ndjson", "application/jsonl"):
		return query.NDJSON
	case prefers(r, query.Arrow.ContentType()):
		return query.Arrow
	case prefers(r, query.Parquet.ContentType(), "application/x-parquet"):
		return query.Parquet
	default:
		return query.JSON
	}
}

// readQueryBody reads the body of a query: the statement, or a document.
func readQueryBody(w http.ResponseWriter, r *http.Request, request *query.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxQueryBody))
	if err != nil {
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			return problem.New(problem.TooLarge, "The body of a query has more than %d bytes.", maxQueryBody)
		}
		return err
	}
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if media == "application/sql" {
		request.SQL = string(body)
		return nil
	}
	if media != "" && media != "application/json" {
		return problem.New(problem.UnsupportedMedia, "A query can't be sent as %s.", clip.To(media, 100)).
			WithHint("Use application/json or application/sql.")
	}
	return readQueryDocument(body, request)
}

func readQueryDocument(body []byte, request *query.Request) error {
	var document struct {
		SQL        string                     `json:"sql"`
		Parameters map[string]json.RawMessage `json:"parameters"`
		Limit      *int                       `json:"limit"`
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&document); err != nil || decoder.More() {
		return problem.New(problem.Invalid, "The body isn't a document with sql, parameters and limit.").
			WithReason("invalid_body").WithHint(`Send {"sql":"select …","parameters":{"name":1},"limit":100}.`)
	}
	request.SQL = document.SQL
	if document.Limit != nil {
		if *document.Limit < 1 || request.Limit > 0 {
			return invalidQuery("invalid_value", "limit: send one number of 1 or more, in the body or the URL.")
		}
		request.Limit = *document.Limit
	}
	for name, raw := range document.Parameters {
		value, ok := queryValue(raw)
		if _, twice := request.Parameters[name]; twice || !ok {
			return invalidQuery("invalid_value",
				"The parameter $%s isn't one string, number, true, false or null.", name)
		}
		request.Parameters[name] = value
	}
	return nil
}

// queryValue parses a JSON value. Numbers keep all their digits.
func queryValue(raw json.RawMessage) (engine.SQLParameter, bool) {
	switch text := string(raw); {
	case text == "null":
		return engine.SQLParameter{Kind: engine.SQLNull}, true
	case slices.Contains([]string{"true", "false"}, text):
		return engine.SQLParameter{Kind: engine.SQLBoolean, Text: text}, true
	case text[0] == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return engine.SQLParameter{Kind: engine.SQLText, Text: s}, err == nil
	case text[0] == '{' || text[0] == '[':
		return engine.SQLParameter{}, false
	default:
		return engine.SQLParameter{Kind: engine.SQLNumber, Text: text}, true
	}
}

// runQuery runs a query and writes its answer.
func (a *API) runQuery(w http.ResponseWriter, r *http.Request, call Call, request query.Request) error {
	service := a.config.Services.Query
	w.Header().Set("Windlass-Sql-Engine", service.Engine())
	answer, err := service.Query(r.Context(), call.Actor, call.Workspace, request)
	if err != nil && r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // the client left
	}
	if err != nil {
		return a.refuseData(w, r, err)
	}
	w.Header().Set("Content-Type", request.Format.ContentType())
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Vary", "Accept, Authorization, Origin")
	if request.Format.Stream() {
		return a.streamRows(w, r, answer, query.StreamTime)
	}
	defer func() { _ = answer.Close() }()
	if answer.Truncated() {
		w.Header().Set("Windlass-Truncated", "true")
	}
	return answer.Write(r.Context(), w)
}
