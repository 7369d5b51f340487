package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/page"
	"github.com/windlass-io/windlass/internal/token"
)

// Token is an API token as the API tells it: without the token itself.
type Token struct {
	ID        string         `json:"id"`
	Kind      token.Kind     `json:"kind"`
	Name      string         `json:"name"`
	Tail      string         `json:"tail" doc:"The token's last four digits."`
	Scopes    []access.Scope `json:"scopes"`
	Member    string         `json:"member,omitempty" doc:"Of a personal token: whose it is, by ID."`
	CreatedAt time.Time      `json:"created_at"`
	ExpiresAt time.Time      `json:"expires_at,omitzero"`
	UsedAt    time.Time      `json:"used_at,omitzero" doc:"To about a minute."`
}

// MintedToken is a new token. It is told this once.
type MintedToken struct {
	Token
	Text string `json:"token" doc:"The token itself. It is not told again."`
}

type createTokenInput struct {
	InWorkspace
	Body struct {
		Kind      token.Kind   `json:"kind" enum:"secret,publishable,personal"`
		Name      string       `json:"name" maxLength:"100"`
		Scopes    []tokenScope `json:"scopes,omitempty" maxItems:"200" doc:"What a publishable token may read."`
		Member    string       `json:"member,omitempty" maxLength:"254" doc:"In whose name a personal token acts, by ID or e-mail address; default: who asks."`
		ExpiresAt time.Time    `json:"expires_at,omitempty"`
	}
}

type tokenScope struct {
	Action  access.Action `json:"action" enum:"data.read"`
	Dataset string        `json:"dataset" maxLength:"255" doc:"A dataset's name or ID, or * for all."`
}

// InToken is the input of every route under a token.
type InToken struct {
	InWorkspace
	Token string `path:"token" maxLength:"64"`
}

type listTokensInput struct {
	InWorkspace
	InPage
}

type confirmTokenInput struct {
	InToken
	Confirm
}

func (a *API) tokenRoutes() {
	route(a, operation("list-tokens", "GET /v1/workspaces/{ws}/tokens", "Tokens", "List tokens"), a.listTokens)
	route(a, operation("create-token", "POST /v1/workspaces/{ws}/tokens", "Tokens", "Make a token; it is told once"), a.createToken)
	route(a, destructive(operation("revoke-token", "DELETE /v1/workspaces/{ws}/tokens/{token}", "Tokens", "End a token")), a.revokeToken)
	impactRoute(a, "get-token-impact", "/v1/workspaces/{ws}/tokens/{token}", "Tokens", "What stops without it", a.tokenImpact)
}

func (a *API) listTokens(ctx context.Context, call Call, in *listTokensInput) (*body[page.Of[Token]], error) {
	found, err := a.config.Services.Tokens.List(ctx, call.Actor, call.Workspace, page.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[page.Of[Token]]{mapPage(found, toToken)}, err
}

func (a *API) createToken(ctx context.Context, call Call, in *createTokenInput) (*body[MintedToken], error) {
	draft := token.Draft{Kind: in.Body.Kind, Name: in.Body.Name, Member: in.Body.Member, ExpiresAt: in.Body.ExpiresAt}
	for _, scope := range in.Body.Scopes {
		draft.Scopes = append(draft.Scopes, access.Scope(scope))
	}
	made, text, err := a.config.Services.Tokens.Mint(ctx, call.Actor, call.Workspace, draft)
	return &body[MintedToken]{MintedToken{toToken(made), text.Reveal()}}, err
}

func (a *API) tokenImpact(ctx context.Context, call Call, in *InToken) (impact.Impact, error) {
	return a.config.Services.Tokens.Impact(ctx, call.Actor, call.Workspace, in.Token)
}

func (a *API) revokeToken(ctx context.Context, call Call, in *confirmTokenInput) (*struct{}, error) {
	return nil, a.config.Services.Tokens.Revoke(ctx, call.Actor, call.Workspace, in.Token, in.given())
}

func toToken(t token.Token) Token {
	return Token{
		ID: t.ID, Kind: t.Kind, Name: t.Name, Tail: t.Tail, Scopes: append([]access.Scope{}, t.Scopes...), Member: t.Member,
		CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, UsedAt: t.UsedAt,
	}
}
