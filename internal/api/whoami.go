package api

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
)

// Whoami is who a token belongs to.
type Whoami struct {
	Kind      access.Kind    `json:"kind"`
	ID        string         `json:"id"`
	Name      string         `json:"name,omitempty"`
	Workspace string         `json:"workspace" doc:"The workspace's ID."`
	Scopes    []access.Scope `json:"scopes,omitempty"`
}

func (a *API) whoamiRoutes() {
	route(a, operation("whoami", "GET /v1/whoami", "Tokens", "Who the token belongs to"), a.whoami)
}

func (a *API) whoami(_ context.Context, call Call, _ *struct{}) (*body[Whoami], error) {
	actor := call.Actor
	return &body[Whoami]{Whoami{Kind: actor.Kind, ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Scopes: actor.Scopes}}, nil
}
