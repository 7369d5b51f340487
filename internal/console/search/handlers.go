// Package search finds pages, acts and objects of a workspace by name or ID.
package search

import (
	"context"
	"embed"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/integration"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/schedule"
	"github.com/windlass-io/windlass/internal/source"
	"github.com/windlass-io/windlass/internal/token"
	"github.com/windlass-io/windlass/internal/workspace"
)

// Templates are the templates of the pages.
//
//go:embed template
var Templates embed.FS

// Services has the parts of the domain that are searched. All are required.
type Services struct {
	Datasets     Datasets
	Integrations Integrations
	Loads        Loads
	Members      Members
	Schedules    Schedules
	Sources      Sources
	Tokens       Tokens
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

// Members manages members; *workspace.Service implements it.
type Members interface {
	List(ctx context.Context, actor access.Actor, workspaceID string, filter workspace.Filter,
		request paging.Request) (paging.List[workspace.Listed], error)
}

// Schedules starts loads at fire times; *schedule.Service implements it.
type Schedules interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[schedule.Shown], error)
}

// Sources manages sources; *source.Service implements it.
type Sources interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[source.Source], error)
}

// Tokens is the API tokens; *token.Service implements it.
type Tokens interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[token.Token], error)
}

// Handlers serves the pages.
type Handlers struct {
	*shell.Shell
	Services
}

// New returns the pages inside a shell.
func New(s *shell.Shell, services Services) *Handlers { return &Handlers{s, services} }

// Routes adds the pages to the table.
func (h *Handlers) Routes(t *shell.Table) { t.Page("GET /search", h.search) }
