package api

import (
	"context"
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"

	"github.com/windlass-io/windlass/internal/integration/pasted"
)

// anyDocument is a pasted policy: JSON, or a string with JSON.
type anyDocument json.RawMessage

// UnmarshalJSON stores the document unchanged.
func (d *anyDocument) UnmarshalJSON(text []byte) error {
	return (*json.RawMessage)(d).UnmarshalJSON(text)
}

// Schema returns the schema of an object or a string, for huma.
func (anyDocument) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{
		Description: "A policy document, or the aws command's output that contains it; also as a string.",
		OneOf:       []*huma.Schema{{Type: huma.TypeObject, AdditionalProperties: true}, {Type: huma.TypeString}},
	}
}

// text returns the document's text.
func (d anyDocument) text() []byte {
	var inner string
	if json.Unmarshal(d, &inner) == nil {
		return []byte(inner)
	}
	return d
}

func texts(documents map[string]anyDocument) map[string][]byte {
	out := map[string][]byte{}
	for name, d := range documents {
		out[name] = d.text()
	}
	return out
}

type checkIntegrationInput struct {
	InIntegration
	Body struct {
		TrustPolicy         anyDocument            `json:"trust_policy,omitempty"`
		PermissionPolicies  []anyDocument          `json:"permission_policies,omitempty" maxItems:"10" doc:"All permission policies of the role. They are evaluated together."`
		PermissionsBoundary anyDocument            `json:"permissions_boundary,omitempty"`
		BucketPolicies      map[string]anyDocument `json:"bucket_policies,omitempty" maxProperties:"8" doc:"By bucket name. They are evaluated with the role's permission policies."`
		KeyPolicies         map[string]anyDocument `json:"key_policies,omitempty" maxProperties:"20" doc:"By KMS key ARN."`
	}
}

// checkedDocuments is the result of checking pasted documents.
type checkedDocuments struct {
	Verdict   string            `json:"verdict" enum:"fits,unreadable,insecure,missing,unknown,excess" doc:"The most severe finding; advice doesn't count."`
	Findings  []pasted.Finding  `json:"findings" doc:"The most severe first."`
	Questions []pasted.Question `json:"questions" doc:"The calls that were evaluated."`
	Diff      *setupDiff        `json:"diff,omitempty" doc:"Changes from the pasted documents to the generated ones."`
}

func (a *API) integrationCheckRoutes() {
	op := answering(operation("check-integration-documents",
		"POST /v1/workspaces/{ws}/integrations/{integration}/check", "Integrations",
		"Check the documents of an existing role, without calling AWS"))
	route(a, op, a.checkIntegration)
}

func (a *API) checkIntegration(ctx context.Context, call Call,
	in *checkIntegrationInput,
) (*body[checkedDocuments], error) {
	given := pasted.Documents{
		Trust: in.Body.TrustPolicy.text(), Boundary: in.Body.PermissionsBoundary.text(),
		Buckets: texts(in.Body.BucketPolicies), Keys: texts(in.Body.KeyPolicies),
	}
	for _, document := range in.Body.PermissionPolicies {
		given.Permissions = append(given.Permissions, document.text())
	}
	checked, err := a.config.Services.Integrations.Check(ctx, call.Actor, call.Workspace, in.Integration, given)
	if err != nil {
		return nil, err
	}
	out := checkedDocuments{Verdict: "fits", Findings: checked.Findings, Questions: checked.Questions}
	if verdict := checked.Verdict(); verdict != "" {
		out.Verdict = string(verdict)
	}
	if checked.TrustDiff+checked.AccessDiff != "" {
		out.Diff = &setupDiff{TrustPolicy: checked.TrustDiff, PermissionPolicy: checked.AccessDiff}
	}
	return &body[checkedDocuments]{out}, nil
}
