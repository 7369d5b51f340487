package load

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
)

// resolveDataset returns the plan's dataset, and creates it with a guessed
// schema when it doesn't exist.
func (p *pass) resolveDataset(ctx context.Context, plan *Plan) (dataset.Dataset, error) {
	found, err := plan.Dataset, error(nil)
	if found.ID == "" {
		found, err = p.createDataset(ctx, plan)
	}
	if err != nil {
		return dataset.Dataset{}, err
	}
	p.status.load.DatasetID = found.ID
	resource := access.Resource{Workspace: p.order.Workspace, Kind: "dataset", ID: found.ID}
	return found, p.config.Checker.Check(ctx, p.actor, access.DataWrite, resource)
}

func (p *pass) createDataset(ctx context.Context, plan *Plan) (dataset.Dataset, error) {
	schema, from, err := p.guess(ctx, plan.Objects)
	if err != nil {
		return dataset.Dataset{}, err
	}
	p.shapeNew(&schema)
	made, created, err := p.config.Datasets.Ensure(ctx, p.actor, p.order.Workspace,
		dataset.Draft{Name: p.order.Dataset, Schema: schema})
	if err == nil && created {
		columns := fmt.Sprintf("%d columns", len(schema.Columns))
		if len(schema.Columns) == 1 {
			columns = "1 column"
		}
		p.status.note("Created the dataset with %s, guessed from the beginning of %s.", columns, from)
		p.status.note("%s", schema.Index.Reason)
	}
	return made, err
}
