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
	ID         string          `json:"id"`
	Email      string          `json:"email"`
	Role       string          `json:"role"`     // viewer, editor, admin, owner
	Password   bool            `json:"password"` // whether there is one
	Identity   *MemberIdentity `json:"identity"` // the OIDC identity that signs the member in; nil: none
	CreatedAt  time.Time       `json:"created_at"`
	SignedInAt time.Time       `json:"signed_in_at"` // zero: never
}

// MemberIdentity is who a member is to an OIDC issuer.
type MemberIdentity struct {
	Issuer  string `json:"issuer"`
	Subject string `json:"subject"` // as in the token's sub; never an e-mail address
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

// AddedMember is a new member and a link that signs them in, once, within 72
// hours.
type AddedMember struct {
	Member
	Invitation SignInLink `json:"invitation"`
}

// Workspace gives the client's workspace.
func (c *Client) Workspace(ctx context.Context) (Workspace, error) {
	return ask[Workspace](ctx, c, http.MethodGet, c.in(), nil, nil)
}

// Members lists the members of the workspace, oldest first.
func (c *Client) Members(ctx context.Context, options PageOptions) (Page[Member], error) {
	return ask[Page[Member]](ctx, c, http.MethodGet, c.in("members"), options.query(), nil)
}

// AddMember adds a member and returns a link that invites them.
func (c *Client) AddMember(ctx context.Context, spec MemberSpec) (AddedMember, error) {
	return ask[AddedMember](ctx, c, http.MethodPost, c.in("members"), nil, spec)
}

// SetMemberRole gives a member another role: viewer, editor, admin or owner.
// Their sessions end.
func (c *Client) SetMemberRole(ctx context.Context, idOrEmail, role string) (Member, error) {
	return ask[Member](ctx, c, http.MethodPatch, c.in("members", idOrEmail), nil, map[string]string{"role": role})
}

// RemoveMember removes a member, by ID or e-mail address. The last owner stays.
// See [Impact] for confirm.
func (c *Client) RemoveMember(ctx context.Context, idOrEmail, confirm string) error {
	return c.remove(ctx, confirm, "members", idOrEmail)
}

// SetMemberPassword gives a member a password, or with an empty one none. Open
// sessions end.
func (c *Client) SetMemberPassword(ctx context.Context, idOrEmail, password string) error {
	return c.call(ctx, http.MethodPut, c.in("members", idOrEmail, "password"), nil, map[string]string{"password": password}, nil)
}

// RemoveMemberIdentity takes a member's OIDC identity.
func (c *Client) RemoveMemberIdentity(ctx context.Context, idOrEmail string) error {
	return c.call(ctx, http.MethodDelete, c.in("members", idOrEmail, "identity"), nil, nil, nil)
}

// CreateSignInLink makes a link that signs a member in.
func (c *Client) CreateSignInLink(ctx context.Context, idOrEmail string) (SignInLink, error) {
	return ask[SignInLink](ctx, c, http.MethodPost, c.in("members", idOrEmail, "sign-in-links"), nil, nil)
}
