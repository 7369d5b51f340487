package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// Reject is a rejected row.
type Reject struct {
	Object     string             `json:"object"`
	Line       int64              `json:"line" doc:"Line, or record number, in the object."`
	Row        int64              `json:"row,omitempty" doc:"Number of the row in the object, from 1."`
	Column     string             `json:"column,omitempty" doc:"Empty if the problem isn't in one column."`
	Value      string             `json:"value" doc:"The first 200 characters."`
	Reason     dataset.RejectCode `json:"reason,omitempty"`
	Error      string             `json:"error" doc:"The platform's error message."`
	Raw        string             `json:"raw,omitempty" doc:"The record as written, up to 64 KiB; empty for typed files."`
	ResolvedBy string             `json:"resolved_by,omitempty" doc:"The load that accepted the row later."`
}

func (a *API) rejectRoute() {
	rejects := operation("get-load-rejects", "GET /v1/workspaces/{ws}/loads/{load}/rejects", "Loads",
		"Get the rejected rows, as CSV or JSON")
	rejects.Parameters = append(pathParameters("ws", "load"),
		queryParameter("format", "csv (default) or json."),
		queryParameter("reason", "Only rows with this reason; may be repeated."),
		queryParameter("object", "Only rows of the object with this key."),
		queryParameter("cursor", "JSON: the value of \"next\" in the previous response."),
		queryParameter("limit", "JSON: maximum number of rows, 1 to 1000 (default 100)."),
	)
	list := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[paging.List[Reject]](), true, "RejectList")
	rejects.Responses = map[string]*huma.Response{
		"200": {
			Description: "CSV: jobId (first row only), lineNumber, error, object, column, value, reason, row",
			Content:     map[string]*huma.MediaType{"text/csv": textMedia(), "application/json": {Schema: list}},
		},
	}
	a.raw(rejects, a.loadRejects)
}

func queryParameter(name, doc string) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: doc, Schema: &huma.Schema{Type: huma.TypeString}}
}

// loadRejects writes the rejected rows.
func (a *API) loadRejects(w http.ResponseWriter, r *http.Request, call Call) error {
	query := r.URL.Query()
	filter := rejectFilter(query)
	switch format := query.Get("format"); format {
	case "", "csv":
		return a.rejectsCSV(w, r, call, filter)
	case "json":
		return a.rejectsJSON(w, r, call, filter)
	default:
		return problem.New(problem.Invalid, "Unknown format %q.", format).WithHint("Use csv or json.")
	}
}

func rejectFilter(query url.Values) load.RejectFilter {
	filter := load.RejectFilter{Object: query.Get("object")}
	for _, reason := range query["reason"] {
		filter.Reasons = append(filter.Reasons, dataset.RejectCode(reason))
	}
	return filter
}

func (a *API) rejectsJSON(w http.ResponseWriter, r *http.Request, call Call, filter load.RejectFilter) error {
	request := paging.Request{Cursor: r.URL.Query().Get("cursor")}
	if limit := r.URL.Query().Get("limit"); limit != "" {
		n, err := strconv.Atoi(limit)
		if err != nil {
			return problem.New(problem.Invalid, "The limit %q isn't a number.", limit)
		}
		request.Limit = n
	}
	found, err := a.config.Services.Loads.ListRejects(r.Context(), call.Actor, call.Workspace, r.PathValue("load"),
		filter, request)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(mapPage(found, toReject)); err != nil {
		a.config.Logger.DebugContext(r.Context(), telemetry.AnswerCutOff, "cause", err)
	}
	return nil
}

func toReject(r dataset.Rejected) Reject {
	return Reject{
		Object: r.Object, Line: r.Line, Row: r.Number, Column: r.Column, Value: r.Value, Reason: r.Code,
		Error: load.ErrorText(r), Raw: r.Raw, ResolvedBy: r.ResolvedBy,
	}
}

// rejectsCSV writes the rejected rows in the platform's columns, followed by
// more columns.
func (a *API) rejectsCSV(w http.ResponseWriter, r *http.Request, call Call, filter load.RejectFilter) error {
	loadID := r.PathValue("load")
	found, err := a.config.Services.Loads.Get(r.Context(), call.Actor, call.Workspace, loadID)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-invalid-records.csv"`, found.Dataset,
		loadID))
	return a.spooled(w, r, func(w io.Writer) (answered bool, err error) { //nolint:contextcheck // the request carries the context
		return false, a.writeRejects(r.Context(), w, call, loadID, filter)
	}, nil, true)
}

func (a *API) writeRejects(ctx context.Context, w io.Writer, call Call, loadID string, filter load.RejectFilter) error {
	out := csv.NewWriter(w)
	// Flush reports the error
	_ = out.Write([]string{"jobId", "lineNumber", "error", "object", "column", "value", "reason", "row"})
	first := loadID
	err := a.config.Services.Loads.SelectRejects(ctx, call.Actor, call.Workspace, loadID, filter,
		func(row dataset.Rejected) error {
			number := ""
			if row.Number > 0 {
				number = strconv.FormatInt(row.Number, 10)
			}
			record := []string{
				first, strconv.FormatInt(row.Line, 10), load.ErrorText(row), row.Object, row.Column, row.Value,
				string(row.Code), number,
			}
			first = ""
			return out.Write(record)
		})
	out.Flush()
	return errors.Join(err, out.Error())
}
