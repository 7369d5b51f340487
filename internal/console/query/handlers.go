// Package query is the page that runs SQL over the datasets of a workspace.
package query

import (
	"context"
	"embed"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/query"
	"github.com/windlass-io/windlass/internal/view"
)

// Templates are the templates of the pages.
//
//go:embed template
var Templates embed.FS

// Services has the parts of the domain that the pages use. All are required.
type Services struct {
	Datasets Datasets
	Query    Query
	Views    Views
}

// Datasets is the typed tables; *dataset.Service implements it.
type Datasets interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}

// Query runs SQL; *query.Service implements it.
type Query interface {
	Query(ctx context.Context, actor access.Actor, workspaceID string, request query.Request) (*query.Answer, error)
}

// Views stores statements as read-only datasets; *view.Service implements it.
type Views interface {
	Create(ctx context.Context, actor access.Actor, workspace string, draft view.Draft) (dataset.Dataset, error)
	Get(ctx context.Context, actor access.Actor, workspace, nameOrID string) (dataset.Dataset, error)
	Impact(ctx context.Context, actor access.Actor, workspace, nameOrID string) (impact.Impact, error)
	List(ctx context.Context, actor access.Actor, workspace string,
		request paging.Request) (paging.List[dataset.Dataset], error)
	Remove(ctx context.Context, actor access.Actor, workspace, nameOrID string, given impact.Confirmation) error
	Update(ctx context.Context, actor access.Actor, workspace, nameOrID string,
		change view.Change, force bool) (dataset.Dataset, error)
}

// Handlers serves the pages.
type Handlers struct {
	*shell.Shell
	Services
}

// New returns the pages inside a shell.
func New(s *shell.Shell, services Services) *Handlers { return &Handlers{s, services} }

// Routes adds the pages to the table.
func (h *Handlers) Routes(t *shell.Table) {
	t.Page("GET /query", h.show)
	t.Page("POST /query", h.run)
	t.Page("POST /query/download", h.download)
	t.Page("GET /query/{id}", h.showView)
	t.Page("POST /query/{id}/save", h.saveView)
	t.Page("GET /query/{id}/remove", h.Asks(h.removal))
	t.Page("POST /query/{id}/remove", h.Removes(h.removal))
	t.Page("GET /views/new", h.newView)
	t.Page("POST /views", h.createView)
	t.Keep("POST /query", "", "sql")
	t.Keep("POST /query/{id}/save", "/query/", "sql")
	t.Keep("POST /views", "/views/new", "sql", "name", "description", "key", "subkey", "date")
}
