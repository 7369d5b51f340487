package console

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/paging"
)

// columnView is a column.
type columnView struct {
	Name, Type, Format, Description string
	Part                            string // "key", "subkey", "date" or empty
	Required, AllowNull             bool
}

// datasetList lists datasets; *dataset.Service fulfils it.
type datasetList interface {
	List(ctx context.Context, actor access.Actor, workspaceID string,
		request paging.Request) (paging.List[dataset.Dataset], error)
}

// datasetOptions returns the datasets to choose from: the first thousand.
func datasetOptions(v *visit, datasets datasetList) ([]option, error) {
	found, err := datasets.List(v.Context(), v.actor, v.workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	options := make([]option, len(found.Items))
	for n, d := range found.Items {
		options[n] = option{Value: d.ID, Name: d.Name}
	}
	return options, nil
}
