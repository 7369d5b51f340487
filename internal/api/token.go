package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/token"
)

// Token is an API token, without its text.
type Token struct {
	ID        string         `json:"id"`
	Kind      token.Kind     `json:"kind"`
	Name      string         `json:"name"`
	Tail      string         `json:"tail"                       doc:"The last four characters of the token."`
	Scopes    []access.Scope `json:"scopes"                     doc:"What the token can do, within its maker's role. A personal token without scopes isn't narrowed."`
	Origins   []string       `json:"allowed_origins,omitempty"  doc:"Publishable: origins of the web pages that may use the token."`
	Referers  []string       `json:"allowed_referers,omitempty" doc:"Publishable: a request needs a Referer that begins with one of these. None: no Referer is needed."`
	Cache     *int           `json:"cache_seconds,omitempty"    doc:"Publishable: seconds that clients and caches may keep responses. With ?token=, responses to a revoked token stay cached for that long."`
	Limits    *access.Limits `json:"limits,omitempty"           doc:"How much the token may use; absent: any amount. More is 429."`
	Maker     string         `json:"maker"                      doc:"ID of the member who created the token. The token ends when they leave."`
	MadeBy    string         `json:"made_by,omitempty"          doc:"The maker's e-mail address."`
	Member    string         `json:"member,omitempty"           doc:"Personal: the maker, in whose name the token acts."`
	Parent    string         `json:"parent,omitempty"           doc:"ID of the secret token that created it. Revoking that one revokes this one."`
	CreatedAt time.Time      `json:"created_at"`
	ExpiresAt time.Time      `json:"expires_at,omitzero"        doc:"Absent: never."`
	UsedAt    time.Time      `json:"used_at,omitzero"           doc:"Accurate to about a minute."`
}

// MintedToken is a new token. Its text is shown once.
type MintedToken struct {
	Token
	Text string `json:"token" doc:"The token itself. Shown only once."`
}

type createTokenInput struct {
	InWorkspace
	Body struct {
		Kind         token.Kind    `json:"kind" enum:"secret,publishable,personal"`
		Name         string        `json:"name" maxLength:"255"`
		Scopes       []tokenScope  `json:"scopes,omitempty" maxItems:"200" doc:"Secret: by default everything that your role allows, except audit and metrics. Publishable: required."`
		Member       string        `json:"member,omitempty" maxLength:"254" doc:"Personal: your own ID or e-mail address, which is the default."`
		ExpiresAt    time.Time     `json:"expires_at,omitempty" doc:"Default: secret 1 year, personal 90 days, publishable never."`
		Origins      []string      `json:"allowed_origins,omitempty" maxItems:"50" doc:"Publishable: origins of the web pages that may use the token, such as https://app.example.com or https://*.example.com. Default: *."`
		Referers     []string      `json:"allowed_referers,omitempty" maxItems:"50" doc:"Publishable: a request needs a Referer that begins with one of these, such as example.com/app or *.example.com."`
		Cache        int           `json:"cache_seconds,omitempty" minimum:"0" maximum:"86400" doc:"Publishable: seconds that clients and caches may keep responses. With ?token=, responses to a revoked token stay cached for that long."`
		Limits       access.Limits `json:"limits,omitempty" doc:"How much the token may use."`
		NeverExpires bool          `json:"never_expires,omitempty" doc:"Secret: the token never expires. Only an owner can choose this."`
	}
}

type tokenScope struct {
	Action  access.Action `json:"action"            enum:"data.read,data.write,data.delete,data.query,load,manage,audit,metrics"`
	Dataset string        `json:"dataset,omitempty"                                                                              maxLength:"255" doc:"For data.read, data.write and data.delete: a dataset's name or ID, or * for all."`
}

type updateTokenInput struct {
	InToken
	Body struct {
		Name         *string        `json:"name,omitempty" maxLength:"255"`
		Scopes       *[]tokenScope  `json:"scopes,omitempty" maxItems:"200"`
		ExpiresAt    *time.Time     `json:"expires_at,omitempty"`
		NeverExpires bool           `json:"never_expires,omitempty"`
		Origins      *[]string      `json:"allowed_origins,omitempty" maxItems:"50"`
		Referers     *[]string      `json:"allowed_referers,omitempty" maxItems:"50"`
		Cache        *int           `json:"cache_seconds,omitempty" minimum:"0" maximum:"86400"`
		Limits       *access.Limits `json:"limits,omitempty" doc:"All limits: those that are left out end."`
	}
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
	const all, one = "/v1/workspaces/{ws}/tokens", "/v1/workspaces/{ws}/tokens/{token}"
	route(a, operation("list-tokens", "GET "+all, "Tokens", "List tokens"), a.listTokens)
	route(a, operation("create-token", "POST "+all, "Tokens", "Create a token; it is shown only once"), a.createToken)
	route(a, operation("get-token", "GET "+one, "Tokens", "Get a token"), a.getToken)
	route(a, operation("update-token", "PATCH "+one, "Tokens", "Rename a token, or change its scopes or expiry"),
		a.updateToken)
	route(a, operation("adopt-token", "POST "+one+"/adopt", "Tokens",
		"Become a token's maker, so that it keeps working when its maker leaves"), a.adoptToken)
	route(a, destructive(operation("revoke-token", "DELETE "+one, "Tokens",
		"Revoke a token and those that it created")), a.revokeToken)
	impactRoute(a, "get-token-impact", one, "Tokens", "Get the tokens that stop if it is revoked, each with its "+
		"last use",
		a.tokenImpact)
}

func (a *API) listTokens(ctx context.Context, call Call, in *listTokensInput) (*body[paging.List[Token]], error) {
	found, err := a.config.Services.Tokens.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Token]]{mapPage(found, toToken)}, err
}

func (a *API) createToken(ctx context.Context, call Call, in *createTokenInput) (*body[MintedToken], error) {
	draft := token.Draft{
		Kind: in.Body.Kind, Name: in.Body.Name, Member: in.Body.Member, Scopes: toScopes(in.Body.Scopes),
		ExpiresAt: in.Body.ExpiresAt, Never: in.Body.NeverExpires,
		AllowedOrigins: in.Body.Origins, AllowedReferers: in.Body.Referers, CacheSeconds: in.Body.Cache,
		Limits: in.Body.Limits,
	}
	made, text, err := a.config.Services.Tokens.Mint(ctx, call.Actor, call.Workspace, draft)
	return &body[MintedToken]{MintedToken{toToken(made), text.Reveal()}}, err
}

func (a *API) tokenImpact(ctx context.Context, call Call, in *InToken) (impact.Impact, error) {
	return a.config.Services.Tokens.Impact(ctx, call.Actor, call.Workspace, in.Token)
}

func (a *API) getToken(ctx context.Context, call Call, in *InToken) (*body[Token], error) {
	found, err := a.config.Services.Tokens.Get(ctx, call.Actor, call.Workspace, in.Token)
	return &body[Token]{toToken(found)}, err
}

func (a *API) updateToken(ctx context.Context, call Call, in *updateTokenInput) (*body[Token], error) {
	change := token.Change{
		Name: in.Body.Name, ExpiresAt: in.Body.ExpiresAt,
		AllowedOrigins: in.Body.Origins, AllowedReferers: in.Body.Referers, CacheSeconds: in.Body.Cache,
		Limits: in.Body.Limits,
	}
	if in.Body.Scopes != nil {
		scopes := toScopes(*in.Body.Scopes)
		change.Scopes = &scopes
	}
	if in.Body.NeverExpires {
		change.ExpiresAt = &time.Time{}
	}
	changed, err := a.config.Services.Tokens.Update(ctx, call.Actor, call.Workspace, in.Token, change)
	return &body[Token]{toToken(changed)}, err
}

func (a *API) adoptToken(ctx context.Context, call Call, in *InToken) (*body[Token], error) {
	adopted, err := a.config.Services.Tokens.Adopt(ctx, call.Actor, call.Workspace, in.Token)
	return &body[Token]{toToken(adopted)}, err
}

func (a *API) revokeToken(ctx context.Context, call Call, in *confirmTokenInput) (*struct{}, error) {
	return nil, a.config.Services.Tokens.Revoke(ctx, call.Actor, call.Workspace, in.Token, in.given())
}

func toScopes(in []tokenScope) []access.Scope {
	var scopes []access.Scope
	for _, scope := range in {
		scopes = append(scopes, access.Scope(scope))
	}
	return scopes
}

func toToken(t token.Token) Token {
	out := Token{
		ID: t.ID, Kind: t.Kind, Name: t.Name, Tail: t.Tail, Scopes: append([]access.Scope{}, t.Scopes...),
		Maker:  t.Maker,
		MadeBy: t.MakerName, Parent: t.Parent, CreatedAt: t.CreatedAt, ExpiresAt: t.ExpiresAt, UsedAt: t.UsedAt,
	}
	if t.Kind == token.Publishable {
		out.Origins, out.Referers, out.Cache = t.AllowedOrigins, t.AllowedReferers, &t.CacheSeconds
	}
	if t.Limits != (access.Limits{}) {
		out.Limits = &t.Limits
	}
	if t.Kind == token.Personal {
		out.Member = t.Maker
	}
	return out
}
