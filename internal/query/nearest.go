package query

import (
	"context"
	"strings"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
)

// nearest finds, for names that no dataset has, the names that look most like them.
func (t *tables) nearest(ctx context.Context, missing []string, into map[string]string) error {
	request := paging.Request{Limit: paging.MaxLimit}
	best := map[string]int{}
	for {
		page, err := t.service.config.Datasets.ListDatasets(ctx, t.workspaceID, request)
		if err != nil {
			return err
		}
		for i := range page.Items {
			d := &page.Items[i]
			if !access.Allowed(t.actor, access.DataQuery, access.Resource{
				Workspace: t.workspaceID, Kind: "dataset", ID: d.ID,
			}) {
				continue
			}
			for _, name := range missing {
				far := distance(strings.ToLower(name), strings.ToLower(d.Name))
				if before, ok := best[name]; far <= max(2, len(name)/3) && (!ok || far < before) {
					best[name], into[name] = far, d.Name
				}
			}
		}
		if page.Next == "" {
			return nil
		}
		request.Cursor = page.Next
	}
}

// distance returns the Levenshtein distance of two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
