package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// GrantSpec is what is said of a grant.
type GrantSpec struct {
	Name               string           `json:"name"`
	Provider           string           `json:"provider"` // ID or name; "members" for people who sign in
	Conditions         []GrantCondition `json:"conditions,omitempty"`
	Integration        string           `json:"integration"`                    // ID or name
	Bucket             string           `json:"bucket,omitempty"`               // default: the integration's
	Prefixes           []string         `json:"prefixes,omitempty"`             // default: the integration's; a segment may be ${user}
	Actions            []string         `json:"actions,omitempty"`              // list, read, write, delete; default list and read
	MaxDurationSeconds int              `json:"max_duration_seconds,omitempty"` // default 3600
	Exchanges          int              `json:"exchanges,omitempty"`            // of one token; default 1
	NotBefore          time.Time        `json:"not_before,omitzero"`
	NotAfter           time.Time        `json:"not_after,omitzero"`
	AllowForks         bool             `json:"allow_forks,omitempty"`
	AllowSSHReruns     bool             `json:"allow_ssh_reruns,omitempty"`
	AllowPullRequests  bool             `json:"allow_pull_requests,omitempty"`
	Users              []string         `json:"users,omitempty"` // unchanging user IDs; of members also "*"
	Tags               []string         `json:"tags,omitempty"`  // claims that become session tags
}

// GrantCondition holds a claim to values.
type GrantCondition struct {
	Claim    string   `json:"claim"`
	Operator string   `json:"operator"` // equals, one_of, glob
	Values   []string `json:"values"`
}

// Grant is which tokens may be exchanged for credentials to which prefixes.
type Grant struct {
	ID string `json:"id"`
	GrantSpec
	CreatedAt time.Time `json:"created_at"`
	RevokedAt time.Time `json:"revoked_at,omitzero"` // zero: it is not
	Warnings  []string  `json:"warnings,omitempty"`
}

// CreateGrant makes a grant.
func (c *Client) CreateGrant(ctx context.Context, spec GrantSpec) (Grant, error) {
	return ask[Grant](ctx, c, http.MethodPost, c.in("grants"), nil, spec)
}

// Grants lists the workspace's grants that are not revoked, oldest first.
func (c *Client) Grants(ctx context.Context, options PageOptions) (Page[Grant], error) {
	return ask[Page[Grant]](ctx, c, http.MethodGet, c.in("grants"), options.query(), nil)
}

// Grant gives one grant, by its ID or its name.
func (c *Client) Grant(ctx context.Context, idOrName string) (Grant, error) {
	return ask[Grant](ctx, c, http.MethodGet, c.in("grants", idOrName), nil, nil)
}

// ReplaceGrant gives a grant another text; its provider stays.
func (c *Client) ReplaceGrant(ctx context.Context, idOrName string, spec GrantSpec) (Grant, error) {
	return ask[Grant](ctx, c, http.MethodPut, c.in("grants", idOrName), nil, spec)
}

// RevokeGrant ends a grant for good. [Client.Revoke] also gives the policies
// that end live sessions. See [Impact] for confirm.
func (c *Client) RevokeGrant(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "grants", idOrName)
}

// RevocationSpec says who or what gets no credentials any more: one of Grant,
// Provider, Integration and User; a user of a Provider, or of "members".
type RevocationSpec struct {
	Grant       string `json:"grant,omitempty"`
	Provider    string `json:"provider,omitempty"`
	Integration string `json:"integration,omitempty"`
	User        string `json:"user,omitempty"`
	Apply       bool   `json:"apply,omitempty"` // put the deny policies on the roles, where they allow it
}

// Revocation is one decision that somebody, or something, gets no credentials
// any more.
type Revocation struct {
	ID        string        `json:"id"`
	Kind      string        `json:"kind"` // grant, provider, integration, user
	Subject   string        `json:"subject"`
	Provider  string        `json:"provider,omitempty"` // of a user
	CreatedAt time.Time     `json:"created_at"`
	Documents []EndSessions `json:"documents,omitempty"`
}

// EndSessions is the policy that ends the live sessions of one role.
type EndSessions struct {
	Integration string          `json:"integration"`
	RoleARN     string          `json:"role_arn"`
	PolicyName  string          `json:"policy_name"`
	Policy      json.RawMessage `json:"policy"`
	Command     string          `json:"command"` // for the role's owner
	Applied     bool            `json:"applied"`
	Detail      string          `json:"detail,omitempty"` // why it was not applied
}

// Revoke ends access, and returns the policies that end live sessions. See
// [Impact] for confirm.
func (c *Client) Revoke(ctx context.Context, spec RevocationSpec, confirm string) (Revocation, error) {
	return ask[Revocation](ctx, c, http.MethodPost, c.in("revocations"), confirming(confirm), spec)
}

// Revocations lists those that stand, oldest first.
func (c *Client) Revocations(ctx context.Context, options PageOptions) (Page[Revocation], error) {
	return ask[Page[Revocation]](ctx, c, http.MethodGet, c.in("revocations"), options.query(), nil)
}

// UndoRevocation lets a user in again. What else was revoked stays so.
func (c *Client) UndoRevocation(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, c.in("revocations", id), nil, nil, nil)
}
