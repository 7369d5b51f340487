package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/vending/idtoken"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Provider is an OIDC issuer in the API.
type Provider struct {
	ID                string        `json:"id"`
	Name              string        `json:"name"`
	Kind              provider.Kind `json:"kind"`
	Issuer            string        `json:"issuer" doc:"Exactly the value of iss in tokens."`
	JWKSURL           string        `json:"jwks_url" doc:"The only address that Windlass gets keys from."`
	Audience          string        `json:"audience" doc:"The required aud in tokens."`
	MultipleAudiences bool          `json:"multiple_audiences" doc:"Accept tokens that have other audiences too."`
	Algorithms        []string      `json:"algorithms"`
	MaxAgeSeconds     int           `json:"max_age_seconds" doc:"How long after its iat a token is accepted."`
	Shared            bool          `json:"shared" doc:"Whether the issuer has many customers."`
	Organization      string        `json:"organization,omitempty"`
	Claims            []claim       `json:"claims"`
	CreatedAt         time.Time     `json:"created_at"`
	Warnings          []string      `json:"warnings,omitempty"`
}

type claim struct {
	Name       string        `json:"name" maxLength:"128"`
	Kind       idtoken.Kind  `json:"kind" enum:"string,boolean,list"`
	Role       provider.Role `json:"role,omitempty" doc:"What the claim identifies: organization, project, user, context, subject, ref, job, event."`
	Unchanging bool          `json:"unchanging,omitempty" doc:"Whether it is a permanent ID that is never reassigned."`
	Instead    string        `json:"instead,omitempty" maxLength:"128" doc:"The unchanging claim to match on instead."`
	From       string        `json:"from,omitempty" maxLength:"128" doc:"The claim that contains this one."`
	Form       string        `json:"form,omitempty" maxLength:"256" doc:"The part of that claim: segments, with * for any and {} for the one to use."`
}

type createProviderInput struct {
	InWorkspace
	Body struct {
		Name              string        `json:"name,omitempty" maxLength:"64" doc:"Default: the kind."`
		Kind              provider.Kind `json:"kind" enum:"circleci,github,gitlab,buildkite,terraform,custom"`
		Organization      string        `json:"organization,omitempty" maxLength:"128" doc:"The organization's ID; required for CircleCI."`
		Issuer            string        `json:"issuer,omitempty" maxLength:"512"`
		JWKSURL           string        `json:"jwks_url,omitempty" maxLength:"512"`
		Audience          string        `json:"audience,omitempty" maxLength:"255" doc:"Default: the organization for CircleCI, else this service's public address."`
		MultipleAudiences bool          `json:"multiple_audiences,omitempty" doc:"Accept tokens that have other audiences too: each of those could use the token here."`
		Algorithms        []string      `json:"algorithms,omitempty" maxItems:"10" doc:"Default: RS256."`
		MaxAgeSeconds     int           `json:"max_age_seconds,omitempty" minimum:"60" maximum:"86400"`
		Shared            *bool         `json:"shared,omitempty" doc:"Custom only; default true."`
		Claims            []claim       `json:"claims,omitempty" maxItems:"100" doc:"In addition to the kind's preset."`
	}
}

// InProvider is embedded in the input of every route under a provider.
type InProvider struct {
	InWorkspace
	Provider string `path:"provider" maxLength:"64" doc:"The provider's ID or name."`
}

type updateProviderInput struct {
	InProvider
	Body struct {
		Name              *string   `json:"name,omitempty" maxLength:"64"`
		JWKSURL           *string   `json:"jwks_url,omitempty" maxLength:"512"`
		Audience          *string   `json:"audience,omitempty" maxLength:"255"`
		MultipleAudiences *bool     `json:"multiple_audiences,omitempty"`
		Algorithms        *[]string `json:"algorithms,omitempty" maxItems:"10"`
		MaxAgeSeconds     *int      `json:"max_age_seconds,omitempty" minimum:"60" maximum:"86400"`
	}
}

type listProvidersInput struct {
	InWorkspace
	InPage
}

type confirmProviderInput struct {
	InProvider
	Confirm
}

func (a *API) providerRoutes() {
	const tag = "CI access"
	route(a, operation("list-providers", "GET /v1/workspaces/{ws}/providers", tag, "List OIDC providers"),
		a.listProviders)
	route(a, operation("create-provider", "POST /v1/workspaces/{ws}/providers", tag, "Accept tokens of an OIDC "+
		"provider"),
		a.createProvider)
	route(a, operation("get-provider", "GET /v1/workspaces/{ws}/providers/{provider}", tag,
		"Get a provider and the meaning of its claims"), a.getProvider)
	route(a, operation("update-provider", "PATCH /v1/workspaces/{ws}/providers/{provider}", tag,
		"Change a provider, except its kind and issuer"), a.updateProvider)
	route(a, destructive(operation("remove-provider", "DELETE /v1/workspaces/{ws}/providers/{provider}", tag,
		"Stop accepting tokens of a provider")), a.removeProvider)
	impactRoute(a, "get-provider-impact", "/v1/workspaces/{ws}/providers/{provider}", tag, "Get what stops if it "+
		"is removed",
		a.providerImpact)
}

func (a *API) listProviders(ctx context.Context, call Call,
	in *listProvidersInput,
) (*body[paging.List[Provider]], error) {
	found, err := a.config.Services.Providers.List(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Provider]]{mapPage(found, toProvider)}, err
}

func (a *API) createProvider(ctx context.Context, call Call, in *createProviderInput) (*body[Provider], error) {
	draft := provider.Draft{
		Name: in.Body.Name, Kind: in.Body.Kind, Organization: in.Body.Organization, Issuer: in.Body.Issuer,
		JWKSURL:  in.Body.JWKSURL,
		Audience: in.Body.Audience, MultipleAudiences: in.Body.MultipleAudiences, Algorithms: in.Body.Algorithms,
		MaxAge: seconds(in.Body.MaxAgeSeconds), Shared: in.Body.Shared,
	}
	for _, c := range in.Body.Claims {
		draft.Claims = append(draft.Claims, provider.Claim(c))
	}
	made, err := a.config.Services.Providers.Create(ctx, call.Actor, call.Workspace, draft)
	return &body[Provider]{toProvider(made)}, err
}

func (a *API) getProvider(ctx context.Context, call Call, in *InProvider) (*body[Provider], error) {
	found, err := a.config.Services.Providers.Get(ctx, call.Actor, call.Workspace, in.Provider)
	return &body[Provider]{toProvider(found)}, err
}

func (a *API) updateProvider(ctx context.Context, call Call, in *updateProviderInput) (*body[Provider], error) {
	change := provider.Change{
		Name: in.Body.Name, JWKSURL: in.Body.JWKSURL, Audience: in.Body.Audience,
		Algorithms: in.Body.Algorithms, MultipleAudiences: in.Body.MultipleAudiences,
	}
	if in.Body.MaxAgeSeconds != nil {
		age := seconds(*in.Body.MaxAgeSeconds)
		change.MaxAge = &age
	}
	changed, err := a.config.Services.Providers.Update(ctx, call.Actor, call.Workspace, in.Provider, change)
	return &body[Provider]{toProvider(changed)}, err
}

func (a *API) providerImpact(ctx context.Context, call Call, in *InProvider) (impact.Impact, error) {
	return a.config.Services.Providers.Impact(ctx, call.Actor, call.Workspace, in.Provider)
}

func (a *API) removeProvider(ctx context.Context, call Call, in *confirmProviderInput) (*struct{}, error) {
	_, err := a.config.Services.Providers.Remove(ctx, call.Actor, call.Workspace, in.Provider, in.given())
	return nil, err
}

func toProvider(p provider.Provider) Provider {
	out := Provider{
		ID: p.ID, Name: p.Name, Kind: p.Kind, Issuer: p.Issuer, JWKSURL: p.JWKSURL, Audience: p.Audience,
		MultipleAudiences: p.MultipleAudiences, Algorithms: append([]string{}, p.Algorithms...),
		MaxAgeSeconds: int(p.MaxAge / time.Second), Shared: p.Shared, Organization: p.Organization, Claims: []claim{},
		CreatedAt: p.CreatedAt, Warnings: p.Warnings(),
	}
	for _, c := range p.Claims {
		out.Claims = append(out.Claims, claim(c))
	}
	return out
}
