package dataset

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/problem"
)

// RestoredFor is how long a removed dataset can be restored. Afterwards
// [Service.Purge] deletes it with its rows.
const RestoredFor = impact.UndoFor

// maxRemoved bounds the list of removed datasets.
const maxRemoved = 1000

// RemovedStore stores removed datasets.
type RemovedStore interface {
	RemoveDataset(ctx context.Context, workspace, id string, at time.Time) error
	// RemovedDataset returns the dataset with an ID or a name that was
	// removed last, if that was after the given time.
	RemovedDataset(ctx context.Context, workspace, nameOrID string, after time.Time) (Dataset, error)
	// RemovedDatasets returns the datasets that were removed after a time,
	// most recent first.
	RemovedDatasets(ctx context.Context, workspace string, after time.Time, limit int) ([]Dataset, error)
	// RestoreDataset undoes a removal that happened after a time. If the
	// name is taken, the error is a problem with code conflict.
	RestoreDataset(ctx context.Context, workspace, id string, after time.Time) error
	// AllRemovedDatasets returns the removed datasets of all workspaces.
	AllRemovedDatasets(ctx context.Context) ([]Dataset, error)
	// DeleteDataset deletes a dataset that was removed at a time or before.
	DeleteDataset(ctx context.Context, workspace, id string, removedUntil time.Time) error
	// DatasetDependents returns the tokens that name a dataset, and its loads
	// that haven't ended.
	DatasetDependents(ctx context.Context, workspace, id string, now time.Time) ([]impact.Stop, error)
}

// Impact returns what stops, and how many rows are deleted, when a dataset is
// removed.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, nameOrID string) (impact.Impact, error) {
	found, err := s.reachAs(ctx, workspace, nameOrID, func(resource access.Resource) error {
		return impact.Look(ctx, s.config.Checker, actor, access.DatasetRemove, access.DatasetRead, resource)
	})
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *Dataset) (impact.Impact, error) {
	measured := impact.Impact{Confirm: found.Name, Stops: []impact.Stop{}, Undo: impact.Undo}
	stops, err := s.config.Store.DatasetDependents(ctx, found.Workspace, found.ID, s.config.Now())
	if err != nil {
		return impact.Impact{}, err
	}
	measured.Stops = append(measured.Stops, stops...)
	measured.Deletes.Rows, measured.Deletes.Bytes, err = s.config.Rows.Size(ctx, found.ID)
	return measured, err
}

// Remove removes a dataset. It needs a confirmation if the dataset has rows
// or is in use. The dataset can be restored for [RestoredFor]. Its name can
// be reused immediately, and its sources load their objects again.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, nameOrID string,
	given impact.Confirmation,
) (Dataset, error) {
	found, err := s.reach(ctx, actor, access.DatasetRemove, workspace, nameOrID)
	if err != nil {
		return Dataset{}, err
	}
	measured, err := s.removal(ctx, &found)
	if err != nil {
		return Dataset{}, err
	}
	if err := measured.Check(given); err != nil {
		return Dataset{}, err
	}
	found.RemovedAt = s.config.Now()
	if err := s.config.Store.RemoveDataset(ctx, workspace, found.ID, found.RemovedAt); err != nil {
		return Dataset{}, err
	}
	return found, s.config.Rows.Retire(ctx, found.ID) // if this fails, Purge tries it again
}

// Removed returns the workspace's datasets that can be restored, most
// recently removed first.
func (s *Service) Removed(ctx context.Context, actor access.Actor, workspace string) ([]Dataset, error) {
	if err := s.check(ctx, actor, access.DatasetList, workspace, ""); err != nil {
		return nil, err
	}
	return s.config.Store.RemovedDatasets(ctx, workspace, s.restorable(), maxRemoved)
}

// Restore undoes a removal. If several removed datasets have the name, it
// restores the last one. If another dataset has the name by now, the error is
// a problem with code conflict.
func (s *Service) Restore(ctx context.Context, actor access.Actor, workspace, nameOrID string) (Dataset, error) {
	if err := s.check(ctx, actor, access.DatasetUpdate, workspace, nameOrID); err != nil {
		return Dataset{}, err
	}
	found, err := s.config.Store.RemovedDataset(ctx, workspace, nameOrID, s.restorable())
	if problem.Is(err, problem.NotFound) {
		return Dataset{}, access.Missing("removed dataset", nameOrID)
	}
	if err != nil {
		return Dataset{}, err
	}
	if err := s.mayHold(ctx, workspace); err != nil {
		return Dataset{}, err
	}
	if err := s.config.Rows.Reinstate(ctx, found.ID); err != nil {
		return Dataset{}, err
	}
	err = s.config.Store.RestoreDataset(ctx, workspace, found.ID, s.restorable())
	if err != nil {
		err = errors.Join(s.nameTaken(err, &found), s.config.Rows.Retire(ctx, found.ID))
		return Dataset{}, err
	}
	found.RemovedAt = time.Time{}
	return found, nil
}

func (*Service) nameTaken(err error, found *Dataset) error {
	if !problem.Is(err, problem.Conflict) {
		return err
	}
	return problem.Wrap(err, problem.Conflict, "The dataset %s can't be restored: another dataset is called %s now.",
		found.ID, found.Name).
		WithHint("Rename or remove the other dataset, then restore this one by its ID.")
}

// Purge deletes the datasets that can no longer be restored, with their rows,
// and returns their number. It also completes interrupted removals. The
// service calls it on a timer.
func (s *Service) Purge(ctx context.Context) (purged int, err error) {
	removed, err := s.config.Store.AllRemovedDatasets(ctx)
	if err != nil {
		return 0, err
	}
	until := s.restorable()
	for _, d := range removed {
		if d.RemovedAt.After(until) {
			err = errors.Join(err, s.config.Rows.Retire(ctx, d.ID))
			continue
		}
		// Delete the rows first: deleting a dataset without rows can be
		// repeated, but rows without a dataset couldn't be found.
		fault := s.config.Rows.Drop(ctx, d.ID)
		if fault == nil {
			fault = s.config.Store.DeleteDataset(ctx, d.Workspace, d.ID, until)
		}
		if err = errors.Join(err, fault); fault == nil {
			purged++
		}
	}
	return purged, err
}

// restorable returns the earliest time of removal from which a dataset can
// still be restored.
func (s *Service) restorable() time.Time { return s.config.Now().Add(-RestoredFor) }
