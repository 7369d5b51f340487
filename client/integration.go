package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Integration is a customer's role and the locations that it opens.
type Integration struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// reserved, unverified, propagating, verified, failing, insecure,
	// disabled, removed
	State          string     `json:"state"`
	Reason         string     `json:"reason,omitempty"`
	ExternalID     string     `json:"external_id"`
	NextExternalID string     `json:"next_external_id,omitempty"` // during a rotation
	PrincipalARN   string     `json:"principal_arn"`              // the AWS principal that Windlass runs as
	RoleARN        string     `json:"role_arn,omitempty"`
	Locations      []Location `json:"locations"`
	Access         string     `json:"access"` // read, readwrite
	Region         string     `json:"region,omitempty"`
	Endpoint       string     `json:"endpoint,omitempty"`
	RequesterPays  bool       `json:"requester_pays"`
	KMSKeyARNs     []string   `json:"kms_key_arns,omitempty"`
	SessionSeconds int        `json:"session_seconds"`
	WebhookURL     string     `json:"webhook_url,omitempty"` // called when the state changes
	Vending        bool       `json:"vending"`               // whether grants may use it
	Parts          []Part     `json:"parts"`                 // its purposes
	CreatedAt      time.Time  `json:"created_at"`
	VerifiedAt     time.Time  `json:"verified_at,omitzero"`
	ExpiresAt      time.Time  `json:"expires_at,omitzero"` // of a reservation
	RemovedAt      time.Time  `json:"removed_at,omitzero"`
	Setup          *Setup     `json:"setup,omitempty"` // absent in lists
	Diff           *SetupDiff `json:"diff,omitempty"`  // after an edit
}

// Part is a purpose of an integration, with its own state: read, write,
// vending, or rotation after the External ID was rotated.
type Part struct {
	Part   string `json:"part"`
	State  string `json:"state"` // as of an integration
	Reason string `json:"reason,omitempty"`
}

// Location is a bucket and a prefix. The prefix ends with "/" or is empty.
type Location struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix"`
}

// String returns the location as "s3://bucket/prefix/".
func (l Location) String() string { return "s3://" + l.Bucket + "/" + l.Prefix }

// Setup is the set of documents that the customer pastes.
type Setup struct {
	RoleName         string          `json:"role_name"`
	TrustPolicy      json.RawMessage `json:"trust_policy"`
	PermissionPolicy json.RawMessage `json:"permission_policy,omitempty"`
	Notes            []string        `json:"notes,omitempty"` // notes on the policies
	// opens CloudFormation to create the role, until the role is known
	LaunchURL string `json:"launch_url,omitempty"`
}

// SetupDiff has unified diffs of the setup documents before and after an edit.
type SetupDiff struct {
	TrustPolicy      string `json:"trust_policy,omitempty"`
	PermissionPolicy string `json:"permission_policy,omitempty"`
}

// IntegrationSpec describes a new integration. It has no External ID, because
// Windlass generates it.
type IntegrationSpec struct {
	Name           string     `json:"name,omitempty"`
	Locations      []Location `json:"locations,omitempty"`
	Access         string     `json:"access,omitempty"`
	RoleARN        string     `json:"role_arn,omitempty"` // empty: reserve only
	Region         string     `json:"region,omitempty"`
	Endpoint       string     `json:"endpoint,omitempty"`
	RequesterPays  bool       `json:"requester_pays,omitempty"`
	KMSKeyARNs     []string   `json:"kms_key_arns,omitempty"`
	SessionSeconds int        `json:"session_seconds,omitempty"`
	WebhookURL     string     `json:"webhook_url,omitempty"`
	Vending        bool       `json:"vending,omitempty"`
}

// IntegrationChange is a change to an integration; nil fields stay as they
// are.
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

// CreateIntegration creates an integration, or reserves one if the spec has no
// role.
func (c *Client) CreateIntegration(ctx context.Context, spec IntegrationSpec) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations"), nil, spec)
}

// Integrations lists the integrations that aren't removed, oldest first.
func (c *Client) Integrations(ctx context.Context, options PageOptions) (Page[Integration], error) {
	return ask[Page[Integration]](ctx, c, http.MethodGet, c.in("integrations"), options.query(), nil)
}

// RemovedIntegrations lists the integrations that can be restored, most
// recently removed first.
func (c *Client) RemovedIntegrations(ctx context.Context) ([]Integration, error) {
	found, err := ask[Page[Integration]](
		ctx,
		c,
		http.MethodGet,
		c.in("integrations"),
		url.Values{"removed": {"true"}},
		nil,
	)
	return found.Items, err
}

// Integration returns an integration by its ID or name. Other methods also
// take either.
func (c *Client) Integration(ctx context.Context, integration string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodGet, c.in("integrations", integration), nil, nil)
}

// UpdateIntegration changes an integration. The result has the new documents
// and their diffs.
func (c *Client) UpdateIntegration(
	ctx context.Context,
	integration string,
	change IntegrationChange,
) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPatch, c.in("integrations", integration), nil, change)
}

// RemoveIntegration removes an integration. [Client.RestoreIntegration] can
// restore it for 24 hours. See [Impact] for confirm.
func (c *Client) RemoveIntegration(ctx context.Context, integration, confirm string) error {
	return c.remove(ctx, confirm, "integrations", integration)
}

// RestoreIntegration restores a removed integration, by its ID.
func (c *Client) RestoreIntegration(ctx context.Context, id string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations", id, "restore"), nil, nil)
}

// IntegrationSetup returns the setup documents in a format: json, cli,
// terraform, cloudformation or console.
func (c *Client) IntegrationSetup(ctx context.Context, integration, format string) (string, error) {
	return c.text(ctx, c.in("integrations", integration, "setup"), url.Values{"format": {format}})
}

// text returns a document that isn't JSON.
func (c *Client) text(ctx context.Context, path string, query url.Values) (string, error) {
	response, err := c.send(ctx, http.MethodGet, path, query, "", nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // the body is read to its end, or reading failed
	text, err := io.ReadAll(io.LimitReader(response.Body, maxResponseBytes))
	return string(text), err
}

// StartRotation starts a rotation of the External ID. The trust policy in the
// result names both External IDs.
func (c *Client) StartRotation(ctx context.Context, integration string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodPost, c.in("integrations", integration, "rotation"), nil, nil)
}

// CompleteRotation switches to the new External ID if the role accepts it. See
// [Impact] for confirm.
func (c *Client) CompleteRotation(ctx context.Context, integration, confirm string) (Integration, error) {
	return ask[Integration](
		ctx,
		c,
		http.MethodPost,
		c.in("integrations", integration, "rotation", "complete"),
		confirmQuery(confirm),
		nil,
	)
}

// AbandonRotation discards the new External ID.
func (c *Client) AbandonRotation(ctx context.Context, integration string) (Integration, error) {
	return ask[Integration](ctx, c, http.MethodDelete, c.in("integrations", integration, "rotation"), nil, nil)
}
