package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Impact is what stops, and what is deleted, when a destructive act happens.
// Removing and revoking calls take its Confirm as their confirm argument. When
// something stops or is deleted, and confirm is empty or another name, they
// return an [*Error] with the code conflict and the Impact.
type Impact struct {
	Confirm string  `json:"confirm"`
	Stops   []Stop  `json:"stops"`
	Deletes Deletes `json:"deletes"`
	Undo    string  `json:"undo,omitempty"` // how long it can be undone, such as "24h"; empty when it can't
}

// Stop is one thing that stops working.
type Stop struct {
	Kind     string    `json:"kind"` // dataset, external_id, grant, load, source, token, user
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	LastUsed time.Time `json:"last_used,omitzero"` // of a token
}

// Deletes counts what is deleted.
type Deletes struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// ImpactOf returns the impact that err carries when an act wasn't confirmed,
// else nil.
func ImpactOf(err error) *Impact {
	var e *Error
	if errors.As(err, &e) {
		return e.Impact
	}
	return nil
}

// IntegrationImpact returns what stops without an integration.
func (c *Client) IntegrationImpact(ctx context.Context, integration string) (Impact, error) {
	return c.impact(ctx, "integrations", integration)
}

// RotationImpact returns what stops when the rotation of an integration's
// External ID is completed.
func (c *Client) RotationImpact(ctx context.Context, integration string) (Impact, error) {
	return c.impact(ctx, "integrations", integration, "rotation")
}

// CredentialImpact returns what stops without an access key.
func (c *Client) CredentialImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "credentials", idOrName)
}

// SourceImpact returns what stops without a source.
func (c *Client) SourceImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "sources", idOrName)
}

// DatasetImpact returns what stops and is deleted without a dataset.
func (c *Client) DatasetImpact(ctx context.Context, nameOrID string) (Impact, error) {
	return c.impact(ctx, "datasets", nameOrID)
}

// ProviderImpact returns what stops without a provider.
func (c *Client) ProviderImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "providers", idOrName)
}

// GrantImpact returns what stops without a grant.
func (c *Client) GrantImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "grants", idOrName)
}

// TokenImpact returns what stops when a token is revoked.
func (c *Client) TokenImpact(ctx context.Context, id string) (Impact, error) {
	return c.impact(ctx, "tokens", id)
}

// MemberImpact returns the tokens that stop without a member.
func (c *Client) MemberImpact(ctx context.Context, idOrEmail string) (Impact, error) {
	return c.impact(ctx, "members", idOrEmail)
}

// RevocationImpact returns what stops with a revocation.
func (c *Client) RevocationImpact(ctx context.Context, spec RevocationSpec) (Impact, error) {
	query := url.Values{}
	for name, value := range map[string]string{
		"grant": spec.Grant, "provider": spec.Provider, "integration": spec.Integration, "user": spec.User,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return ask[Impact](ctx, c, http.MethodGet, c.in("revocations", "impact"), query, nil)
}

func (c *Client) impact(ctx context.Context, parts ...string) (Impact, error) {
	return ask[Impact](ctx, c, http.MethodGet, c.in(append(parts, "impact")...), nil, nil)
}

// remove deletes a thing, with a confirmation unless it is empty.
func (c *Client) remove(ctx context.Context, confirm string, parts ...string) error {
	return c.call(ctx, http.MethodDelete, c.in(parts...), confirming(confirm), nil, nil)
}

func confirming(confirm string) url.Values {
	if confirm == "" {
		return nil
	}
	return url.Values{"confirm": {confirm}}
}
