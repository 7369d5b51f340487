package members

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Datasets Datasets
	Members  Members
	Tokens   Tokens
}

// Datasets is the typed tables; *dataset.Service implements it.
type Datasets interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}

// Members manages members; *workspace.Service implements it.
type Members interface {
	Sessions(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) ([]workspace.Session, error)
	EndSession(ctx context.Context, actor access.Actor, workspaceID, idOrEmail, sessionID string) error
	EndSessions(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) error
	RemoveIdentity(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) error
	List(ctx context.Context, actor access.Actor, workspaceID string, filter workspace.Filter,
		request paging.Request) (paging.List[workspace.Listed], error)
	Find(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) (workspace.Member, error)
	Invite(ctx context.Context, actor access.Actor, workspaceID string,
		said workspace.NewMember) (workspace.Member, workspace.Invitation, error)
	CreateLink(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) (secret.String, error)
	SetRole(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string,
		role access.Role) (workspace.Member, error)
	MemberImpact(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) (impact.Impact, error)
	RemoveMember(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string,
		given impact.Confirmation) error
}

// Tokens is the API tokens; *token.Service implements it.
type Tokens interface {
	ListOf(ctx context.Context, actor access.Actor, workspaceID, memberID string,
		request paging.Request) (paging.List[token.Token], error)
	Adopt(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (token.Token, error)
}
