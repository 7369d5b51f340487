package sources

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/pipeline"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/tabular/shape"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Credentials  Credentials
	Datasets     Datasets
	Feeds        Feeds
	Integrations Integrations
	Loads        Loads
	Pipelines    Pipelines
	Sources      Sources
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

// Feeds is how sources are loaded into datasets; *feed.Service implements it.
type Feeds interface {
	Get(ctx context.Context, actor access.Actor, workspaceID, feedID string) (feed.Feed, error)
	List(ctx context.Context, actor access.Actor, workspaceID string, filter feed.Filter,
		request paging.Request) (paging.List[feed.Feed], error)
	Update(ctx context.Context, actor access.Actor, workspaceID, feedID string, version int64,
		change feed.Change) (feed.Feed, error)
}

// Pipelines creates sources with what loads them; *pipeline.Service implements it.
type Pipelines interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string,
		draft pipeline.Draft) (pipeline.Pipeline, error)
}

// Loads brings objects into datasets; *load.Service implements it.
type Loads interface {
	Start(ctx context.Context, actor access.Actor, workspaceID string, order load.Order) (load.Load, error)
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (source.Source, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
	Update(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		change source.Change) (source.Source, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string, given impact.Confirmation) error
	Preview(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (source.Preview, error)
	PreviewUnsaved(ctx context.Context, actor access.Actor, workspaceID string, draft source.Draft,
		columns *shape.Columns) (source.Preview, source.Listing, error)
	Objects(ctx context.Context, actor access.Actor, workspaceID, idOrName, prefix, cursor string,
		limit int) (objects []source.Object, next string, err error)
}
