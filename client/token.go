package client

import (
	"context"
	"net/http"
	"time"
)

// Token is an API token, without the token itself.
type Token struct {
	ID        string       `json:"id"`
	Kind      string       `json:"kind"` // secret, publishable, personal
	Name      string       `json:"name"`
	Tail      string       `json:"tail"` // its last four digits
	Scopes    []TokenScope `json:"scopes"`
	Member    string       `json:"member"` // of a personal token: whose it is, by ID
	CreatedAt time.Time    `json:"created_at"`
	ExpiresAt time.Time    `json:"expires_at"` // zero: never
	UsedAt    time.Time    `json:"used_at"`
}

// TokenScope is what a publishable token may do.
type TokenScope struct {
	Action  string `json:"action"`  // data.read
	Dataset string `json:"dataset"` // ID, or "*"; on creation also a name
}

// TokenSpec is what is said of a new token.
type TokenSpec struct {
	Kind      string       `json:"kind"`
	Name      string       `json:"name"`
	Scopes    []TokenScope `json:"scopes,omitempty"`
	Member    string       `json:"member,omitempty"` // personal: ID or e-mail address; default: who asks
	ExpiresAt time.Time    `json:"expires_at,omitzero"`
}

// MintedToken is a new token with its text, which is told this once.
type MintedToken struct {
	Token
	Text string `json:"token"`
}

// Whoami is who a token belongs to.
type Whoami struct {
	Kind      string       `json:"kind"`
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Workspace string       `json:"workspace"` // ID
	Scopes    []TokenScope `json:"scopes"`
}

// CreateToken makes a token.
func (c *Client) CreateToken(ctx context.Context, spec TokenSpec) (MintedToken, error) {
	return ask[MintedToken](ctx, c, http.MethodPost, c.in("tokens"), nil, spec)
}

// Tokens lists the tokens that are not revoked, oldest first.
func (c *Client) Tokens(ctx context.Context, options PageOptions) (Page[Token], error) {
	return ask[Page[Token]](ctx, c, http.MethodGet, c.in("tokens"), options.query(), nil)
}

// RevokeToken ends a token; see [Impact] for confirm.
func (c *Client) RevokeToken(ctx context.Context, id, confirm string) error {
	return c.remove(ctx, confirm, "tokens", id)
}

// Whoami tells who the client's own token belongs to.
func (c *Client) Whoami(ctx context.Context) (Whoami, error) {
	return ask[Whoami](ctx, c, http.MethodGet, path("v1", "whoami"), nil, nil)
}
