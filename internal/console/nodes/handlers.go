// Package nodes is the page about the processes that serve the state.
package nodes

import (
	"context"
	"embed"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/node"
)

// Templates are the templates of the page.
//
//go:embed template
var Templates embed.FS

// Services has the parts of the domain that the page uses. All are required.
type Services struct{ Nodes Nodes }

// Nodes lists nodes and drains them; *node.Service implements it.
type Nodes interface {
	List(ctx context.Context, actor access.Actor) ([]node.Listed, time.Time, error)
	Drain(ctx context.Context, actor access.Actor, nameOrID string, drain bool) (node.Listed, error)
}

// Handlers serves the page.
type Handlers struct {
	*shell.Shell
	Services
}

// New returns the page inside a shell.
func New(s *shell.Shell, services Services) *Handlers { return &Handlers{s, services} }

// Routes adds the page to the table.
func (h *Handlers) Routes(t *shell.Table) {
	t.Page("GET /nodes", h.list)
	t.Page("POST /nodes/{id}/drain", h.drain)
	t.Page("POST /nodes/{id}/resume", h.resume)
}
