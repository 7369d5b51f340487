package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/setup/aws"
)

// Integration is an integration in the API.
type Integration struct {
	ID             string                `json:"id"`
	Name           string                `json:"name"`
	State          integration.State     `json:"state" enum:"reserved,unverified,propagating,verified,failing,insecure,disabled,removed"`
	Reason         string                `json:"reason,omitempty" doc:"Why the state is what it is."`
	ExternalID     string                `json:"external_id" doc:"The External ID that the role's trust policy must require. Windlass generates it."`
	NextExternalID string                `json:"next_external_id,omitempty" doc:"Set during a rotation of the External ID."`
	PrincipalARN   string                `json:"principal_arn" doc:"Windlass's AWS principal, which the trust policy must name."`
	RoleARN        string                `json:"role_arn,omitempty"`
	Locations      []integrationLocation `json:"locations"`
	Access         integration.Mode      `json:"access" enum:"read,readwrite"`
	Region         string                `json:"region,omitempty"`
	Endpoint       string                `json:"endpoint,omitempty"`
	RequesterPays  bool                  `json:"requester_pays"`
	KMSKeyARNs     []string              `json:"kms_key_arns,omitempty"`
	SessionSeconds int                   `json:"session_seconds"`
	WebhookURL     string                `json:"webhook_url,omitempty"`
	Vending        bool                  `json:"vending" doc:"Whether grants may issue credentials through it."`
	Parts          []integrationPart     `json:"parts" doc:"The parts in use, each with its own state. The state of read is also in state."`
	CreatedAt      time.Time             `json:"created_at"`
	VerifiedAt     time.Time             `json:"verified_at,omitzero" doc:"When it was last verified successfully."`
	ExpiresAt      time.Time             `json:"expires_at,omitzero" doc:"When a reservation without a role ends."`
	RemovedAt      time.Time             `json:"removed_at,omitzero" doc:"You can restore it for 24 hours from then."`
	Setup          *setupDocuments       `json:"setup,omitempty" doc:"Documents to paste. Absent in lists."`
	Diff           *setupDiff            `json:"diff,omitempty" doc:"Changes that this edit makes to documents that were pasted before."`
}

type setupDocuments struct {
	RoleName         string   `json:"role_name" doc:"Name of the role to create."`
	TrustPolicy      policy   `json:"trust_policy"`
	PermissionPolicy policy   `json:"permission_policy,omitempty" doc:"Absent while no location is declared."`
	Notes            []string `json:"notes,omitempty" doc:"Notes in addition to the policies: partition, keys, requester pays, an S3-compatible store."`
	LaunchURL        string   `json:"launch_url,omitempty" doc:"CloudFormation page that creates the role, while the role is unknown. If the operator has published the template, everything is filled in; otherwise, upload the template of format=cloudformation there."`
}

type setupDiff struct {
	TrustPolicy      string `json:"trust_policy,omitempty" doc:"A unified diff."`
	PermissionPolicy string `json:"permission_policy,omitempty" doc:"A unified diff."`
}

// integrationPart is a purpose of an integration.
type integrationPart struct {
	Part   integration.Part  `json:"part" enum:"read,write,vending,rotation" doc:"rotation is present from the end of a rotation until the role refuses the old External ID."`
	State  integration.State `json:"state" enum:"reserved,unverified,propagating,verified,failing,insecure,disabled,removed"`
	Reason string            `json:"reason,omitempty" doc:"Why the state is what it is."`
}

func toParts(i *integration.Integration) []integrationPart {
	var parts []integrationPart
	for _, p := range integration.AllParts {
		if found, ok := i.Part(p); ok {
			parts = append(parts, integrationPart{p, found.State, found.Reason})
		}
	}
	return parts
}

// policy is a policy document, its members in order.
type policy json.RawMessage

// MarshalJSON returns the document unchanged.
func (p policy) MarshalJSON() ([]byte, error) { return json.RawMessage(p).MarshalJSON() }

// UnmarshalJSON stores the document unchanged.
func (p *policy) UnmarshalJSON(text []byte) error { return (*json.RawMessage)(p).UnmarshalJSON(text) }

// Schema returns the schema of an object, for huma.
func (policy) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "A policy document."}
}

// integrationLocation is a bucket and a prefix as a caller may write them.
type integrationLocation struct {
	Bucket string `json:"bucket" maxLength:"100"`
	Prefix string `json:"prefix,omitempty" maxLength:"1024" doc:"Ends with a slash; one is added. Empty: the whole bucket."`
}

func (l integrationLocation) object() object.Location {
	return object.Location{Bucket: l.Bucket, Prefix: l.Prefix}
}

type createIntegrationInput struct {
	InWorkspace
	Body struct {
		Name           string                `json:"name,omitempty" maxLength:"256" doc:"Default: named after the role or the bucket."`
		Locations      []integrationLocation `json:"locations,omitempty" maxItems:"100" doc:"At most 8. You can add them later."`
		Access         integration.Mode      `json:"access,omitempty" enum:"read,readwrite" doc:"Default: read."`
		RoleARN        string                `json:"role_arn,omitempty" maxLength:"4096" doc:"Leave out to reserve the integration first."`
		Region         string                `json:"region,omitempty" maxLength:"100" doc:"Region of the buckets. Default: detected."`
		Endpoint       string                `json:"endpoint,omitempty" maxLength:"512" doc:"Address of an S3-compatible service. Default: AWS."`
		RequesterPays  bool                  `json:"requester_pays,omitempty"`
		KMSKeyARNs     []string              `json:"kms_key_arns,omitempty" maxItems:"100"`
		SessionSeconds int                   `json:"session_seconds,omitempty" doc:"900 to 43200; default: 3600."`
		WebhookURL     string                `json:"webhook_url,omitempty" maxLength:"512" doc:"Receives a POST when the integration starts failing or recovers."`
		Vending        bool                  `json:"vending,omitempty" doc:"Let grants issue credentials through it: the trust policy then also allows source identities that begin with windlass- and session tags that begin with windlass:."`
		ExternalID     string                `json:"external_id,omitempty" doc:"Always refused: Windlass generates it."`
	}
}

type updateIntegrationInput struct {
	InIntegration
	Body struct {
		Name           *string                `json:"name,omitempty" maxLength:"256"`
		Locations      *[]integrationLocation `json:"locations,omitempty" maxItems:"100" doc:"The complete list: locations that are left out are no longer declared."`
		Access         *integration.Mode      `json:"access,omitempty" enum:"read,readwrite"`
		RoleARN        *string                `json:"role_arn,omitempty" maxLength:"4096" doc:"The External ID stays the same."`
		Region         *string                `json:"region,omitempty" maxLength:"100"`
		Endpoint       *string                `json:"endpoint,omitempty" maxLength:"512"`
		RequesterPays  *bool                  `json:"requester_pays,omitempty"`
		KMSKeyARNs     *[]string              `json:"kms_key_arns,omitempty" maxItems:"100"`
		SessionSeconds *int                   `json:"session_seconds,omitempty"`
		WebhookURL     *string                `json:"webhook_url,omitempty" maxLength:"512" doc:"Empty: no notifications."`
		Vending        *bool                  `json:"vending,omitempty" doc:"Whether grants may issue credentials through it; this changes the trust policy."`
		Disabled       *bool                  `json:"disabled,omitempty" doc:"Disable it, or enable it again."`
		ExternalID     string                 `json:"external_id,omitempty" doc:"Always refused: see rotation."`
	}
}

// InIntegration is embedded in the input of every route under an integration.
type InIntegration struct {
	InWorkspace
	Integration string `path:"integration" maxLength:"100" doc:"The integration's ID or name."`
}

type listIntegrationsInput struct {
	InWorkspace
	InPage
	Removed bool `query:"removed" doc:"List removed ones that can be restored instead, the last removed first, in one response."`
}

type confirmIntegrationInput struct {
	InIntegration
	Confirm
}

func (a *API) integrationRoutes() {
	const one = "/v1/workspaces/{ws}/integrations/{integration}"
	a.integrationCheckRoutes()
	route(a, operation("list-integrations", "GET /v1/workspaces/{ws}/integrations", "Integrations",
		"List integrations"), a.listIntegrations)
	route(a, operation("create-integration", "POST /v1/workspaces/{ws}/integrations", "Integrations",
		"Reserve an integration, or create one for a role"), a.createIntegration)
	route(a, operation("get-integration", "GET "+one, "Integrations", "One integration"), a.getIntegration)
	route(a, operation("update-integration", "PATCH "+one, "Integrations",
		"Edit an integration and get the changes to its documents"), a.updateIntegration)
	route(a, destructive(operation("remove-integration", "DELETE "+one, "Integrations",
		"Remove an integration; you can restore it for 24 hours")), a.removeIntegration)
	route(a, answering(operation("restore-integration", "POST "+one+"/restore", "Integrations", "Undo a removal")),
		a.restoreIntegration)
	impactRoute(a, "get-integration-impact", one, "Integrations", "Get what stops if it is "+
		"removed", a.integrationImpact)
	impactRoute(a, "get-rotation-impact", one+"/rotation", "Integrations", "Get what stops when the rotation is "+
		"completed",
		a.rotationImpact)
	route(a, operation("start-rotation", "POST "+one+"/rotation", "Integrations",
		"Start rotating the External ID: the trust policy then accepts both"), a.startRotation)
	route(a, destructive(answering(operation("complete-rotation", "POST "+one+"/rotation/complete", "Integrations",
		"Complete the rotation if the role accepts the new External ID"))), a.completeRotation)
	route(a, answering(operation("abandon-rotation", "DELETE "+one+"/rotation", "Integrations",
		"Abandon the rotation")), a.abandonRotation)
	a.raw(setupOperation(operation("get-integration-setup", "GET "+one+"/setup", "Integrations",
		"Get the setup documents in a format")), a.integrationSetup)
}

// answering returns the operation with a 200 response that has a document.
func answering(op huma.Operation) huma.Operation {
	op.DefaultStatus = http.StatusOK
	return op
}

func setupOperation(op huma.Operation) huma.Operation {
	var formats []any
	for _, format := range integration.Formats() {
		formats = append(formats, string(format))
	}
	op.Parameters = append(pathParameters("ws", "integration"), &huma.Param{
		Name: "format", In: "query", Schema: &huma.Schema{
			Type: huma.TypeString, Enum: formats,
			Default: string(aws.JSON),
		},
	})
	op.Responses = map[string]*huma.Response{"200": {Description: "The documents", Content: map[string]*huma.MediaType{
		"application/json": {Schema: policy{}.Schema(nil)}, "text/plain": {Schema: &huma.Schema{Type: huma.TypeString}},
	}}}
	return op
}

func (a *API) listIntegrations(ctx context.Context, call Call,
	in *listIntegrationsInput,
) (*body[paging.List[Integration]], error) {
	if in.Removed {
		found, err := a.config.Services.Integrations.Removed(ctx, call.Actor, call.Workspace)
		return &body[paging.List[Integration]]{mapPage(paging.List[integration.Integration]{Items: found},
			toIntegration)}, err
	}
	found, err := a.config.Services.Integrations.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Integration]]{mapPage(found, toIntegration)}, err
}

func (a *API) createIntegration(ctx context.Context, call Call,
	in *createIntegrationInput,
) (*body[Integration], error) {
	draft := integration.Draft{
		Name: in.Body.Name, RoleARN: in.Body.RoleARN, Locations: toLocations(in.Body.Locations), Access: in.Body.Access,
		Region: in.Body.Region, Endpoint: in.Body.Endpoint, RequesterPays: in.Body.RequesterPays,
		KMSKeyARNs:    in.Body.KMSKeyARNs,
		SessionLength: seconds(in.Body.SessionSeconds), WebhookURL: in.Body.WebhookURL, Vending: in.Body.Vending,
		ExternalID: in.Body.ExternalID,
	}
	made, err := a.config.Services.Integrations.Create(ctx, call.Actor, call.Workspace, draft)
	if err != nil {
		return nil, err
	}
	return a.withSetup(made)
}

func (a *API) getIntegration(ctx context.Context, call Call, in *InIntegration) (*body[Integration], error) {
	found, err := a.config.Services.Integrations.Get(ctx, call.Actor, call.Workspace, in.Integration)
	if err != nil {
		return nil, err
	}
	return a.withSetup(found)
}

func (a *API) updateIntegration(ctx context.Context, call Call,
	in *updateIntegrationInput,
) (*body[Integration], error) {
	change := integration.Change{
		Name: in.Body.Name, RoleARN: in.Body.RoleARN, Access: in.Body.Access, Region: in.Body.Region,
		Endpoint:      in.Body.Endpoint,
		RequesterPays: in.Body.RequesterPays, KMSKeyARNs: in.Body.KMSKeyARNs, WebhookURL: in.Body.WebhookURL,
		Vending: in.Body.Vending, Disabled: in.Body.Disabled, ExternalID: in.Body.ExternalID,
	}
	if in.Body.Locations != nil {
		locations := toLocations(*in.Body.Locations)
		change.Locations = &locations
	}
	if in.Body.SessionSeconds != nil {
		length := seconds(*in.Body.SessionSeconds)
		change.SessionLength = &length
	}
	return a.withDiff(a.config.Services.Integrations.Update(ctx, call.Actor, call.Workspace, in.Integration, change))
}

func (a *API) removeIntegration(ctx context.Context, call Call, in *confirmIntegrationInput) (*struct{}, error) {
	_, err := a.config.Services.Integrations.Remove(ctx, call.Actor, call.Workspace, in.Integration, in.given())
	return nil, err
}

func (a *API) restoreIntegration(ctx context.Context, call Call, in *InIntegration) (*body[Integration], error) {
	restored, err := a.config.Services.Integrations.Restore(ctx, call.Actor, call.Workspace, in.Integration)
	if err != nil {
		return nil, err
	}
	return a.withSetup(restored)
}

func (a *API) integrationImpact(ctx context.Context, call Call, in *InIntegration) (impact.Impact, error) {
	return a.config.Services.Integrations.Impact(ctx, call.Actor, call.Workspace, in.Integration)
}

func (a *API) rotationImpact(ctx context.Context, call Call, in *InIntegration) (impact.Impact, error) {
	return a.config.Services.Integrations.RotationImpact(ctx, call.Actor, call.Workspace, in.Integration)
}

func (a *API) startRotation(ctx context.Context, call Call, in *InIntegration) (*body[Integration], error) {
	return a.withDiff(a.config.Services.Integrations.Rotate(ctx, call.Actor, call.Workspace, in.Integration))
}

func (a *API) completeRotation(ctx context.Context, call Call,
	in *confirmIntegrationInput,
) (*body[Integration], error) {
	return a.withDiff(a.config.Services.Integrations.CompleteRotation(ctx, call.Actor, call.Workspace, in.Integration,
		in.given()))
}

func (a *API) abandonRotation(ctx context.Context, call Call, in *InIntegration) (*body[Integration], error) {
	return a.withDiff(a.config.Services.Integrations.AbandonRotation(ctx, call.Actor, call.Workspace, in.Integration))
}

func (a *API) integrationSetup(w http.ResponseWriter, r *http.Request, call Call) error {
	format := aws.Format(r.URL.Query().Get("format"))
	if format == "" {
		format = aws.JSON
	}
	text, err := a.config.Services.Integrations.Setup(r.Context(), call.Actor, call.Workspace,
		r.PathValue("integration"), format)
	if err != nil {
		return err
	}
	writeDocument(w, format, text)
	return nil
}

func (a *API) withSetup(i integration.Integration) (*body[Integration], error) {
	documents, err := i.Documents()
	if err != nil {
		return nil, err
	}
	out, beside := toIntegration(i), a.config.Services.Integrations.Beside(&i)
	out.Setup = &setupDocuments{
		RoleName: documents.RoleName, TrustPolicy: documents.Trust, PermissionPolicy: documents.Permission,
		Notes: beside.Notes, LaunchURL: beside.LaunchURL,
	}
	return &body[Integration]{out}, nil
}

func (a *API) withDiff(edited integration.Edited, err error) (*body[Integration], error) {
	if err != nil {
		return nil, err
	}
	out, err := a.withSetup(edited.Integration)
	if err == nil && edited.TrustDiff+edited.AccessDiff != "" {
		out.Body.Diff = &setupDiff{TrustPolicy: edited.TrustDiff, PermissionPolicy: edited.AccessDiff}
	}
	return out, err
}

func toIntegration(i integration.Integration) Integration {
	out := Integration{
		ID: i.ID, Name: i.Name, State: i.State, Reason: i.Reason, ExternalID: string(i.ExternalID),
		NextExternalID: string(i.NextExternalID),
		PrincipalARN:   i.PrincipalARN, RoleARN: string(i.RoleARN), Locations: []integrationLocation{},
		Access: i.Access,
		Region: i.Region, Endpoint: i.Endpoint,
		RequesterPays: i.RequesterPays, KMSKeyARNs: i.KMSKeyARNs, SessionSeconds: int(i.SessionLength / time.Second),
		WebhookURL: i.WebhookURL, Vending: i.Vending, Parts: toParts(&i),
		CreatedAt: i.CreatedAt, VerifiedAt: i.VerifiedAt, ExpiresAt: i.ExpiresAt(), RemovedAt: i.RemovedAt,
	}
	for _, l := range i.Locations {
		out.Locations = append(out.Locations, integrationLocation(l))
	}
	return out
}

func toLocations(given []integrationLocation) []object.Location {
	var out []object.Location
	for _, l := range given {
		out = append(out, l.object())
	}
	return out
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
