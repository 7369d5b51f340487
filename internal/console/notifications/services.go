package notifications

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/paging"
)

// Services has the parts of the domain that the pages use. All are required.
type Services struct{ Notifications Notifications }

// Notifications sends notifications; *notification.Service implements it.
type Notifications interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string,
		draft notification.Draft) (notification.Created, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (notification.Destination, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[notification.Destination], error)
	Update(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		change notification.Change) (notification.Destination, error)
	Rotate(ctx context.Context, actor access.Actor, workspaceID, idOrName string, leaked bool) (
		notification.Created, error)
	Test(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (notification.Delivery, error)
	Retry(ctx context.Context, actor access.Actor, workspaceID, idOrName, deliveryID string) (
		notification.Delivery, error)
	Deliveries(ctx context.Context, actor access.Actor, workspaceID, idOrName string,
		request paging.Request) (paging.List[notification.Delivery], error)
	Impact(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (impact.Impact, error)
	Remove(ctx context.Context, actor access.Actor, workspaceID, idOrName string) error
}
