package server

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/store"
)

// datasetStore ends what the cache keeps when a dataset is changed.
type datasetStore struct {
	*store.Store
	cache *dataset.Cache
}

// InsertDataset stores a new dataset.
func (s datasetStore) InsertDataset(ctx context.Context, made dataset.Dataset) error {
	defer s.cache.Forget(made.Workspace)
	return s.Store.InsertDataset(ctx, made)
}

// SaveDataset replaces a dataset.
func (s datasetStore) SaveDataset(ctx context.Context, changed dataset.Dataset, before time.Time) error {
	defer s.cache.Forget(changed.Workspace)
	return s.Store.SaveDataset(ctx, changed, before)
}

// RemoveDataset removes a dataset.
func (s datasetStore) RemoveDataset(ctx context.Context, workspace, id string, at time.Time) error {
	defer s.cache.Forget(workspace)
	return s.Store.RemoveDataset(ctx, workspace, id, at)
}

// RestoreDataset brings a removed dataset back.
func (s datasetStore) RestoreDataset(ctx context.Context, workspace, id string, after time.Time) error {
	defer s.cache.Forget(workspace)
	return s.Store.RestoreDataset(ctx, workspace, id, after)
}
