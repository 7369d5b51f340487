package ci

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/audit"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/object"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/reach"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/vending"
	"github.com/windlass-io/windlass/internal/vending/grant"
	"github.com/windlass-io/windlass/internal/vending/provider"
)

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Audit        Audit
	Grants       Grants
	Integrations Integrations
	Providers    Providers
	Reach        Reach
	Vending      Vending
}

// Audit reads and verifies audit entries; *audit.Service implements it.
type Audit interface {
	List(ctx context.Context, actor access.Actor, workspaceID string, filter audit.Filter,
		request paging.Request) (paging.List[audit.Entry], error)
}

// Grants manages grants; *grant.Service implements it.
type Grants interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string,
		draft grant.Draft) (grant.Grant, []string, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (grant.Grant, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[grant.Grant], error)
}

// Integrations lists the customers' roles; *integration.Service implements it.
type Integrations interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[integration.Integration], error)
}

// Providers manages the issuers whose tokens are accepted; *provider.Service
// implements it.
type Providers interface {
	Create(ctx context.Context, actor access.Actor, workspaceID string, draft provider.Draft) (provider.Provider, error)
	Get(ctx context.Context, actor access.Actor, workspaceID, idOrName string) (provider.Provider, error)
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[provider.Provider], error)
}

// Reach finds who can reach what; *reach.Service implements it.
type Reach interface {
	To(ctx context.Context, actor access.Actor, workspaceID string, place object.Location) ([]reach.Way, error)
	Of(ctx context.Context, actor access.Actor, workspaceID, idOrEmail string) ([]reach.Way, error)
}

// Vending exchanges tokens for credentials; *vending.Service implements it.
type Vending interface {
	Explain(ctx context.Context, actor access.Actor, workspaceID string, token secret.String,
		ask vending.Request) (vending.Explanation, error)
	Revoke(ctx context.Context, actor access.Actor, workspaceID string, target vending.Target,
		given impact.Confirmation) (vending.Revocation, []vending.EndSessions, error)
	Impact(ctx context.Context, actor access.Actor, workspaceID string, target vending.Target) (impact.Impact, error)
}
