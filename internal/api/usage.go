package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/usage"
)

// usageKinds has the operations whose requests are counted.
var usageKinds = map[string]usage.Kind{
	"read-dataset": usage.Read, "read-key": usage.Read, "read-subkey": usage.Read,
	"follow-changes": usage.Live, "query": usage.Query, "post-query": usage.Query,
	"write-rows": usage.Write, "upload-rows": usage.Write, "platform-write-rows": usage.Write,
	"delete-rows": usage.Delete, "delete-key": usage.Delete, "delete-subkey": usage.Delete, "delete-date": usage.Delete,
}

// counted is a request that counts as usage. The workspace and token are empty until
// they are known.
type counted struct {
	note             usage.Note
	workspace, token string
	limits           access.Limits
	kind             usage.Kind
	began            time.Time
	bytes            int64 // that are counted
}

// used records the workspace and token of a counted request.
func used(ctx context.Context, actor *access.Actor) {
	if u := exchangeOf(ctx).usage; u != nil {
		u.workspace, u.token, u.limits = actor.Workspace, actor.Token, actor.Limits
	}
}

// isCounted reports whether a request counts as usage.
func isCounted(ctx context.Context) bool { return exchangeOf(ctx).usage != nil }

// beginUsage makes a request of an operation count as usage, if the operation does.
func (a *API) beginUsage(ctx context.Context, operationID string) {
	if kind, ok := usageKinds[operationID]; ok && a.config.Usage != nil {
		exchangeOf(ctx).usage = &counted{kind: kind, began: time.Now()} //nolint:forbidigo // measures
	}
}

// endUsage counts a request, if its token turned out to be valid.
func (a *API) endUsage(ctx context.Context) {
	u := exchangeOf(ctx).usage
	if u == nil || u.workspace == "" {
		return
	}
	status, bytes := door.Sent(ctx)
	a.config.Usage.Count(&usage.Event{
		Workspace: u.workspace, Token: u.token, Kind: u.kind, Refused: status >= http.StatusBadRequest,
		Bytes: bytes - u.bytes, Took: time.Since(u.began), Note: &u.note,
	})
}

// countProgress counts what a stream has sent until now. It is called by the goroutine
// that writes the stream.
func (a *API) countProgress(ctx context.Context) {
	u := exchangeOf(ctx).usage
	if u == nil || u.workspace == "" {
		return
	}
	_, bytes := door.Sent(ctx)
	a.config.Usage.CountPart(&usage.Event{
		Workspace: u.workspace, Token: u.token, Kind: u.kind, Bytes: bytes - u.bytes, Note: &u.note,
	})
	u.bytes = bytes
}

// checkProgress counts what a stream has sent until now, and refuses more when its
// token has used its quota.
func (a *API) checkProgress(ctx context.Context) error {
	u := exchangeOf(ctx).usage
	if u == nil || u.token == "" || !u.limits.Quotas() {
		return nil
	}
	a.countProgress(ctx)
	return a.config.Usage.CheckQuota(ctx, u.workspace, u.token, u.limits)
}

func (a *API) usageRoutes() {
	op := operation("get-usage", "GET /v1/workspaces/{ws}/usage", "Usage",
		"Get requests, rows, bytes and times by day, token, dataset and kind")
	op.Description = "Counts are stored every 10 seconds and kept for 400 days. A request that reaches several datasets counts for each. The lines are JSON, or CSV with format=csv or Accept: text/csv."
	op.Parameters = append(
		pathParameters("ws"),
		parameter("from", huma.TypeString, "The first day, such as 2026-01-31. Default: 29 days before to."),
		parameter("to", huma.TypeString, "The last day, in UTC. Default: today."),
		parameter("token", huma.TypeString, "Only this token, by name or ID; console for requests in the console."),
		parameter("dataset", huma.TypeString, "Only this dataset or view, by name or ID."),
		parameter(
			"by",
			huma.TypeString,
			"What to group by: day (the default), token, dataset and kind, separated by commas.",
		),
		parameter("format", huma.TypeString, "json or csv."),
	)
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[usageReport](), true, "UsageReport")
	op.Responses = map[string]*huma.Response{"200": {Description: "The lines.", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schema}, "text/csv": textMedia(),
	}}}
	a.raw(op, a.getUsage)
}

func (a *API) getUsage(w http.ResponseWriter, r *http.Request, call Call) error {
	search := usage.Search{Workspace: call.Workspace}
	format := "json"
	if prefers(r, "text/csv") {
		format = "csv"
	}
	for name, values := range r.URL.Query() {
		value := values[0]
		var err error
		switch {
		case len(values) > 1:
			err = errors.New("is given more than once")
		case name == "from":
			search.From, err = parseDay(value)
		case name == "to":
			search.To, err = parseDay(value)
		case name == "token":
			search.Token = value
		case name == "dataset":
			search.Dataset = value
		case name == "by":
			for by := range strings.SplitSeq(value, ",") {
				search.By = append(search.By, usage.By(by))
			}
		case name == "format" && (value == "json" || value == "csv"):
			format = value
		case name == "format":
			err = errors.New("must be json or csv")
		default:
			err = errors.New("is unknown; use from, to, token, dataset, by and format")
		}
		if err != nil {
			return problem.Wrap(err, problem.Invalid, "The parameter %.40s isn't valid: it %v.", name, err).
				WithPlace(problem.Place{Parameter: clip.To(name, 40)}).
				WithFindings(problem.Finding{Path: name, Message: err.Error()})
		}
	}
	lines, err := a.config.Services.Usage.Report(r.Context(), call.Actor, search)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	if format == "csv" {
		return writeUsage(w, lines)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(usageReport{Items: lines})
	return nil
}

func parseDay(text string) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return day, errors.New("must be a day such as 2026-01-31")
	}
	return day, nil
}

// usageReport is a report in JSON.
type usageReport struct {
	Items []usage.Line `json:"items"`
}

func writeUsage(w http.ResponseWriter, lines []usage.Line) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	out := csv.NewWriter(w)
	_ = out.Write([]string{
		"day", "token", "token_name", "dataset", "dataset_name", "kind", "requests", "refusals", "rows", "bytes",
		"sql_ms",
		"p50_ms", "p95_ms",
	})
	for _, l := range lines {
		fields := []string{l.Day, l.Token, l.TokenName, l.Dataset, l.DatasetName, string(l.Kind)}
		for _, n := range []int64{l.Requests, l.Refusals, l.Rows, l.Bytes, l.SQLMS} {
			fields = append(fields, strconv.FormatInt(n, 10))
		}
		for _, x := range []float64{l.P50, l.P95} {
			fields = append(fields, strconv.FormatFloat(x, 'f', -1, 64))
		}
		_ = out.Write(fields)
	}
	out.Flush()
	return nil // a client that left is noticed through the context
}
