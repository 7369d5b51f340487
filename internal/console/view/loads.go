package view

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/source"
)

// LoadLister lists loads as pages show them.
type LoadLister struct {
	Loads interface {
		Find(ctx context.Context, actor access.Actor, workspace string, filter load.Filter,
			request paging.Request) (paging.List[load.Load], error)
	}
	Sources interface {
		List(ctx context.Context, actor access.Actor, workspaceID string,
			request paging.Request) (paging.List[source.Source], error)
	}
	Now func() time.Time
}

// SourceNames returns the names of the workspace's sources by ID: the first
// thousand.
func (l LoadLister) SourceNames(v *shell.Visit) (map[string]string, error) {
	found, err := l.Sources.List(v.Context(), v.Actor, v.Workspace, paging.Request{Limit: paging.MaxLimit})
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(found.Items))
	for _, s := range found.Items {
		names[s.ID] = s.Name
	}
	return names, nil
}

// List returns a page of the loads that a filter selects, newest first, and the cursor of the next
// page.
func (l LoadLister) List(v *shell.Visit, filter load.Filter, request paging.Request) (paging.List[load.Load], []Load,
	error,
) {
	found, err := l.Loads.Find(v.Context(), v.Actor, v.Workspace, filter, request)
	if err != nil {
		return found, nil, err
	}
	names, err := l.SourceNames(v)
	if err != nil {
		return found, nil, err
	}
	loads := make([]Load, 0, len(found.Items))
	for _, item := range found.Items {
		loads = append(loads, LoadOf(item, names, l.Now()))
	}
	return found, loads, nil
}
