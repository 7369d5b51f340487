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
		List(ctx context.Context, actor access.Actor, workspaceID string,
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

// List returns a page of loads, newest first, and the cursor of the next page;
// keep chooses among the loads, nil keeps all.
func (l LoadLister) List(v *shell.Visit, request paging.Request, keep func(load.Load) bool) ([]Load, string, error) {
	found, err := l.Loads.List(v.Context(), v.Actor, v.Workspace, request)
	if err != nil {
		return nil, "", err
	}
	names, err := l.SourceNames(v)
	if err != nil {
		return nil, "", err
	}
	var loads []Load
	for _, item := range found.Items {
		if keep == nil || keep(item) {
			loads = append(loads, LoadOf(item, names, l.Now()))
		}
	}
	return loads, found.Next, nil
}
