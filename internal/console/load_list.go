package console

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
)

// loadLister lists loads as pages show them.
type loadLister struct {
	Loads interface {
		List(ctx context.Context, actor access.Actor, workspaceID string,
			request paging.Request) (paging.List[load.Load], error)
	}
	Sources interface {
		List(ctx context.Context, actor access.Actor, workspaceID string,
			request paging.Request) (paging.List[source.Source], error)
	}
	Now func() time.Time
}

// sourceNames returns the names of the workspace's sources by ID: the first
// thousand.
func (l loadLister) sourceNames(v *visit) (map[string]string, error) {
	found, err := l.Sources.List(v.Context(), v.actor, v.workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(found.Items))
	for _, s := range found.Items {
		names[s.ID] = s.Name
	}
	return names, nil
}

// list returns a page of loads, newest first, and the cursor of the next page;
// keep chooses among the loads, nil keeps all.
func (l loadLister) list(v *visit, request paging.Request, keep func(load.Load) bool) ([]loadView, string, error) {
	found, err := l.Loads.List(v.Context(), v.actor, v.workspace, request)
	if err != nil {
		return nil, "", err
	}
	names, err := l.sourceNames(v)
	if err != nil {
		return nil, "", err
	}
	var loads []loadView
	for _, one := range found.Items {
		if keep == nil || keep(one) {
			loads = append(loads, viewLoad(one, names, l.Now()))
		}
	}
	return loads, found.Next, nil
}
