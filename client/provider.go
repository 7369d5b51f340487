package client

import (
	"context"
	"net/http"
	"time"
)

// Provider is an OIDC issuer whose tokens the workspace takes.
type Provider struct {
	ID                string    `json:"id"`
	Name              string    `json:"name"`
	Kind              string    `json:"kind"` // circleci, github, gitlab, buildkite, terraform, custom
	Issuer            string    `json:"issuer"`
	JWKSURL           string    `json:"jwks_url"`
	Audience          string    `json:"audience"`
	MultipleAudiences bool      `json:"multiple_audiences"` // tokens may have other audiences too
	Algorithms        []string  `json:"algorithms"`
	MaxAgeSeconds     int       `json:"max_age_seconds"` // a token is taken for this long after it was issued
	Shared            bool      `json:"shared"`          // the issuer has many customers
	Organization      string    `json:"organization,omitempty"`
	Claims            []Claim   `json:"claims"`
	CreatedAt         time.Time `json:"created_at"`
	Warnings          []string  `json:"warnings,omitempty"`
}

// Claim is a claim of a provider's tokens, and what it tells.
type Claim struct {
	Name       string `json:"name"`
	Kind       string `json:"kind"` // string, boolean, list
	Role       string `json:"role,omitempty"`
	Unchanging bool   `json:"unchanging,omitempty"` // an ID, never given to another
	Instead    string `json:"instead,omitempty"`    // the unchanging claim to match on in its place
	From       string `json:"from,omitempty"`       // the claim that it is a part of
	Form       string `json:"form,omitempty"`       // which part
}

// ProviderSpec is what is said of a new provider. What is left out comes from
// the kind's preset.
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
	Claims            []Claim  `json:"claims,omitempty"` // beside those of the preset
}

// ProviderChange is what is to be different; nil leaves a matter as it is.
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

// Provider gives one provider, by its ID or its name.
func (c *Client) Provider(ctx context.Context, idOrName string) (Provider, error) {
	return ask[Provider](ctx, c, http.MethodGet, c.in("providers", idOrName), nil, nil)
}

// UpdateProvider changes a provider; it counts for the next token.
func (c *Client) UpdateProvider(ctx context.Context, idOrName string, change ProviderChange) (Provider, error) {
	return ask[Provider](ctx, c, http.MethodPatch, c.in("providers", idOrName), nil, change)
}

// RemoveProvider ends a provider: no token of it is exchanged any more.
// See [Impact] for confirm.
func (c *Client) RemoveProvider(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "providers", idOrName)
}
