package server

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/store"
)

// datasetStore removes datasets from the cache when they change.
type datasetStore struct {
	*store.Store
	cache *dataset.Cache
}

// InsertDataset stores a new dataset.
func (s datasetStore) InsertDataset(ctx context.Context, made dataset.Dataset) error {
	defer s.cache.Forget(made.Workspace)
	return s.Store.InsertDataset(ctx, made)
}

// SaveDataset replaces a dataset, and the views that name it.
func (s datasetStore) SaveDataset(ctx context.Context, changed dataset.Dataset, before time.Time,
	views ...dataset.Dataset,
) error {
	defer s.cache.Forget(changed.Workspace)
	return s.Store.SaveDataset(ctx, changed, before, views...)
}

// InsertView stores a new view.
func (s datasetStore) InsertView(ctx context.Context, made dataset.Dataset) error {
	defer s.cache.Forget(made.Workspace)
	return s.Store.InsertView(ctx, made)
}

// SaveView replaces a view, and the views that name it.
func (s datasetStore) SaveView(ctx context.Context, changed dataset.Dataset, views ...dataset.Dataset) error {
	defer s.cache.Forget(changed.Workspace)
	return s.Store.SaveView(ctx, changed, views...)
}

// RemoveView deletes a view.
func (s datasetStore) RemoveView(ctx context.Context, workspace, id string) error {
	defer s.cache.Forget(workspace)
	return s.Store.RemoveView(ctx, workspace, id)
}

// readables finds datasets and views.
type readables struct{ *store.Store }

// Dataset finds a dataset or view.
func (r readables) Dataset(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error) {
	return r.Readable(ctx, workspace, nameOrID)
}

// RemoveDataset removes a dataset.
func (s datasetStore) RemoveDataset(ctx context.Context, workspace, id string, at time.Time) error {
	defer s.cache.Forget(workspace)
	return s.Store.RemoveDataset(ctx, workspace, id, at)
}

// RestoreDataset restores a removed dataset.
func (s datasetStore) RestoreDataset(ctx context.Context, workspace, id string, after time.Time) error {
	defer s.cache.Forget(workspace)
	return s.Store.RestoreDataset(ctx, workspace, id, after)
}

// keepDatasets returns how long the cache keeps datasets. A state in SQLite is that of
// this process alone, whose changes are visible at once, so the time only bounds the
// effect of a change whose outcome was lost.
func (s *Server) keepDatasets() time.Duration {
	if s.store.Dialect() == store.Postgres {
		return 0
	}
	return time.Minute
}
