package delivery

import (
	"context"
	"encoding/json"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// exampleRows is the number of rows in a description.
const exampleRows = 2

// Describe returns a dataset or view that the actor may read, with a few of its rows
// as JSON. It doesn't run the statement of a view.
func (s *Service) Describe(ctx context.Context, actor access.Actor, workspace, nameOrID string) (
	found dataset.Dataset, rows []json.RawMessage, err error,
) {
	found, read, err := s.find(ctx, actor, access.DataRead, workspace, nameOrID)
	if err != nil {
		return found, nil, err
	}
	defer func() { read.Done(int64(len(rows)), 0) }()
	if err := read.Wait(); err != nil || found.View != nil {
		return found, nil, err
	}
	p, err := (&Query{}).planFor(found)
	if err != nil {
		return found, nil, err
	}
	view, err := s.config.Rows.Open(ctx, found.ID)
	if err != nil {
		return found, nil, err
	}
	defer view.Close()
	selection := p.selection
	selection.Limit = exampleRows
	result, err := view.Find(ctx, &engine.Search{Selection: selection})
	if err != nil {
		return found, nil, err
	}
	defer func() { _ = result.Close() }()
	e := newJSONEncoder(p, &Query{})
	for {
		batch, err := result.Next()
		if err != nil || batch == nil {
			return found, rows, err
		}
		for i := range batch.Rows {
			rows = append(rows, e.row(nil, result, batch, i))
		}
	}
}
