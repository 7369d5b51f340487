package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

// Impact lists what stops working and what is deleted by a destructive action.
// Methods that remove or revoke take its Confirm as their confirm argument. If
// something stops or is deleted, and confirm is empty or wrong, they return an
// [*Error] with the code conflict and the Impact.
type Impact struct {
	Confirm string  `json:"confirm"`
	Stops   []Stop  `json:"stops"`
	Deletes Deletes `json:"deletes"`
	Undo    string  `json:"undo,omitempty"` // how long it can be undone, such as "24h"; empty if it can't
}

// Stop is one resource that stops working.
type Stop struct {
	Kind     string    `json:"kind"` // dataset, external_id, grant, load, source, token, user, view
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	LastUsed time.Time `json:"last_used,omitzero"` // of a token
}

// Deletes counts what is deleted.
type Deletes struct {
	Rows  int64 `json:"rows"`
	Bytes int64 `json:"bytes"`
}

// ImpactOf returns the impact in err if an action wasn't confirmed, else nil.
func ImpactOf(err error) *Impact {
	var e *Error
	if errors.As(err, &e) {
		return e.Impact
	}
	return nil
}

// IntegrationImpact returns the impact of removing an integration.
func (c *Client) IntegrationImpact(ctx context.Context, integration string) (Impact, error) {
	return c.impact(ctx, "integrations", integration)
}

// RotationImpact returns the impact of completing the rotation of an
// integration's External ID.
func (c *Client) RotationImpact(ctx context.Context, integration string) (Impact, error) {
	return c.impact(ctx, "integrations", integration, "rotation")
}

// CredentialImpact returns the impact of removing an access key.
func (c *Client) CredentialImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "credentials", idOrName)
}

// SourceImpact returns the impact of removing a source.
func (c *Client) SourceImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "sources", idOrName)
}

// DatasetImpact returns the impact of removing a dataset.
func (c *Client) DatasetImpact(ctx context.Context, nameOrID string) (Impact, error) {
	return c.impact(ctx, "datasets", nameOrID)
}

// ProviderImpact returns the impact of removing a provider.
func (c *Client) ProviderImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "providers", idOrName)
}

// GrantImpact returns the impact of revoking a grant.
func (c *Client) GrantImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "grants", idOrName)
}

// TokenImpact returns the impact of revoking a token.
func (c *Client) TokenImpact(ctx context.Context, id string) (Impact, error) {
	return c.impact(ctx, "tokens", id)
}

// MemberImpact returns the impact of removing a member.
func (c *Client) MemberImpact(ctx context.Context, idOrEmail string) (Impact, error) {
	return c.impact(ctx, "members", idOrEmail)
}

// RevocationImpact returns the impact of a revocation.
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

// remove deletes a resource. It sends confirm unless it is empty.
func (c *Client) remove(ctx context.Context, confirm string, parts ...string) error {
	return c.call(ctx, http.MethodDelete, c.in(parts...), confirmQuery(confirm), nil, nil)
}

func confirmQuery(confirm string) url.Values {
	if confirm == "" {
		return nil
	}
	return url.Values{"confirm": {confirm}}
}

// ScheduleImpact returns the impact of removing a schedule.
func (c *Client) ScheduleImpact(ctx context.Context, idOrName string) (Impact, error) {
	return c.impact(ctx, "schedules", idOrName)
}

// FeedImpact returns the impact of removing a feed.
func (c *Client) FeedImpact(ctx context.Context, id string) (Impact, error) {
	return c.impact(ctx, "feeds", id)
}
