package tokens

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/token"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Datasets Datasets
	Tokens   Tokens
}

// Datasets is the typed tables; *dataset.Service implements it.
type Datasets interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}

// Tokens is the API tokens; *token.Service implements it.
type Tokens interface {
	Mint(ctx context.Context, actor access.Actor, workspaceID string,
		draft token.Draft) (token.Token, secret.String, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[token.Token], error)
	Get(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (token.Token, error)
	Update(ctx context.Context, actor access.Actor, workspaceID, tokenID string,
		change token.Change) (token.Token, error)
	Adopt(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (token.Token, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, tokenID string) (impact.Impact, error)
	Revoke(ctx context.Context, actor access.Actor, workspaceID, tokenID string, given impact.Confirmation) error
}
