package query

import (
	"context"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/nearest"
	"github.com/windlass-io/windlass/internal/paging"
)

// spelling is the rule for suggesting a dataset's name.
var spelling = nearest.Rule{Letters: 2, Bytes: 255}

// nearest finds, for names that no dataset has, the names that look most like them.
func (t *tables) nearest(ctx context.Context, missing []string, into map[string]string) error {
	request := paging.Request{Limit: paging.MaxLimit}
	best := map[string]int{}
	for {
		page, err := t.service.config.Datasets.ListReadables(ctx, t.workspaceID, request)
		if err != nil {
			return err
		}
		for i := range page.Items {
			d := &page.Items[i]
			if !access.Allowed(t.actor, access.DataQuery, access.Resource{
				Workspace: t.workspaceID, Kind: d.Kind(), ID: d.ID,
			}) {
				continue
			}
			for _, name := range missing {
				letters, near := spelling.Distance(name, d.Name)
				if before, ok := best[name]; near && (!ok || letters < before) {
					best[name], into[name] = letters, d.Name
				}
			}
		}
		if page.Next == "" {
			return nil
		}
		request.Cursor = page.Next
	}
}
