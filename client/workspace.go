package client

import (
	"context"
	"net/http"
	"time"
)

// Workspace owns integrations, datasets and all else.
type Workspace struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// Member is a person of a workspace.
type Member struct {
	ID         string    `json:"id"`
	Email      string    `json:"email"`
	Role       string    `json:"role"`     // owner, admin, user
	Password   bool      `json:"password"` // whether there is one
	CreatedAt  time.Time `json:"created_at"`
	SignedInAt time.Time `json:"signed_in_at"` // zero: never
}

// MemberSpec is what is said of a new member.
type MemberSpec struct {
	Email string `json:"email"`
	Role  string `json:"role"`
}

// SignInLink signs one member in, once, until it ends. It is told this once.
type SignInLink struct {
	Path      string    `json:"path"` // under the console's address
	ExpiresAt time.Time `json:"expires_at"`
}

// Workspace gives the client's workspace.
func (c *Client) Workspace(ctx context.Context) (Workspace, error) {
	return ask[Workspace](ctx, c, http.MethodGet, c.in(), nil, nil)
}

// Members lists the members of the workspace, oldest first.
func (c *Client) Members(ctx context.Context, options PageOptions) (Page[Member], error) {
	return ask[Page[Member]](ctx, c, http.MethodGet, c.in("members"), options.query(), nil)
}

// AddMember adds a member, who signs in by link.
func (c *Client) AddMember(ctx context.Context, spec MemberSpec) (Member, error) {
	return ask[Member](ctx, c, http.MethodPost, c.in("members"), nil, spec)
}

// RemoveMember removes a member, by ID. The last owner stays.
func (c *Client) RemoveMember(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, c.in("members", id), nil, nil, nil)
}

// CreateSignInLink makes a link that signs a member in.
func (c *Client) CreateSignInLink(ctx context.Context, memberID string) (SignInLink, error) {
	return ask[SignInLink](ctx, c, http.MethodPost, c.in("members", memberID, "sign-in-links"), nil, nil)
}
