package client

import (
	"context"
	"net/http"
	"time"
)

// Workspace owns integrations, datasets and all other resources.
type Workspace struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// Member is a member of a workspace.
type Member struct {
	ID         string          `json:"id"`
	Email      string          `json:"email"`
	Role       string          `json:"role"`     // viewer, editor, admin, owner
	Password   bool            `json:"password"` // whether the member has a password
	Identity   *MemberIdentity `json:"identity"` // the OIDC identity that signs the member in; nil: none
	CreatedAt  time.Time       `json:"created_at"`
	SignedInAt time.Time       `json:"signed_in_at"` // zero: never
}

// MemberIdentity is a member's identity at an OIDC issuer.
type MemberIdentity struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"` // the token's sub; never an e-mail address
}

// MemberSpec describes a new member.
type MemberSpec struct {
	Email string `json:"email"`
	Role  string `json:"role"`
}

// SignInLink signs a member in once, until it expires. It is only returned
// once.
type SignInLink struct {
	Path      string    `json:"path"` // under the console's address
	ExpiresAt time.Time `json:"expires_at"`
}

// AddedMember is a new member and a link that signs them in, once, within 72
// hours.
type AddedMember struct {
	Member
	Invitation SignInLink `json:"invitation"`
}

// Workspace returns the client's workspace.
func (c *Client) Workspace(ctx context.Context) (Workspace, error) {
	return ask[Workspace](ctx, c, http.MethodGet, c.in(), nil, nil)
}

// Members lists the members of the workspace, oldest first.
func (c *Client) Members(ctx context.Context, options PageOptions) (Page[Member], error) {
	return ask[Page[Member]](ctx, c, http.MethodGet, c.in("members"), options.query(), nil)
}

// AddMember adds a member and returns an invitation link.
func (c *Client) AddMember(ctx context.Context, spec MemberSpec) (AddedMember, error) {
	return ask[AddedMember](ctx, c, http.MethodPost, c.in("members"), nil, spec)
}

// SetMemberRole changes a member's role to viewer, editor, admin or owner, and
// ends their sessions.
func (c *Client) SetMemberRole(ctx context.Context, idOrEmail, role string) (Member, error) {
	return ask[Member](ctx, c, http.MethodPatch, c.in("members", idOrEmail), nil, map[string]string{"role": role})
}

// RemoveMember removes a member, by ID or e-mail address. The last owner can't
// be removed. See [Impact] for confirm.
func (c *Client) RemoveMember(ctx context.Context, idOrEmail, confirm string) error {
	return c.remove(ctx, confirm, "members", idOrEmail)
}

// SetMemberPassword sets a member's password, or removes it if password is
// empty, and ends their sessions.
func (c *Client) SetMemberPassword(ctx context.Context, idOrEmail, password string) error {
	return c.call(
		ctx,
		http.MethodPut,
		c.in("members", idOrEmail, "password"),
		nil,
		map[string]string{"password": password},
		nil,
	)
}

// RemoveMemberIdentity removes a member's OIDC identity.
func (c *Client) RemoveMemberIdentity(ctx context.Context, idOrEmail string) error {
	return c.call(ctx, http.MethodDelete, c.in("members", idOrEmail, "identity"), nil, nil, nil)
}

// CreateSignInLink creates a link that signs a member in.
func (c *Client) CreateSignInLink(ctx context.Context, idOrEmail string) (SignInLink, error) {
	return ask[SignInLink](ctx, c, http.MethodPost, c.in("members", idOrEmail, "sign-in-links"), nil, nil)
}
