// Package datasets is the pages about datasets.
package datasets

import (
	"embed"

	"github.com/windlass-io/windlass/internal/console/shell"
)

// Templates are the templates of the pages.
//
//go:embed template
var Templates embed.FS

// Handlers serves the pages.
type Handlers struct {
	*shell.Shell
	Services
}

// New returns the pages inside a shell.
func New(s *shell.Shell, services Services) *Handlers { return &Handlers{s, services} }

// Routes adds the pages to the table.
func (h *Handlers) Routes(t *shell.Table) {
	t.Page("GET /datasets", h.datasets)
	t.Page("GET /datasets/{name}", h.tab("", h.rows))
	t.Page("GET /datasets/{name}/download", h.downloadRows)
	t.Page("GET /datasets/{name}/rows/new", h.tab("rows/new", h.rowNew))
	t.Page("POST /datasets/{name}/rows/new", h.tab("rows/new", h.rowInsert))
	t.Keep("POST /datasets/{name}/rows/new", "", rowFields()...)
	t.Page("GET /datasets/{name}/rows/edit", h.tab("rows/edit", h.rowEdit))
	t.Page("POST /datasets/{name}/rows/edit", h.tab("rows/edit", h.rowSave))
	t.Page("GET /datasets/{name}/rows/delete", h.tab("rows/delete", h.rowsRemoval))
	t.Page("POST /datasets/{name}/rows/delete", h.tab("rows/delete", h.rowsRemove))
	t.Page("GET /datasets/{name}/schema", h.tab("schema", h.schema))
	t.Page("POST /datasets/{name}/schema", h.tab("schema", h.schemaPost))
	t.Page("GET /datasets/{name}/api", h.tab("api", h.api))
	t.Page("GET /datasets/{name}/loads", h.tab("loads", h.loads))
	t.Page("GET /datasets/{name}/usage", h.tab("usage", h.usage))
	t.Page("GET /datasets/{name}/settings", h.tab("settings", h.settings))
	t.Page("POST /datasets/{name}/settings", h.tab("settings", h.settingsSave))
	t.Keep("POST /datasets/{name}/settings", "", settingsFields...)
	t.Page("GET /datasets/{name}/remove", h.Asks(h.datasetRemoval))
	t.Page("POST /datasets/{name}/remove", h.Removes(h.datasetRemoval))
	t.Page("POST /datasets/{name}/restore", h.datasetRestore)
}
