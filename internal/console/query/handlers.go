// Package query is the page that runs SQL over the datasets of a workspace.
package query

import (
	"context"
	"embed"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/query"
)

// Templates are the templates of the pages.
//
//go:embed template
var Templates embed.FS

// Services has the parts of the domain that the pages use. All are required.
type Services struct {
	Datasets Datasets
	Query    Query
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
	t.Keep("POST /query", "", "sql")
}
