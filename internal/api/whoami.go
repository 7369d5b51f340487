package api

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// Whoami describes the token of the request.
type Whoami struct {
	Kind      access.Kind    `json:"kind"`
	ID        string         `json:"id" doc:"For a personal token, the member's ID; else the token's."`
	Name      string         `json:"name,omitempty"`
	Workspace string         `json:"workspace" doc:"The workspace's ID."`
	Role      access.Role    `json:"role" doc:"The current role of the token's maker, which limits the token."`
	Maker     string         `json:"maker" doc:"ID of the member who made the token."`
	Token     string         `json:"token,omitempty" doc:"The token's ID."`
	Scopes    []access.Scope `json:"scopes,omitempty"`
}

func (a *API) whoamiRoutes() {
	route(a, operation("whoami", "GET /v1/whoami", "Tokens", "Get the token of the request"), a.whoami)
	route(a, operation("revoke-whoami", "DELETE /v1/whoami", "Tokens", "Revoke the token of the request"),
		a.revokeWhoami)
}

func (a *API) whoami(_ context.Context, call Call, _ *struct{}) (*body[Whoami], error) {
	actor := call.Actor
	return &body[Whoami]{Whoami{
		Kind: actor.Kind, ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Role: actor.Role,
		Maker: actor.Member,
		Token: actor.Token, Scopes: actor.Scopes,
	}}, nil
}

func (a *API) revokeWhoami(ctx context.Context, call Call, _ *struct{}) (*struct{}, error) {
	if call.Actor.Token == "" {
		return nil, problem.New(problem.Invalid, "The request has no token that can be revoked.").
			WithHint("Sign out instead.")
	}
	return nil, a.config.Services.Tokens.Revoke(ctx, call.Actor, call.Actor.Workspace, call.Actor.Token,
		impact.Waived())
}
