package sources

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/credential"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
)

// Services are the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Credentials  Credentials
	Datasets     Datasets
	Integrations Integrations
	Loads        Loads
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

// Loads loads objects into datasets; *load.Service implements it.
type Loads interface {
	Start(ctx context.Context, actor access.Actor, workspaceID string, order load.Order) (load.Load, error)
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string, draft source.Draft) (source.Source, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (source.Source, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
	Update(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		change source.Change) (source.Source, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string, given impact.Confirmation) error
	Objects(ctx context.Context, actor access.Actor, workspaceID, idOrName, prefix, cursor string,
		limit int) (objects []source.Object, next string, err error)
}
