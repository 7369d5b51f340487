package client

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

// GrantSpec describes a grant.
type GrantSpec struct {
	Name        string           `json:"name"`
	Provider    string           `json:"provider"` // ID or name; "members" for people who sign in
	Conditions  []GrantCondition `json:"conditions,omitempty"`
	Integration string           `json:"integration"`      // ID or name
	Bucket      string           `json:"bucket,omitempty"` // default: the integration's
	// default: the integration's; a segment may be ${user}
	Prefixes []string `json:"prefixes,omitempty"`
	// list, read, write, delete; default list and read
	Actions            []string `json:"actions,omitempty"`
	MaxDurationSeconds int      `json:"max_duration_seconds,omitempty"` // default 3600
	// exchanges allowed per token; default 1
	Exchanges         int       `json:"exchanges,omitempty"`
	NotBefore         time.Time `json:"not_before,omitzero"`
	NotAfter          time.Time `json:"not_after,omitzero"`
	AllowForks        bool      `json:"allow_forks,omitempty"`
	AllowSSHReruns    bool      `json:"allow_ssh_reruns,omitempty"`
	AllowPullRequests bool      `json:"allow_pull_requests,omitempty"`
	Users             []string  `json:"users,omitempty"` // immutable user IDs; for members also "*"
	Tags              []string  `json:"tags,omitempty"`  // claims that become session tags
}

// GrantCondition requires a claim to have certain values.
type GrantCondition struct {
	Claim    string   `json:"claim"`
	Operator string   `json:"operator"` // equals, one_of, glob
	Values   []string `json:"values"`
}

// Grant allows certain tokens to be exchanged for credentials to certain
// prefixes.
type Grant struct {
	ID string `json:"id"`
	GrantSpec
	CreatedAt time.Time `json:"created_at"`
	RevokedAt time.Time `json:"revoked_at,omitzero"` // zero: not revoked
	Warnings  []string  `json:"warnings,omitempty"`
}

// CreateGrant creates a grant.
func (c *Client) CreateGrant(ctx context.Context, spec GrantSpec) (Grant, error) {
	return ask[Grant](ctx, c, http.MethodPost, c.in("grants"), nil, spec)
}

// Grants lists the workspace's grants that aren't revoked, oldest first.
func (c *Client) Grants(ctx context.Context, options PageOptions) (Page[Grant], error) {
	return ask[Page[Grant]](ctx, c, http.MethodGet, c.in("grants"), options.query(), nil)
}

// Grant returns a grant by its ID or name.
func (c *Client) Grant(ctx context.Context, idOrName string) (Grant, error) {
	return ask[Grant](ctx, c, http.MethodGet, c.in("grants", idOrName), nil, nil)
}

// ReplaceGrant replaces a grant's specification. The provider can't change.
func (c *Client) ReplaceGrant(ctx context.Context, idOrName string, spec GrantSpec) (Grant, error) {
	return ask[Grant](ctx, c, http.MethodPut, c.in("grants", idOrName), nil, spec)
}

// RevokeGrant revokes a grant permanently. [Client.Revoke] also returns the
// policies that end live sessions. See [Impact] for confirm.
func (c *Client) RevokeGrant(ctx context.Context, idOrName, confirm string) error {
	return c.remove(ctx, confirm, "grants", idOrName)
}

// RevocationSpec specifies what to revoke: one of Grant, Provider, Integration
// and User. A User belongs to a Provider, or to "members".
type RevocationSpec struct {
	Grant       string `json:"grant,omitempty"`
	Provider    string `json:"provider,omitempty"`
	Integration string `json:"integration,omitempty"`
	User        string `json:"user,omitempty"`
	Apply       bool   `json:"apply,omitempty"` // attach the deny policies to the roles that allow it
}

// Revocation stops a grant, provider, integration or user from getting
// credentials.
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
	Detail      string          `json:"detail,omitempty"` // why the policy wasn't attached
}

// Revoke revokes access and returns the policies that end live sessions. See
// [Impact] for confirm.
func (c *Client) Revoke(ctx context.Context, spec RevocationSpec, confirm string) (Revocation, error) {
	return ask[Revocation](ctx, c, http.MethodPost, c.in("revocations"), confirmQuery(confirm), spec)
}

// Revocations lists the revocations in force, oldest first.
func (c *Client) Revocations(ctx context.Context, options PageOptions) (Page[Revocation], error) {
	return ask[Page[Revocation]](ctx, c, http.MethodGet, c.in("revocations"), options.query(), nil)
}

// UndoRevocation undoes the revocation of a user. Other revocations can't be
// undone.
func (c *Client) UndoRevocation(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, c.in("revocations", id), nil, nil, nil)
}
