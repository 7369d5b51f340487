package logs

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/security"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Audit    Audit
	Security Security
}

// Audit reads and verifies audit entries; *audit.Service implements it.
type Audit interface {
	List(ctx context.Context, actor access.Actor, workspaceID string, filter audit.Filter,
		request paging.Request) (paging.List[audit.Entry], error)
	Verify(ctx context.Context, actor access.Actor, workspaceID string, anchor audit.Head) (audit.Report, error)
	Export(ctx context.Context, actor access.Actor, workspaceID string) (*audit.Export, error)
}

// Security is the security log; *security.Service implements it.
type Security interface {
	List(ctx context.Context, actor access.Actor, workspaceID string, filter security.Filter,
		request paging.Request) (paging.List[security.Entry], error)
	IsOperator(ctx context.Context, actor access.Actor) bool
}
