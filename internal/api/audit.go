package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/telemetry"
)

// auditHeadHeader is the header with the head of an export's chain, so that clients
// can detect a truncated export.
const auditHeadHeader = "X-Audit-Head"

// AuditReport is the result of verifying the chain.
type AuditReport struct {
	Holds   bool         `json:"holds"`
	Entries int64        `json:"entries" doc:"Number of the last valid entry."`
	Head    string       `json:"head" doc:"The last valid entry, as number:hash. Store it: a later verification with it proves that no entry up to it was changed or removed."`
	Break   *audit.Break `json:"break,omitempty" doc:"The first invalid entry."`
	Missing []string     `json:"missing,omitempty" doc:"Archive files that are missing from the archive folder. Their entries weren't read."`
}

type listAuditInput struct {
	InWorkspace
	InPage
	Actor    string    `query:"actor" maxLength:"256" doc:"Who acted, by ID."`
	Action   string    `query:"action" maxLength:"64" doc:"An action, such as integration.create; or a kind with a final dot, such as integration."`
	Resource string    `query:"resource" maxLength:"256" doc:"The resource of the action, by ID."`
	Outcome  string    `query:"outcome" enum:"allowed,denied,done"`
	Request  string    `query:"request" maxLength:"64" doc:"A request ID."`
	Since    time.Time `query:"since"`
	Until    time.Time `query:"until" doc:"Exclusive."`
	Reads    bool      `query:"reads" doc:"Include reads of data."`
}

type verifyAuditInput struct {
	InWorkspace
	Head string `query:"head" maxLength:"100" doc:"The head of an earlier verification, as number:hash, which must still be in the chain."`
}

func (a *API) auditRoutes() {
	route(a, operation("list-audit", "GET /v1/workspaces/{ws}/audit", "Audit",
		"List audit entries, newest first"), a.listAudit)
	route(a, operation("verify-audit", "GET /v1/workspaces/{ws}/audit/verification", "Audit",
		"Verify the chain and find the first changed entry"), a.verifyAudit)
	export := operation("export-audit", "GET /v1/workspaces/{ws}/audit/export", "Audit",
		"Export all entries as JSON Lines, oldest first")
	export.Parameters = pathParameters("ws")
	export.Responses = map[string]*huma.Response{"200": {
		Description: "An entry a line. The header " + auditHeadHeader + " has the number and hash of the last.",
		Content:     map[string]*huma.MediaType{"application/jsonl": textMedia()},
	}}
	a.raw(export, a.exportAudit)
}

func (a *API) listAudit(ctx context.Context, call Call, in *listAuditInput) (*body[paging.List[audit.Entry]], error) {
	filter := audit.Filter{
		Actor: in.Actor, Action: in.Action, Resource: in.Resource, Outcome: audit.Outcome(in.Outcome),
		Request: in.Request, Since: in.Since, Until: in.Until, Reads: in.Reads,
	}
	found, err := a.config.Services.Audit.List(ctx, call.Actor, call.Workspace, filter,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[audit.Entry]]{found}, err
}

func (a *API) verifyAudit(ctx context.Context, call Call, in *verifyAuditInput) (*body[AuditReport], error) {
	anchor, err := parseHead(in.Head)
	if err != nil {
		return nil, err
	}
	report, err := a.config.Services.Audit.Verify(ctx, call.Actor, call.Workspace, anchor)
	return &body[AuditReport]{AuditReport{
		Holds: report.Break == nil, Entries: report.Entries,
		Head: report.Head.String(), Break: report.Break, Missing: report.Missing,
	}}, err
}

func parseHead(text string) (audit.Head, error) {
	if text == "" {
		return audit.Head{}, nil
	}
	head, err := audit.ParseHead(text)
	if err != nil {
		return audit.Head{}, problem.Wrap(err, problem.Invalid,
			"The head isn't a number, a colon and 64 hexadecimal digits.").
			WithHint("Take it from \"head\" of an earlier verification, unchanged.")
	}
	return head, nil
}

// exportAudit streams the export. A truncated export doesn't match the head
// in its header.
func (a *API) exportAudit(w http.ResponseWriter, r *http.Request, call Call) error {
	export, err := a.config.Services.Audit.Export(r.Context(), call.Actor, call.Workspace)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jsonl")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set(auditHeadHeader, export.Head.String())
	if err := export.Write(r.Context(), w); err != nil {
		a.config.Logger.ErrorContext(r.Context(), telemetry.AnswerCutOff, "cause",
			err)
	}
	return nil
}
