package loads

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/spool"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Loads   Loads
	Sources Sources
	Spool   *spool.Pool // buffers a file until the client has read it; optional
}

// Loads loads objects into datasets; *load.Service implements it.
type Loads interface {
	Get(ctx context.Context, actor access.Actor, workspaceID, loadID string) (load.Load, error)
	Find(ctx context.Context, actor access.Actor, workspace string, filter load.Filter,
		request paging.Request) (paging.List[load.Load], error)
	Watch(ctx context.Context, actor access.Actor, workspaceID, loadID string, see func(load.Load) error) error
	Start(ctx context.Context, actor access.Actor, workspaceID string, order load.Order) (load.Load, error)
	Cancel(ctx context.Context, actor access.Actor, workspaceID, loadID string) (load.Load, error)
	SelectRejects(ctx context.Context, actor access.Actor, workspaceID, loadID string, filter load.RejectFilter,
		fn func(dataset.Rejected) error) error
	Rejects(ctx context.Context, actor access.Actor, workspaceID, loadID string, fn func(dataset.Rejected) error) error
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
}
