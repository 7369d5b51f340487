package client

import (
	"context"
	"net/http"
	"time"
)

// Provider is an OIDC issuer whose tokens the workspace accepts.
type Provider struct {
	ID                string    `json:"id"`
	Name              string    `json:"name"`
	Kind              string    `json:"kind"` // circleci, github, gitlab, buildkite, terraform, custom
	Issuer            string    `json:"issuer"`
	JWKSURL           string    `json:"jwks_url"`
	Audience          string    `json:"audience"`
	MultipleAudiences bool      `json:"multiple_audiences"` // whether tokens may have other audiences too
	Algorithms        []string  `json:"algorithms"`
	MaxAgeSeconds     int       `json:"max_age_seconds"` // how long a token is accepted after it was issued
	Shared            bool      `json:"shared"`          // whether the issuer has many customers
	Organization      string    `json:"organization,omitempty"`
	Claims            []Claim   `json:"claims"`
	CreatedAt         time.Time `json:"created_at"`
	Warnings          []string  `json:"warnings,omitempty"`
}

// Claim describes a claim of a provider's tokens.
type Claim struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"` // string, boolean, list
	Role       string `json:"role,omitempty"`
	Unchanging bool   `json:"unchanging,omitempty"` // an ID that is never reassigned
	Instead    string `json:"instead,omitempty"`    // the immutable claim to match instead
	From       string `json:"from,omitempty"`       // the claim that it is part of
	Form       string `json:"form,omitempty"`       // which part
}

// ProviderSpec describes a new provider. Missing fields come from the kind's
// preset.
type ProviderSpec struct {
	Name              string   `json:"name,omitempty"`
	Kind              string   `json:"kind"`
	Organization      string   `json:"organization,omitempty"`
	Issuer            string   `json:"issuer,omitempty"`
	JWKSURL           string   `json:"jwks_url,omitempty"`
	Audience          string   `json:"audience,omitempty"`
	MultipleAudiences bool     `json:"multiple_audiences,omitempty"` // accept tokens that have other audiences too
	Algorithms        []string `json:"algorithms,omitempty"`
	MaxAgeSeconds     int      `json:"max_age_seconds,omitempty"`
	Shared            *bool    `json:"shared,omitempty"`
	Claims            []Claim  `json:"claims,omitempty"` // in addition to the preset's
}

// ProviderChange is a change to a provider; nil fields stay as they are.
type ProviderChange struct {
	Name              *string   `json:"name,omitempty"`
	JWKSURL           *string   `json:"jwks_url,omitempty"`
	Audience          *string   `json:"audience,omitempty"`
	MultipleAudiences *bool     `json:"multiple_audiences,omitempty"`
	Algorithms        *[]string `json:"algorithms,omitempty"`
	MaxAgeSeconds     *int      `json:"max_age_seconds,omitempty"`
}

// AddProvider adds a provider.
func (c *Client) AddProvider(ctx context.Context, spec ProviderSpec) (Provider, error) {
	return ask[Provider](ctx, c, http.MethodPost, c.in("providers"), nil, spec)
}

// Providers lists the workspace's providers, oldest first.
func (c *Client) Providers(ctx context.Context, options PageOptions) (Page[Provider], error) {
	return ask[Page[Provider]](ctx, c, http.MethodGet, c.in("providers"), options.query(), nil)
}

// Provider returns a provider by its ID or name.
func (c *Client) Provider(ctx context.Context, idOrName string) (Provider, error) {
	return ask[Provider](ctx, c, http.MethodGet, c.in("providers", idOrName), nil, nil)
}

// UpdateProvider changes a provider. The change applies from the next token
// on.
func (c *Client) UpdateProvider(ctx context.Context, idOrName string, change ProviderChange) (Provider, error) {
	return ask[Provider](ctx, c, http.MethodPatch, c.in("providers", idOrName), nil, change)
}

// RemoveProvider removes a provider. Its tokens can't be exchanged any more.
// See [Impact] for confirm.
func (c *Client) RemoveProvider(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "providers", idOrName)
}
