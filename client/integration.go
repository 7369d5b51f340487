package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Integration is a customer's role and what it is for.
type Integration struct {
	ID             string     `json:"id"`
	Name           string     `json:"name"`
	State          string     `json:"state"` // reserved, unverified, propagating, verified, failing, insecure, disabled, removed
	Reason         string     `json:"reason,omitempty"`
	ExternalID     string     `json:"external_id"`
	NextExternalID string     `json:"next_external_id,omitempty"` // while it is being changed
	PrincipalARN   string     `json:"principal_arn"`              // who Windlass is to AWS
	RoleARN        string     `json:"role_arn,omitempty"`
	Locations      []Location `json:"locations"`
	Access         string     `json:"access"` // read, readwrite
	Region         string     `json:"region,omitempty"`
	Endpoint       string     `json:"endpoint,omitempty"`
	RequesterPays  bool       `json:"requester_pays"`
	KMSKeyARNs     []string   `json:"kms_key_arns,omitempty"`
	SessionSeconds int        `json:"session_seconds"`
	WebhookURL     string     `json:"webhook_url,omitempty"` // told when the state turns
	Vending        bool       `json:"vending"`               // grants may vend through it
	CreatedAt      time.Time  `json:"created_at"`
	VerifiedAt     time.Time  `json:"verified_at,omitzero"`
	ExpiresAt      time.Time  `json:"expires_at,omitzero"` // of a reservation
	RemovedAt      time.Time  `json:"removed_at,omitzero"`
	Setup          *Setup     `json:"setup,omitempty"` // absent in lists
	Diff           *SetupDiff `json:"diff,omitempty"`  // after an edit
}

// Location is a bucket and a prefix that ends with "/" or is empty.
type Location struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix"`
}

// String gives the location as an address: "s3://bucket/prefix/".
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Setup is what the customer pastes.
type Setup struct {
	RoleName         string          `json:"role_name"`
	TrustPolicy      json.RawMessage `json:"trust_policy"`
	PermissionPolicy json.RawMessage `json:"permission_policy,omitempty"`
	Notes            []string        `json:"notes,omitempty"`      // what to know beside the policies
	LaunchURL        string          `json:"launch_url,omitempty"` // where CloudFormation makes the role, until it is known
}

// SetupDiff is what an edit changed in the setup documents: unified diffs.
type SetupDiff struct {
	TrustPolicy      string `json:"trust_policy,omitempty"`
	PermissionPolicy string `json:"permission_policy,omitempty"`
}

// IntegrationSpec is what is said of a new integration. The External ID is
// none of it: the server makes it.
type IntegrationSpec struct {
	Name           string     `json:"name,omitempty"`
	Locations      []Location `json:"locations,omitempty"`
	Access         string     `json:"access,omitempty"`
	RoleARN        string     `json:"role_arn,omitempty"` // empty to reserve
	Region         string     `json:"region,omitempty"`
	Endpoint       string     `json:"endpoint,omitempty"`
	RequesterPays  bool       `json:"requester_pays,omitempty"`
	KMSKeyARNs     []string   `json:"kms_key_arns,omitempty"`
	SessionSeconds int        `json:"session_seconds,omitempty"`
	WebhookURL     string     `json:"webhook_url,omitempty"`
	Vending        bool       `json:"vending,omitempty"`
}

// IntegrationChange is an edit; a nil field stays as it is.
type IntegrationChange struct {
	Name           *string     `json:"name,omitempty"`
	Locations      *[]Location `json:"locations,omitempty"`
	Access         *string     `json:"access,omitempty"`
	RoleARN        *string     `json:"role_arn,omitempty"`
	Region         *string     `json:"region,omitempty"`
	Endpoint       *string     `json:"endpoint,omitempty"`
	RequesterPays  *bool       `json:"requester_pays,omitempty"`
	KMSKeyARNs     *[]string   `json:"kms_key_arns,omitempty"`
	SessionSeconds *int        `json:"session_seconds,omitempty"`
	WebhookURL     *string     `json:"webhook_url,omitempty"`
	Vending        *bool       `json:"vending,omitempty"`
	Disabled       *bool       `json:"disabled,omitempty"`
}

// CreateIntegration reserves an integration, or makes one for a role.
func (c *Client) CreateIntegration(ctx context.Context, spec IntegrationSpec) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations"), nil, spec)
}

// Integrations lists the integrations that are not removed, oldest first.
func (c *Client) Integrations(ctx context.Context, options PageOptions) (Page[Integration], error) {
	return ask[Page[Integration]](ctx, c, http.MethodGet, c.in("integrations"), options.query(), nil)
}

// RemovedIntegrations lists the integrations that can be restored, the last
// removed first.
func (c *Client) RemovedIntegrations(ctx context.Context) ([]Integration, error) {
	found, err := ask[Page[Integration]](ctx, c, http.MethodGet, c.in("integrations"), url.Values{"removed": {"true"}}, nil)
	return found.Items, err
}

// Integration gives one integration, by its ID or its name, as everywhere
// here.
func (c *Client) Integration(ctx context.Context, integration string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodGet, c.in("integrations", integration), nil, nil)
}

// UpdateIntegration edits an integration. The answer has the new documents and
// what changed in them.
func (c *Client) UpdateIntegration(ctx context.Context, integration string, change IntegrationChange) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPatch, c.in("integrations", integration), nil, change)
}

// RemoveIntegration removes an integration; for 24 hours
// [Client.RestoreIntegration] undoes it. See [Impact] for confirm.
func (c *Client) RemoveIntegration(ctx context.Context, integration, confirm string) error {
	return c.remove(ctx, confirm, "integrations", integration)
}

// RestoreIntegration undoes a removal, by the integration's ID.
func (c *Client) RestoreIntegration(ctx context.Context, id string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations", id, "restore"), nil, nil)
}

// IntegrationSetup gives the setup documents in a format: json, cli,
// terraform, cloudformation or console.
func (c *Client) IntegrationSetup(ctx context.Context, integration, format string) (string, error) {
	response, err := c.send(ctx, http.MethodGet, c.in("integrations", integration, "setup"), url.Values{"format": {format}}, "", nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end, or the reading has failed
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	return string(text), err
}

// StartRotation begins to change the External ID: the trust policy of the
// answer names both.
func (c *Client) StartRotation(ctx context.Context, integration string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations", integration, "rotation"), nil, nil)
}

// CompleteRotation uses the new External ID from now on, when the role takes
// it. See [Impact] for confirm.
func (c *Client) CompleteRotation(ctx context.Context, integration, confirm string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations", integration, "rotation", "complete"), confirming(confirm), nil)
}

// AbandonRotation gives the new External ID up.
func (c *Client) AbandonRotation(ctx context.Context, integration string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodDelete, c.in("integrations", integration, "rotation"), nil, nil)
}
