package client

import (
	"context"
	"net/http"
	"time"
)

// Token is an API token without its secret text.
type Token struct {
	ID     string       `json:"id"`
	Kind   string       `json:"kind"` // secret, publishable, personal
	Name   string       `json:"name"`
	Tail   string       `json:"tail"` // the text's last four digits
	Scopes []TokenScope `json:"scopes"`
	Maker  string       `json:"maker"`   // member ID; the token is revoked when the member leaves
	MadeBy string       `json:"made_by"` // the maker's e-mail address
	Member string       `json:"member"`  // of a personal token: its maker
	Parent string       `json:"parent"`  // ID of the secret token that created it; empty: a member did
	// publishable: the web pages that may use it, as in [TokenSpec]
	AllowedOrigins  []string    `json:"allowed_origins"`
	AllowedReferers []string    `json:"allowed_referers"`
	CacheSeconds    int         `json:"cache_seconds"` // publishable: as in [TokenSpec]
	Limits          TokenLimits `json:"limits"`
	CreatedAt       time.Time   `json:"created_at"`
	ExpiresAt       time.Time   `json:"expires_at"` // zero: never
	UsedAt          time.Time   `json:"used_at"`
}

// TokenSpec describes a new token.
type TokenSpec struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// secret: by default everything the maker's role allows except audit and
	// metrics
	Scopes []TokenScope `json:"scopes,omitempty"`
	// personal: the acting member's own ID or e-mail address; the default
	Member       string    `json:"member,omitempty"`
	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	NeverExpires bool      `json:"never_expires,omitempty"` // secret, by an owner
	// publishable: origins of the web pages that may use it, such as
	// "https://app.example.com" or "https://*.example.com"; nil: every origin
	AllowedOrigins []string `json:"allowed_origins,omitempty"`
	// publishable: what the Referer of a request begins with, such as
	// "example.com/app"; empty: no Referer is needed
	AllowedReferers []string `json:"allowed_referers,omitempty"`
	// publishable: how long clients and caches may store responses to the token, at
	// most a day
	CacheSeconds int         `json:"cache_seconds,omitempty"`
	Limits       TokenLimits `json:"limits,omitzero"`
}

// TokenLimits has the limits of a token's usage; 0 means no limit.
type TokenLimits struct {
	RequestsPerMinute int64 `json:"requests_per_minute,omitempty"`
	RowsPerDay        int64 `json:"rows_per_day,omitempty"`       // read, written and deleted
	BytesPerDay       int64 `json:"bytes_per_day,omitempty"`      // of the bodies that are sent
	RequestsPerMonth  int64 `json:"requests_per_month,omitempty"` // for rows
}

// TokenChange is a change to a token; nil fields stay as they are.
type TokenChange struct {
	Name         *string       `json:"name,omitempty"`
	Scopes       *[]TokenScope `json:"scopes,omitempty"`
	ExpiresAt    *time.Time    `json:"expires_at,omitempty"`
	NeverExpires bool          `json:"never_expires,omitempty"`
	// of a publishable token, as in [TokenSpec]
	AllowedOrigins  *[]string    `json:"allowed_origins,omitempty"`
	AllowedReferers *[]string    `json:"allowed_referers,omitempty"`
	CacheSeconds    *int         `json:"cache_seconds,omitempty"`
	Limits          *TokenLimits `json:"limits,omitempty"` // all of them
}

// MintedToken is a new token with its text, which is only returned once.
type MintedToken struct {
	Token
	Text string `json:"token"`
}

// Whoami describes the client's own token.
type Whoami struct {
	Kind      string       `json:"kind"`
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Workspace string       `json:"workspace"` // ID
	Role      string       `json:"role"`      // the maker's current role
	Maker     string       `json:"maker"`     // member ID
	Token     string       `json:"token"`     // ID
	Scopes    []TokenScope `json:"scopes"`
}

// CreateToken creates a token.
func (c *Client) CreateToken(ctx context.Context, spec TokenSpec) (MintedToken, error) {
	return ask[MintedToken](ctx, c, http.MethodPost, c.in("tokens"), nil, spec)
}

// Tokens lists the tokens that aren't revoked, oldest first.
func (c *Client) Tokens(ctx context.Context, options PageOptions) (Page[Token], error) {
	return ask[Page[Token]](ctx, c, http.MethodGet, c.in("tokens"), options.query(), nil)
}

// Token returns a token by its ID.
func (c *Client) Token(ctx context.Context, id string) (Token, error) {
	return ask[Token](ctx, c, http.MethodGet, c.in("tokens", id), nil, nil)
}

// UpdateToken changes a token.
func (c *Client) UpdateToken(ctx context.Context, id string, change TokenChange) (Token, error) {
	return ask[Token](ctx, c, http.MethodPatch, c.in("tokens", id), nil, change)
}

// AdoptToken makes the acting member a token's maker.
func (c *Client) AdoptToken(ctx context.Context, id string) (Token, error) {
	return ask[Token](ctx, c, http.MethodPost, c.in("tokens", id, "adopt"), nil, nil)
}

// RevokeToken revokes a token and those that it created; see [Impact] for
// confirm.
func (c *Client) RevokeToken(ctx context.Context, id, confirm string) error {
	return c.remove(ctx, confirm, "tokens", id)
}

// Whoami returns the client's own token.
func (c *Client) Whoami(ctx context.Context) (Whoami, error) {
	return ask[Whoami](ctx, c, http.MethodGet, path("v1", "whoami"), nil, nil)
}

// RevokeWhoami revokes the client's own token.
func (c *Client) RevokeWhoami(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, path("v1", "whoami"), nil, nil, nil)
}
