package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending/grant"
)

// GrantText is the definition of a grant.
type GrantText struct {
	Name               string           `json:"name" maxLength:"64"`
	Provider           string           `json:"provider" maxLength:"64" doc:"A provider's ID or name, or members for people who sign in."`
	Conditions         []grantCondition `json:"conditions,omitempty" maxItems:"20" doc:"All of them must match."`
	Integration        string           `json:"integration" maxLength:"64" doc:"An integration's ID or name; vending must be enabled for it."`
	Bucket             string           `json:"bucket,omitempty" maxLength:"63" doc:"Default: the integration's, if it has exactly one."`
	Prefixes           []string         `json:"prefixes,omitempty" maxItems:"10" doc:"Inside the integration's locations; a segment may be ${user}. Default: those of the integration."`
	Actions            []grant.Action   `json:"actions,omitempty" maxItems:"4" doc:"list, read, write, delete; default list and read."`
	MaxDurationSeconds int              `json:"max_duration_seconds,omitempty" minimum:"900" maximum:"43200" doc:"Default 3600."`
	Exchanges          int              `json:"exchanges,omitempty" minimum:"1" maximum:"100" doc:"Number of times one token can be exchanged. Default 1."`
	NotBefore          time.Time        `json:"not_before,omitzero"`
	NotAfter           time.Time        `json:"not_after,omitzero"`
	AllowForks         bool             `json:"allow_forks,omitempty"`
	AllowSSHReruns     bool             `json:"allow_ssh_reruns,omitempty"`
	AllowPullRequests  bool             `json:"allow_pull_requests,omitempty"`
	Users              []string         `json:"users,omitempty" maxItems:"500" doc:"Permanent IDs of users; for members, also * for all."`
	Tags               []string         `json:"tags,omitempty" maxItems:"20" doc:"Claims that become session tags, most important first."`
}

type grantCondition struct {
	Claim    string         `json:"claim" maxLength:"128"`
	Operator grant.Operator `json:"operator" enum:"equals,one_of,glob"`
	Values   []string       `json:"values" minItems:"1" maxItems:"50"`
}

// Grant is a grant in the API.
type Grant struct {
	ID string `json:"id"`
	GrantText
	CreatedAt time.Time `json:"created_at"`
	RevokedAt time.Time `json:"revoked_at,omitzero"`
	Warnings  []string  `json:"warnings,omitempty" doc:"Risks of what the grant allows. Returned when the grant is created or replaced."`
}

type createGrantInput struct {
	InWorkspace
	Body GrantText
}

// InGrant is embedded in the input of every route under a grant.
type InGrant struct {
	InWorkspace
	Grant string `path:"grant" maxLength:"64" doc:"The grant's ID or name."`
}

type replaceGrantInput struct {
	InGrant
	Body GrantText
}

type listGrantsInput struct {
	InWorkspace
	InPage
}

type confirmGrantInput struct {
	InGrant
	Confirm
}

func (a *API) grantRoutes() {
	const tag = "CI access"
	route(a, operation("list-grants", "GET /v1/workspaces/{ws}/grants", tag, "List grants"), a.listGrants)
	route(a, operation("create-grant", "POST /v1/workspaces/{ws}/grants", tag,
		"Create a grant: let tokens be exchanged for credentials"), a.createGrant)
	route(a, operation("get-grant", "GET /v1/workspaces/{ws}/grants/{grant}", tag, "A grant"), a.getGrant)
	route(a, operation("replace-grant", "PUT /v1/workspaces/{ws}/grants/{grant}", tag,
		"Replace a grant's definition, except its provider"), a.replaceGrant)
	route(a, destructive(operation("revoke-grant", "DELETE /v1/workspaces/{ws}/grants/{grant}", tag,
		"Revoke a grant permanently")), a.revokeGrant)
	impactRoute(a, "get-grant-impact", "/v1/workspaces/{ws}/grants/{grant}", tag, "Get what stops if it is removed",
		a.grantImpact)
}

func (a *API) listGrants(ctx context.Context, call Call, in *listGrantsInput) (*body[paging.List[Grant]], error) {
	found, err := a.config.Services.Grants.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Grant]]{mapPage(found, toGrant)}, err
}

func (a *API) createGrant(ctx context.Context, call Call, in *createGrantInput) (*body[Grant], error) {
	return withWarnings(a.config.Services.Grants.Create(ctx, call.Actor, call.Workspace, in.Body.draft()))
}

func (a *API) getGrant(ctx context.Context, call Call, in *InGrant) (*body[Grant], error) {
	found, err := a.config.Services.Grants.Get(ctx, call.Actor, call.Workspace, in.Grant)
	return &body[Grant]{toGrant(found)}, err
}

func (a *API) replaceGrant(ctx context.Context, call Call, in *replaceGrantInput) (*body[Grant], error) {
	return withWarnings(a.config.Services.Grants.Replace(ctx, call.Actor, call.Workspace, in.Grant, in.Body.draft()))
}

func (a *API) grantImpact(ctx context.Context, call Call, in *InGrant) (impact.Impact, error) {
	return a.config.Services.Grants.Impact(ctx, call.Actor, call.Workspace, in.Grant)
}

func (a *API) revokeGrant(ctx context.Context, call Call, in *confirmGrantInput) (*struct{}, error) {
	_, err := a.config.Services.Grants.Revoke(ctx, call.Actor, call.Workspace, in.Grant, in.given())
	return nil, err
}

func withWarnings(made grant.Grant, warnings []string, err error) (*body[Grant], error) {
	out := toGrant(made)
	out.Warnings = warnings
	return &body[Grant]{out}, err
}

func (t *GrantText) draft() grant.Draft {
	draft := grant.Draft{
		Name: t.Name, Provider: t.Provider, Integration: t.Integration, Bucket: t.Bucket, Prefixes: t.Prefixes,
		Actions:     t.Actions,
		MaxDuration: seconds(t.MaxDurationSeconds), Exchanges: t.Exchanges, NotBefore: t.NotBefore,
		NotAfter:   t.NotAfter,
		AllowForks: t.AllowForks, AllowSSHReruns: t.AllowSSHReruns, AllowPullRequests: t.AllowPullRequests,
		Users: t.Users, Tags: t.Tags,
	}
	for _, c := range t.Conditions {
		draft.Conditions = append(draft.Conditions, grant.Condition(c))
	}
	return draft
}

func toGrant(g grant.Grant) Grant {
	out := Grant{ID: g.ID, CreatedAt: g.CreatedAt, RevokedAt: g.RevokedAt, GrantText: GrantText{
		Name: g.Name, Provider: g.Provider, Integration: g.Integration, Bucket: g.Bucket, Prefixes: g.Prefixes,
		Actions:            g.Actions,
		MaxDurationSeconds: int(g.MaxDuration / time.Second), Exchanges: g.Exchanges, NotBefore: g.NotBefore,
		NotAfter:   g.NotAfter,
		AllowForks: g.AllowForks, AllowSSHReruns: g.AllowSSHReruns, AllowPullRequests: g.AllowPullRequests,
		Users: g.Users, Tags: g.Tags,
	}}
	for _, c := range g.Conditions {
		out.Conditions = append(out.Conditions, grantCondition(c))
	}
	return out
}
