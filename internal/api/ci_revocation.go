package api

import (
	"context"
	"encoding/json"
	"time"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending"
)

// Revocation prevents someone or something from getting credentials.
type Revocation struct {
	ID        string          `json:"id"`
	Kind      vending.Subject `json:"kind"`
	Subject   string          `json:"subject" doc:"ID of the grant, provider, integration or user."`
	Provider  string          `json:"provider,omitempty" doc:"The user's provider."`
	CreatedAt time.Time       `json:"created_at"`
	Documents []endSessions   `json:"documents,omitempty" doc:"For each role, the policy that ends live sessions. Returned once."`
}

type endSessions struct {
	Integration string          `json:"integration"`
	RoleARN     string          `json:"role_arn"`
	PolicyName  string          `json:"policy_name"`
	Policy      json.RawMessage `json:"policy"`
	Command     string          `json:"command" doc:"Command for the role's owner."`
	Applied     bool            `json:"applied"`
	Detail      string          `json:"detail,omitempty" doc:"Why it wasn't applied."`
}

type revokeInput struct {
	InWorkspace
	Confirm
	Body struct {
		Grant       string `json:"grant,omitempty" maxLength:"64" doc:"ID or name."`
		Provider    string `json:"provider,omitempty" maxLength:"64" doc:"ID or name; with user, the user's provider, or members."`
		Integration string `json:"integration,omitempty" maxLength:"64" doc:"ID or name. Its loads continue."`
		User        string `json:"user,omitempty" maxLength:"128" doc:"The user's ID in the provider's tokens, or the member's."`
		Apply       bool   `json:"apply,omitempty" doc:"Attach the deny policies to the roles that allow it."`
	}
}

type revocationImpactInput struct {
	InWorkspace
	Grant       string `query:"grant" maxLength:"64" doc:"ID or name."`
	Provider    string `query:"provider" maxLength:"64" doc:"ID or name; with user, the user's provider, or members."`
	Integration string `query:"integration" maxLength:"64" doc:"ID or name."`
	User        string `query:"user" maxLength:"128" doc:"The user's ID in the provider's tokens, or the member's."`
}

// InRevocation is the input of every route under a revocation.
type InRevocation struct {
	InWorkspace
	Revocation string `path:"revocation" maxLength:"64"`
}

type listRevocationsInput struct {
	InWorkspace
	InPage
}

func (a *API) revocationRoutes() {
	const tag = "CI access"
	route(a, operation("list-revocations", "GET /v1/workspaces/{ws}/revocations", tag,
		"List revocations"), a.listRevocations)
	route(a, destructive(operation("revoke", "POST /v1/workspaces/{ws}/revocations", tag,
		"Revoke a grant, provider, integration or user, and get the policies that end live sessions")), a.revoke)
	impactRoute(a, "get-revocation-impact", "/v1/workspaces/{ws}/revocations", tag, "Get what a revocation stops",
		a.revocationImpact)
	route(a, operation("undo-revocation", "DELETE /v1/workspaces/{ws}/revocations/{revocation}", tag,
		"Lift the revocation of a user or integration"), a.undoRevocation)
}

func (a *API) listRevocations(ctx context.Context, call Call,
	in *listRevocationsInput,
) (*body[paging.List[Revocation]], error) {
	found, err := a.config.Services.Vending.Revocations(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Revocation]]{mapPage(found, toRevocation)}, err
}

func (a *API) revoke(ctx context.Context, call Call, in *revokeInput) (*body[Revocation], error) {
	made, documents, err := a.config.Services.Vending.Revoke(ctx, call.Actor, call.Workspace, vending.Target(in.Body),
		in.given())
	out := toRevocation(made)
	for _, d := range documents {
		out.Documents = append(out.Documents, endSessions{
			Integration: d.Integration, RoleARN: d.RoleARN, PolicyName: d.PolicyName, Policy: d.Policy,
			Command: d.Command, Applied: d.Applied, Detail: d.Detail,
		})
	}
	return &body[Revocation]{out}, err
}

func (a *API) revocationImpact(ctx context.Context, call Call, in *revocationImpactInput) (impact.Impact, error) {
	target := vending.Target{Grant: in.Grant, Provider: in.Provider, Integration: in.Integration, User: in.User}
	return a.config.Services.Vending.Impact(ctx, call.Actor, call.Workspace, target)
}

func (a *API) undoRevocation(ctx context.Context, call Call, in *InRevocation) (*struct{}, error) {
	return nil, a.config.Services.Vending.Undo(ctx, call.Actor, call.Workspace, in.Revocation)
}

func toRevocation(r vending.Revocation) Revocation {
	return Revocation{ID: r.ID, Kind: r.Kind, Subject: r.Subject, Provider: r.Provider, CreatedAt: r.CreatedAt}
}
