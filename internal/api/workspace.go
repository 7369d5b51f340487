package api

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Workspace is a workspace in the API.
type Workspace struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	CreatedAt time.Time `json:"created_at"`
}

// Member is a member of a workspace in the API.
type Member struct {
	ID         string          `json:"id"`
	Email      string          `json:"email"`
	Role       access.Role     `json:"role"`
	Password   bool            `json:"password" doc:"Whether the member has a password. Otherwise they sign in by link."`
	Identity   *MemberIdentity `json:"identity,omitempty" doc:"The OIDC identity that signs the member in."`
	CreatedAt  time.Time       `json:"created_at"`
	SignedInAt time.Time       `json:"signed_in_at,omitzero" doc:"Absent: never."`
}

// MemberIdentity is a member's identity at an OIDC issuer.
type MemberIdentity struct {
	Issuer  string `json:"issuer" maxLength:"512"`
	Subject string `json:"subject" maxLength:"255" doc:"The value of sub in tokens, which never changes. Not an e-mail address."`
}

// SignInLink lets one member sign in once. It is only shown once.
type SignInLink struct {
	Path      string    `json:"path" doc:"Path under the console's address."`
	ExpiresAt time.Time `json:"expires_at"`
}

// AddedMember is a new member with their invitation.
type AddedMember struct {
	Member
	Invitation SignInLink `json:"invitation" doc:"Signs the member in once, within 72 hours. It stops working if the role changes or the member is removed. It isn't shown again."`
}

type addMemberInput struct {
	InWorkspace
	Body struct {
		Email string      `json:"email" maxLength:"254"`
		Role  access.Role `json:"role" enum:"viewer,editor,admin,owner,user" doc:"At most your own. user is an old name of editor."`
	}
}

// InMember is embedded in the input of every route under a member.
type InMember struct {
	InWorkspace
	Member string `path:"member" maxLength:"254" doc:"The member's ID or e-mail address."`
}

type listMembersInput struct {
	InWorkspace
	InPage
}

type updateMemberInput struct {
	InMember
	Body struct {
		Role access.Role `json:"role" enum:"viewer,editor,admin,owner" doc:"At most your own."`
	}
}

type setPasswordInput struct {
	InMember
	Body struct {
		Password string `json:"password" maxLength:"256" doc:"12 bytes or more. Empty: no password; the member signs in by link."`
	}
}

type confirmMemberInput struct {
	InMember
	Confirm
}

func (a *API) workspaceRoutes() {
	route(a, operation("get-workspace", "GET /v1/workspaces/{ws}", "Workspace", "A workspace"), a.getWorkspace)
	route(a, operation("list-members", "GET /v1/workspaces/{ws}/members", "Workspace", "List members"), a.listMembers)
	route(a, operation("add-member", "POST /v1/workspaces/{ws}/members", "Workspace",
		"Add a member and get an invitation link"), a.addMember)
	route(a, operation("update-member", "PATCH /v1/workspaces/{ws}/members/{member}", "Workspace",
		"Change a member's role; their sessions end"), a.updateMember)
	route(a, destructive(operation("remove-member", "DELETE /v1/workspaces/{ws}/members/{member}", "Workspace",
		"Remove a member; the last owner stays")), a.removeMember)
	impactRoute(a, "get-member-impact", "/v1/workspaces/{ws}/members/{member}", "Workspace",
		"Get the tokens that stop if the member is removed, each with its last use", a.memberImpact)
	route(a, operation("set-member-password", "PUT /v1/workspaces/{ws}/members/{member}/password", "Workspace",
		"Set a member's password; open sessions end"), a.setMemberPassword)
	route(a, operation("remove-member-identity", "DELETE /v1/workspaces/{ws}/members/{member}/identity", "Workspace",
		"Remove a member's OIDC identity"), a.removeMemberIdentity)
	route(a, operation("create-sign-in-link", "POST /v1/workspaces/{ws}/members/{member}/sign-in-links", "Workspace",
		"Create a link that signs a member in once, within 15 minutes"), a.createSignInLink)
}

func (a *API) getWorkspace(ctx context.Context, call Call, _ *InWorkspace) (*body[Workspace], error) {
	found, err := a.config.Services.Workspaces.Get(ctx, call.Actor, call.Workspace)
	return &body[Workspace]{Workspace{ID: found.ID, Name: found.Name, CreatedAt: found.CreatedAt}}, err
}

func (a *API) listMembers(ctx context.Context, call Call, in *listMembersInput) (*body[paging.List[Member]], error) {
	found, err := a.config.Services.Workspaces.Members(ctx, call.Actor, call.Workspace,
		paging.Request{Cursor: in.Cursor, Limit: in.Limit})
	return &body[paging.List[Member]]{mapPage(found, toMember)}, err
}

func (a *API) addMember(ctx context.Context, call Call, in *addMemberInput) (*body[AddedMember], error) {
	draft := workspace.NewMember{Email: in.Body.Email, Role: in.Body.Role}
	made, invitation, err := a.config.Services.Workspaces.Invite(ctx, call.Actor, call.Workspace, draft)
	link := SignInLink{Path: "/sign-in/link/" + invitation.Token.Reveal(), ExpiresAt: invitation.ExpiresAt}
	return &body[AddedMember]{AddedMember{toMember(made), link}}, err
}

func (a *API) updateMember(ctx context.Context, call Call, in *updateMemberInput) (*body[Member], error) {
	changed, err := a.config.Services.Workspaces.SetRole(ctx, call.Actor, call.Workspace, in.Member, in.Body.Role)
	return &body[Member]{toMember(changed)}, err
}

func (a *API) memberImpact(ctx context.Context, call Call, in *InMember) (impact.Impact, error) {
	return a.config.Services.Workspaces.MemberImpact(ctx, call.Actor, call.Workspace, in.Member)
}

func (a *API) removeMember(ctx context.Context, call Call, in *confirmMemberInput) (*struct{}, error) {
	return nil, a.config.Services.Workspaces.RemoveMember(ctx, call.Actor, call.Workspace, in.Member, in.given())
}

func (a *API) setMemberPassword(ctx context.Context, call Call, in *setPasswordInput) (*struct{}, error) {
	return nil, a.config.Services.Workspaces.SetPassword(ctx, call.Actor, call.Workspace, in.Member,
		secret.New(in.Body.Password))
}

func (a *API) removeMemberIdentity(ctx context.Context, call Call, in *InMember) (*struct{}, error) {
	return nil, a.config.Services.Workspaces.RemoveIdentity(ctx, call.Actor, call.Workspace, in.Member)
}

func (a *API) createSignInLink(ctx context.Context, call Call, in *InMember) (*body[SignInLink], error) {
	expires := a.config.Now().Add(workspace.LinkLifetime)
	token, err := a.config.Services.Workspaces.CreateLink(ctx, call.Actor, call.Workspace, in.Member)
	return &body[SignInLink]{SignInLink{Path: "/sign-in/link/" + token.Reveal(), ExpiresAt: expires}}, err
}

func toMember(m workspace.Member) Member {
	out := Member{
		ID: m.ID, Email: m.Email, Role: m.Role, Password: m.PasswordHash != "", CreatedAt: m.CreatedAt,
		SignedInAt: m.SignedInAt,
	}
	if m.Identity != (workspace.Identity{}) {
		out.Identity = (*MemberIdentity)(&m.Identity)
	}
	return out
}
