package datasets

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/dataset/alter"
	"github.com/windlass-io/windlass/internal/delivery"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/usage"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Datasets Datasets
	Delivery Delivery
	Loads    Loads
	Rows     Rows
	Schemas  Schemas
	Sources  Sources
	Usage    Usage
}

// Datasets is the typed tables; *dataset.Service implements it.
type Datasets interface {
	Get(ctx context.Context, actor access.Actor, workspaceID, nameOrID string) (dataset.Dataset, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
	Removed(ctx context.Context, actor access.Actor, workspaceID string) ([]dataset.Dataset, error)
	Update(ctx context.Context, actor access.Actor, workspaceID, nameOrID string,
		change dataset.Change) (dataset.Dataset, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, nameOrID string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, nameOrID string,
		given impact.Confirmation) (dataset.Dataset, error)
	Drift(ctx context.Context, actor access.Actor, workspaceID, nameOrID string,
		request paging.Request) (paging.List[dataset.Drift], error)
	Restore(ctx context.Context, actor access.Actor, workspaceID, nameOrID string) (dataset.Dataset, error)
}

// Delivery returns and writes rows; *delivery.Service implements it.
type Delivery interface {
	Read(ctx context.Context, actor access.Actor, workspaceID string,
		request delivery.Request) (*delivery.Answer, error)
	WriteRows(ctx context.Context, actor access.Actor, workspaceID string,
		write delivery.RowWrite) (delivery.Written, error)
	Delete(ctx context.Context, actor access.Actor, workspaceID string,
		removal delivery.Removal) (delivery.Removed, error)
}

// Loads loads objects into datasets; *load.Service implements it.
type Loads interface {
	Find(ctx context.Context, actor access.Actor, workspace string, filter load.Filter,
		request paging.Request) (paging.List[load.Load], error)
}

// Rows measures datasets; engine.Engine implements it.
type Rows interface {
	Stats(ctx context.Context, datasetID string) (engine.Stats, error)
}

// Schemas changes the schemas of datasets; *alter.Service implements it.
type Schemas interface {
	Change(ctx context.Context, actor access.Actor, workspaceID, nameOrID string,
		order alter.Order) (*alter.Report, error)
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
}

// Usage reports requests; *usage.Service implements it.
type Usage interface {
	Report(ctx context.Context, actor access.Actor, search usage.Search) ([]usage.Line, error)
}
