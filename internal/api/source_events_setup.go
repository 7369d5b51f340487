package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/arrival"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// SourceEventsVerification is the result of the checks of a queue, in the API.
type SourceEventsVerification struct {
	Source string              `json:"source" doc:"The source's ID."`
	Queue  string              `json:"queue" doc:"The queue's ARN."`
	State  string              `json:"state" enum:"verified,failing" doc:"failing if a check failed."`
	Checks []SourceEventsCheck `json:"checks"`
	At     time.Time           `json:"at"`
}

// SourceEventsCheck is one check of a queue, in the API.
type SourceEventsCheck struct {
	Code      arrival.CheckCode `json:"code"`
	Status    arrival.Status    `json:"status" enum:"pass,fail,warn,skip"`
	Detail    string            `json:"detail" doc:"The result as a sentence."`
	CauseCode arrival.Cause     `json:"cause_code,omitempty" doc:"Cause of a fail or warn, if known."`
	Fix       *fix              `json:"fix,omitempty"`
}

type verifyEventsInput struct {
	InSource
	Wait bool `query:"wait" doc:"The response always waits for the checks."`
}

// eventsSetupOperation completes the operation that writes setup documents.
func eventsSetupOperation(op huma.Operation) huma.Operation {
	op = setupOperation(op)
	op.Parameters = append(pathParameters("ws", "source"), op.Parameters[len(op.Parameters)-1], &huma.Param{
		Name: "route", In: "query", Description: "How events reach the queue. Default: the setting's.",
		Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"direct", "sns", "eventbridge"}},
	})
	return op
}

// eventsSetup writes the setup documents of a queue.
func (a *API) eventsSetup(w http.ResponseWriter, r *http.Request, call Call) error {
	format := aws.Format(r.URL.Query().Get("format"))
	if format == "" {
		format = aws.JSON
	}
	text, err := a.config.Services.Events.Setup(r.Context(), call.Actor, call.Workspace, r.PathValue("source"), format,
		arrival.Route(r.URL.Query().Get("route")))
	if err != nil {
		return err
	}
	writeDocument(w, format, text)
	return nil
}

// writeDocument writes a setup document as the answer.
func writeDocument(w http.ResponseWriter, format aws.Format, text string) {
	types := map[aws.Format]string{aws.JSON: "application/json", aws.CloudFormation: "application/yaml"}
	contentType := types[format]
	if contentType == "" {
		contentType = "text/plain; charset=utf-8"
	}
	w.Header().Set("Content-Type", contentType)
	_, _ = io.WriteString(w, text) //nolint:gosec // G705: browsers don't run these content types, and sniffing is off
}

func (a *API) verifyEvents(ctx context.Context, call Call, in *verifyEventsInput) (
	*body[SourceEventsVerification], error,
) {
	v, err := a.config.Services.Events.Verify(ctx, call.Actor, call.Workspace, in.Source)
	if err != nil {
		return nil, err
	}
	out := SourceEventsVerification{
		Source: v.SourceID, Queue: v.Queue, State: "failing", Checks: []SourceEventsCheck{}, At: v.At,
	}
	if v.Passed {
		out.State = "verified"
	}
	for _, c := range v.Checks {
		check := SourceEventsCheck{Code: c.Code, Status: c.Status, Detail: c.Detail, CauseCode: c.Cause}
		if c.Fix != "" {
			check.Fix = &fix{Text: c.Fix}
		}
		out.Checks = append(out.Checks, check)
	}
	return &body[SourceEventsVerification]{out}, nil
}
