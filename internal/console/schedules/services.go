package schedules

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
)

// Services has the parts of the domain that the pages use. All are required.
type Services struct {
	Schedules Schedules
	Sources   Sources
	Datasets  Datasets
}

// Schedules starts loads at fire times; *schedule.Service implements it.
type Schedules interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string, draft schedule.Draft) (schedule.Schedule, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (schedule.Shown, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[schedule.Shown], error)
	Update(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		change schedule.Change) (schedule.Schedule, error)
	Pause(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (schedule.Schedule, error)
	Resume(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (schedule.Schedule, error)
	Run(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (load.Load, error)
	Runs(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		request paging.Request) (paging.List[schedule.Run], error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string) error
}

// Sources lists data sources; *source.Service implements it.
type Sources interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
}

// Datasets lists datasets; *dataset.Service implements it.
type Datasets interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}
