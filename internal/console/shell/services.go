package shell

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Members signs members in; *workspace.Service implements it.
type Members interface {
	SignedIn(ctx context.Context, memberID string) (workspace.Member, error)
	Device(ctx context.Context, member workspace.Member, text string) (string, error)
	KnowsDevice(ctx context.Context, member workspace.Member, text string) (bool, error)
	BeginSession(ctx context.Context, member workspace.Member, origin workspace.Origin) (workspace.Session, error)
	UseSession(ctx context.Context, memberID, sessionID string) error
	SignOut(ctx context.Context, memberID, sessionID string) error
	Get(ctx context.Context, actor access.Actor, workspaceID string) (workspace.Workspace, error)
	List(ctx context.Context, actor access.Actor, workspaceID string, filter workspace.Filter,
		request paging.Request) (paging.List[workspace.Listed], error)
}
