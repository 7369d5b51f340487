package view

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
)

// Column is a column.
type Column struct {
	Name, Type, Format, Description string
	Part                            string // "key", "subkey", "date" or empty
	Required, AllowNull             bool
}

// datasetList lists datasets; *dataset.Service implements it.
type datasetList interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}

// DatasetOptions returns the datasets to choose from: the first thousand.
func DatasetOptions(v *shell.Visit, datasets datasetList) ([]page.Option, error) {
	found, err := datasets.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	options := make([]page.Option, len(found.Items))
	for n, d := range found.Items {
		options[n] = page.Option{Value: d.ID, Name: d.Name}
	}
	return options, nil
}
