package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/door"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/origin"
	"github.com/windlass-io/windlass/internal/platform"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/transfer"
)

// Problem is an error in the API, as defined by RFC 9457.
type Problem struct { //nolint:errname // RFC 9457's own word
	Title     string            `json:"title"`
	Status    int               `json:"status" doc:"HTTP status."`
	Code      problem.Code      `json:"code" doc:"For programs; stable."`
	Reason    string            `json:"reason,omitempty" doc:"A more specific reason for programs, in addition to the code."`
	Detail    string            `json:"detail" doc:"What happened, to what, and why."`
	Hint      string            `json:"hint,omitempty" doc:"The next step."`
	Parameter string            `json:"parameter,omitempty" doc:"The invalid parameter."`
	Column    string            `json:"column,omitempty" doc:"The column that the parameter is about."`
	Position  int               `json:"position,omitempty" doc:"Position of the problem in the parameter's value, in characters from 1."`
	Errors    []problem.Finding `json:"errors,omitempty" doc:"All problems of the input."`
	Impact    *impact.Impact    `json:"impact,omitempty" doc:"What would stop and be deleted, if a confirmation is missing or wrong."`
	RequestID string            `json:"request_id,omitempty"`
	// The effect of a schema change that was refused because of the rows.
	*alter.Report

	retryAfter string // the header of that name
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status, for huma.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns RFC 9457's media type, for huma.
func (*Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders returns the headers that go with the document, for huma.
func (p *Problem) GetHeaders() http.Header {
	header := http.Header{}
	if p.retryAfter != "" {
		header.Set("Retry-After", p.retryAfter)
	}
	return header
}

// toProblem converts an error to the problem that the client gets.
func toProblem(ctx context.Context, err error) *Problem {
	e := problem.From(err)
	status := door.StatusOf(e.Code)
	switch {
	case transfer.IsSlow(err):
		status = http.StatusRequestTimeout
	case e.Reason == longQuery:
		status = http.StatusRequestURITooLong
	}
	var measured *impact.Impact
	if unconfirmed := (*impact.UnconfirmedError)(nil); errors.As(err, &unconfirmed) {
		measured = &unconfirmed.Impact
	}
	var report *alter.Report
	if refused := (*alter.RefusedError)(nil); errors.As(err, &refused) {
		report = &refused.Report
	}
	return &Problem{
		Title: http.StatusText(status), Status: status, Code: e.Code, Reason: e.Reason,
		Detail: e.Message, Hint: e.Hint, Errors: e.Findings,
		Parameter: e.Place.Parameter, Column: e.Place.Column, Position: e.Place.Position,
		Impact: measured, Report: report,
		RequestID: door.From(ctx).ID, retryAfter: retryAfter(err, status),
	}
}

// fail logs the details of an error that the client doesn't see, and returns
// the client's problem.
func (a *API) fail(ctx context.Context, err error) *Problem {
	p := toProblem(ctx, err)
	if reached := problem.LimitOf(err); reached != "" && a.config.Rejected != nil {
		a.config.Rejected(ctx, string(reached))
	}
	if p.Status >= http.StatusInternalServerError && !errors.Is(ctx.Err(), context.Canceled) {
		cause := problem.From(err).Cause
		a.config.Logger.ErrorContext(ctx, telemetry.RequestFailed, "code", p.Code, "detail",
			p.Detail, "cause", cause)
	}
	return p
}

// methodNotAllowed is the code for a method that the path doesn't support.
const methodNotAllowed problem.Code = "method_not_allowed"

// refuseRoute refuses a path without a route, or a method that the path doesn't
// support.
func (a *API) refuseRoute(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") == "" && r.URL.Query().Has("token") &&
		!strings.HasPrefix(r.URL.Path, "/v1/workspaces/") { // a client of the platform
		senderFrom(r.Context()).inQuery = true
	}
	methods := a.methods(r)
	if len(methods) == 0 {
		a.writeError(w, r, problem.New(problem.NotFound, "There is no %s.", clip.To(r.URL.Path, 200)).
			WithHint("The routes are described at /docs."))
		return
	}
	allow := strings.Join(methods, ", ")
	w.Header().Set("Allow", allow)
	writeProblem(w, r, &Problem{
		Title: http.StatusText(http.StatusMethodNotAllowed), Status: http.StatusMethodNotAllowed,
		Code:   methodNotAllowed,
		Detail: fmt.Sprintf("%s doesn't support the method %s.", clip.To(r.URL.Path, 200), clip.To(r.Method, 20)),
		Hint:   "Use " + allow + ".", RequestID: door.From(r.Context()).ID,
	})
}

// writeError writes the error of a request that huma doesn't handle.
func (a *API) writeError(w http.ResponseWriter, r *http.Request, err error) {
	writeProblem(w, r, a.fail(r.Context(), err))
}

// writeProblem writes a problem. For a platform client, whose token is in the
// query, it uses the platform's form.
func writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	w.Header().Del("Content-Disposition")
	openTo(w.Header(), r, origin.Any)
	maps.Copy(w.Header(), p.GetHeaders())
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if senderFrom(r.Context()).inQuery {
		platform.Refusal{Status: p.Status, Code: p.Code, Detail: p.Detail, Hint: p.Hint, Errors: p.Errors}.Write(w, r)
		return
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// problemDocument converts huma's errors, which repeat the rejected value, to
// problems that don't, because the value may be a secret.
func problemDocument(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := &Problem{
		Title: model.Title, Status: model.Status, Code: door.CodeOf(model.Status), Detail: model.Detail,
		RequestID: door.From(ctx.Context()).ID,
	}
	if p.Detail == "validation failed" { // huma's words
		p.Detail, p.Hint = "The request isn't valid for this call.", "See /docs for what it accepts."
	}
	for _, detail := range model.Errors {
		if detail != nil {
			p.Errors = append(p.Errors, problem.Finding{Path: detail.Location, Message: detail.Message})
		}
	}
	return p, nil
}
