package signin

import (
	"context"
	"net/http"

	"github.com/windlass-io/windlass/internal/console/shell"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/login"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Login   Login
	Members Members
	// Connect continues connecting an identity when a member returns from the
	// issuer.
	Connect func(w http.ResponseWriter, r *http.Request, waiting shell.Journey, identity workspace.Identity, err error)
}

// Login approves commands; *login.Service implements it.
type Login interface {
	Find(ctx context.Context, actor access.Actor, code string) (login.Request, error)
	Approve(ctx context.Context, actor access.Actor, code string) error
	Deny(ctx context.Context, actor access.Actor, code string) error
	Authorize(ctx context.Context, actor access.Actor, ask login.Ask) (address string, err error)
}

// Members signs members in; *workspace.Service implements it.
type Members interface {
	SignIn(ctx context.Context, attempt workspace.Attempt) (workspace.Member, error)
	SignInByLink(ctx context.Context, token secret.String, origin workspace.Origin) (workspace.Member, error)
	SignInByIdentity(ctx context.Context, workspaceName string, identity workspace.Identity,
		origin workspace.Origin) (workspace.Member, error)
}
