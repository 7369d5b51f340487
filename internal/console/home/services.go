package home

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/token"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Credentials  Credentials
	Datasets     Datasets
	Integrations Integrations
	Loads        Loads
	Rows         Rows
	Schedules    Schedules
	Sources      Sources
	Tokens       Tokens
}

// Credentials is the access keys; *credential.Service implements it.
type Credentials interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[credential.Credential], error)
}

// Datasets is the typed tables; *dataset.Service implements it.
type Datasets interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}

// Integrations is the customers' roles; *integration.Service implements it.
type Integrations interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[integration.Integration], error)
}

// Loads loads objects into datasets; *load.Service implements it.
type Loads interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[load.Load], error)
}

// Rows measures datasets; engine.Engine implements it.
type Rows interface {
	Stats(ctx context.Context, datasetID string) (engine.Stats, error)
}

// Schedules starts loads at fire times; *schedule.Service implements it.
type Schedules interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[schedule.Shown], error)
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
}

// Tokens is the API tokens; *token.Service implements it.
type Tokens interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[token.Token], error)
}
