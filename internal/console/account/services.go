package account

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Members Members
	Tokens  Tokens
}

// Members signs members in; *workspace.Service implements it.
type Members interface {
	SignedIn(ctx context.Context, memberID string) (workspace.Member, error)
	Sessions(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) ([]workspace.Session, error)
	EndSession(ctx context.Context, actor access.Actor, workspaceID, idOrEmail, sessionID string) error
	EndSessions(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) error
	Prove(ctx context.Context, actor access.Actor, current secret.String) error
	ChangePassword(ctx context.Context, actor access.Actor, current, next secret.String) error
	LinkIdentity(ctx context.Context, actor access.Actor, identity workspace.Identity) error
	RemoveIdentity(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) error
}

// Tokens is the API tokens; *token.Service implements it.
type Tokens interface {
	Mint(ctx context.Context, actor access.Actor, workspaceID string,
		draft token.Draft) (token.Token, secret.String, error)
}
