package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/doctor"
	"github.com/windlass-io/windlass/internal/paging"
)

// Verification is a run of the doctor in the API.
type Verification struct {
	ID        string         `json:"id"`
	State     doctor.State   `json:"state" enum:"running,verified,failing,insecure,propagating"`
	Reason    string         `json:"reason,omitempty" doc:"Why it isn't verified."`
	Trigger   doctor.Trigger `json:"trigger" enum:"asked,edited,settled,timer"`
	By        string         `json:"by,omitempty" doc:"Who asked."`
	Subject   doctor.Subject `json:"subject" doc:"The integration at that time."`
	Checks    []Check        `json:"checks" doc:"The completed checks, in order."`
	StartedAt time.Time      `json:"started_at"`
	EndedAt   time.Time      `json:"ended_at,omitzero"`
	AgainAt   time.Time      `json:"again_at,omitzero" doc:"When it is retried automatically."`
	// Changes is only set in a history.
	Changes []doctor.Change `json:"changes,omitempty" doc:"In a list: the checks whose result differs from the previous verification."`
}

// Check is one question that was asked of AWS.
type Check struct {
	Code      doctor.Code      `json:"code"`
	Title     string           `json:"title" doc:"What it tests."`
	Status    doctor.Status    `json:"status" enum:"pass,fail,warn,skip"`
	Detail    string           `json:"detail" doc:"The result."`
	WaitsFor  doctor.Code      `json:"waits_for,omitempty" doc:"For a skipped check: the check that must pass first."`
	Calls     []awsCall        `json:"calls" doc:"The calls and their responses."`
	CauseCode doctor.CauseCode `json:"cause_code,omitempty" doc:"For programs; stable."`
	Cause     string           `json:"cause,omitempty" doc:"The likely cause."`
	Fix       *fix             `json:"fix,omitempty"`
	Duration  int64            `json:"duration_ms"`
}

type awsCall struct {
	Action    string `json:"action" doc:"The action's name in policies."`
	Resource  string `json:"resource"`
	Status    int    `json:"status" doc:"HTTP status; 0 if there was no response."`
	ErrorCode string `json:"error_code,omitempty"`
	RequestID string `json:"request_id,omitempty"`
	Duration  int64  `json:"duration_ms"`
}

type fix struct {
	Text     string       `json:"text" doc:"What to change."`
	Where    doctor.Where `json:"where,omitempty" doc:"The document that it replaces."`
	Document policy       `json:"document,omitempty"`
	Diff     string       `json:"diff,omitempty" doc:"A unified diff against the generated or pasted document."`
	Command  string       `json:"command,omitempty" doc:"The same change as a command."`
}

type verifyInput struct {
	InIntegration
	Wait bool `query:"wait" doc:"Wait for the result."`
	Body *struct {
		Documents struct {
			Trust      policy `json:"trust_policy,omitempty"`
			Permission policy `json:"permission_policy,omitempty"`
			Boundary   policy `json:"permissions_boundary,omitempty"`
			Bucket     policy `json:"bucket_policy,omitempty"`
		} `json:"documents,omitempty" doc:"The role's current documents, which help to find causes that AWS doesn't report."`
	}
}

type inVerification struct {
	InIntegration
	Verification string `path:"verification" maxLength:"64"`
}

type listVerificationsInput struct {
	InIntegration
	InPage
}

func (a *API) verificationRoutes() {
	const all = "/v1/workspaces/{ws}/integrations/{integration}/verifications"
	route(a, operation("list-verifications", "GET "+all, "Verifications",
		"List an integration's verifications, newest first"), a.listVerifications)
	route(a, operation("verify-integration", "POST "+all, "Verifications", "Verify an integration"), a.verify)
	route(a, operation("get-verification", "GET "+all+"/{verification}", "Verifications",
		"Get a verification"), a.getVerification)
	events := operation("watch-verification", "GET "+all+"/{verification}/events", "Verifications",
		"Follow a verification: server-sent events check and end")
	events.Parameters = pathParameters("ws", "integration", "verification")
	events.Responses = map[string]*huma.Response{"200": {
		Description: "Events",
		Content:     map[string]*huma.MediaType{"text/event-stream": textMedia()},
	}}
	a.raw(events, a.watchVerification)
	report := operation("get-verification-report", "GET "+all+"/{verification}/report", "Verifications",
		"Get a verification as an HTML page for a reviewer")
	report.Parameters = pathParameters("ws", "integration", "verification")
	report.Responses = map[string]*huma.Response{"200": {
		Description: "The report",
		Content:     map[string]*huma.MediaType{"text/html": textMedia()},
	}}
	a.raw(report, a.verificationReport)
}

func (a *API) listVerifications(ctx context.Context, call Call,
	in *listVerificationsInput,
) (*body[paging.List[Verification]], error) {
	found, err := a.config.Services.Doctor.List(ctx, call.Actor, call.Workspace, in.Integration,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Verification]]{mapPage(found, toPast)}, err
}

func (a *API) verify(ctx context.Context, call Call, in *verifyInput) (*body[Verification], error) {
	var order doctor.Order
	if in.Body != nil {
		d := in.Body.Documents
		order.Documents = doctor.Documents{
			Trust: json.RawMessage(d.Trust), Permission: json.RawMessage(d.Permission),
			Boundary: json.RawMessage(d.Boundary), Bucket: json.RawMessage(d.Bucket),
		}
	}
	v, err := a.config.Services.Doctor.Verify(ctx, call.Actor, call.Workspace, in.Integration, order)
	if err == nil && in.Wait {
		v, err = a.config.Services.Doctor.Wait(ctx, call.Actor, call.Workspace, v.Integration, v.ID)
	}
	return &body[Verification]{toVerification(v)}, err
}

func (a *API) getVerification(ctx context.Context, call Call, in *inVerification) (*body[Verification], error) {
	v, err := a.config.Services.Doctor.Get(ctx, call.Actor, call.Workspace, in.Integration, in.Verification)
	return &body[Verification]{toVerification(v)}, err
}

// watchVerification sends each check when it is done, and at the end the
// whole verification.
func (a *API) watchVerification(w http.ResponseWriter, r *http.Request, call Call) error {
	return a.sendEvents(w, r, call, func(ctx context.Context, s *eventStream) error {
		sent := 0
		see := func(v doctor.Verification) error {
			for ; sent < len(v.Checks); sent++ {
				s.send("check", toCheck(v.Checks[sent]))
			}
			if v.State != doctor.Running {
				s.send("end", toVerification(v))
			}
			s.flush()
			return nil
		}
		return a.config.Services.Doctor.Watch(ctx, call.Actor, call.Workspace, r.PathValue("integration"),
			r.PathValue("verification"), see)
	})
}

// verificationReport serves the report as a file. Its content security policy
// prevents browsers from running scripts or fetching anything.
func (a *API) verificationReport(w http.ResponseWriter, r *http.Request, call Call) error {
	v, err := a.config.Services.Doctor.Get(r.Context(), call.Actor, call.Workspace, r.PathValue("integration"),
		r.PathValue("verification"))
	if err != nil {
		return err
	}
	var page bytes.Buffer
	if err := doctor.WriteReport(&page, v); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Content-Disposition", `attachment; filename="`+v.ID+`.html"`)
	_, _ = page.WriteTo(w)
	return nil
}

func toVerification(v doctor.Verification) Verification {
	out := Verification{
		ID: v.ID, State: v.State, Reason: v.Reason, Trigger: v.Trigger, By: v.By, Subject: v.Subject,
		Checks: []Check{}, StartedAt: v.StartedAt, EndedAt: v.EndedAt, AgainAt: v.AgainAt,
	}
	for _, c := range v.Checks {
		out.Checks = append(out.Checks, toCheck(c))
	}
	return out
}

func toPast(past doctor.Past) Verification {
	out := toVerification(past.Verification)
	out.Changes = past.Changes
	return out
}

func toCheck(c doctor.Check) Check {
	out := Check{
		Code: c.Code, Title: c.Title, Status: c.Status, Detail: c.Detail, WaitsFor: c.WaitsFor, Calls: []awsCall{},
		CauseCode: c.CauseCode, Cause: c.Cause, Duration: c.Took.Milliseconds(),
	}
	for _, call := range c.Calls {
		out.Calls = append(out.Calls, awsCall{
			Action: call.Action, Resource: call.Resource, Status: call.Status,
			ErrorCode: call.ErrorCode, RequestID: call.RequestID, Duration: call.Took.Milliseconds(),
		})
	}
	if c.Fix != nil {
		out.Fix = &fix{
			Text: c.Fix.Text, Where: c.Fix.Where, Document: policy(c.Fix.Document), Diff: c.Fix.Diff,
			Command: c.Fix.Command,
		}
	}
	return out
}
