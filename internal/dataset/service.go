package dataset

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
)

// MaxPerWorkspace is the default limit of datasets per workspace.
const MaxPerWorkspace = 10_000

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker access.Checker
	Store   Store
	Rows    Rows
	Now     func() time.Time
	Most    int   // datasets and views of a workspace; optional: MaxPerWorkspace
	Views   Views // optional: there are none
}

// Views finds the views whose statements name datasets; *view.Service implements
// it.
type Views interface {
	// Renamed returns the views that name a dataset, with statements that use
	// another name for it. With force, views whose statement can't be rewritten are
	// broken and have no statement.
	Renamed(ctx context.Context, before Dataset, name string, force bool) ([]Dataset, error)
}

// Store stores the definitions of datasets. If a dataset is missing, the error
// is a problem with code not_found. If a name is taken, ignoring case, the
// error is a problem with code conflict.
type Store interface {
	InsertDataset(ctx context.Context, made Dataset) error
	Dataset(ctx context.Context, workspace, nameOrID string) (Dataset, error)
	// ListDatasets returns a workspace's datasets, oldest first.
	ListDatasets(ctx context.Context, workspace string, request paging.Request) (paging.List[Dataset], error)
	// ListReadables returns a workspace's datasets and, after them, its views.
	ListReadables(ctx context.Context, workspace string, request paging.Request) (paging.List[Dataset], error)
	CountDatasets(ctx context.Context, workspace string) (int, error)
	// ListDrift returns a page of a dataset's drift, newest first.
	ListDrift(ctx context.Context, datasetID string, request paging.Request) (paging.List[Drift], error)
	// SaveDataset replaces the dataset with this ID, and the views whose
	// statements name it. If one of them was changed since, the error is a
	// problem with code conflict.
	SaveDataset(ctx context.Context, changed Dataset, before time.Time, views ...Dataset) error
	RemovedStore
}

// Rows stores the rows.
type Rows interface {
	// Size returns the number of a dataset's rows and an estimate of their bytes.
	Size(ctx context.Context, datasetID string) (rows, bytes int64, err error)
	// Retire sets a dataset's part of the ledger aside, so that its sources
	// load their objects again; Reinstate restores it, except for objects that
	// were loaded elsewhere meanwhile. Both may be repeated.
	Retire(ctx context.Context, datasetID string) error
	Reinstate(ctx context.Context, datasetID string) error
	// Drop deletes a dataset's rows, rejected rows and part of the ledger.
	Drop(ctx context.Context, datasetID string) error
}

// Service manages the datasets of all workspaces. It is safe for concurrent
// use.
type Service struct{ config Config }

// New returns the service.
func New(config Config) *Service {
	config.Most = cmp.Or(config.Most, MaxPerWorkspace)
	return &Service{config}
}

// Draft describes a new dataset.
type Draft struct {
	Name        string
	Title       string
	Description string
	Schema      Schema
}

// Change describes a change of a dataset; a nil field doesn't change.
type Change struct {
	Name        *string
	Title       *string
	Description *string
	Index       *Index // may be changed only while there are no rows
	Force       bool   // a new name may break views whose statements can't be rewritten
}

// Create creates a dataset without rows.
func (s *Service) Create(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Dataset, error) {
	made, err := s.Prepare(ctx, actor, workspace, draft)
	if err != nil {
		return Dataset{}, err
	}
	return made, s.config.Store.InsertDataset(ctx, made)
}

// Prepare returns the dataset that [Service.Create] would store, for a caller that stores
// it in the transaction of its first rows.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, workspace string, draft Draft) (Dataset, error) {
	if err := s.check(ctx, actor, access.DatasetCreate, workspace, ""); err != nil {
		return Dataset{}, err
	}
	now := s.config.Now()
	made := Dataset{
		ID: id.New("ds", now), Workspace: workspace, Name: draft.Name, Title: draft.Title,
		Description: draft.Description,
		Schema:      draft.Schema, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	if !made.Schema.Index.Guessed {
		requireIndex(&made.Schema)
	}
	if err := made.Check(); err != nil {
		return Dataset{}, err
	}
	return made, s.mayHold(ctx, workspace)
}

// mayHold returns an error if the workspace can't have another dataset.
func (s *Service) mayHold(ctx context.Context, workspace string) error {
	n, err := s.config.Store.CountDatasets(ctx, workspace)
	if err != nil || n < s.config.Most {
		return err
	}
	return problem.Full("datasets", n).WithHint("Remove those that nobody reads.")
}

// Ensure returns the dataset of this name, and creates it from the draft if it
// doesn't exist.
func (s *Service) Ensure(ctx context.Context, actor access.Actor, workspace string,
	draft Draft,
) (found Dataset, created bool, err error) {
	found, err = s.Get(ctx, actor, workspace, draft.Name)
	if !problem.Is(err, problem.NotFound) {
		return found, false, err
	}
	found, err = s.Create(ctx, actor, workspace, draft)
	if problem.Is(err, problem.Conflict) { // created concurrently, or a view
		found, missing := s.Get(ctx, actor, workspace, draft.Name)
		if problem.Is(missing, problem.NotFound) {
			return Dataset{}, false, err
		}
		return found, false, missing
	}
	return found, err == nil, err
}

// Get returns a dataset by its name, ignoring case, or its ID.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, nameOrID string) (Dataset, error) {
	return s.reach(ctx, actor, access.DatasetRead, workspace, nameOrID)
}

// reach returns a dataset if the actor may perform the action on it. It finds the
// ID first, because a token's scopes name datasets by ID.
func (s *Service) reach(ctx context.Context, actor access.Actor, action access.Action, workspace,
	nameOrID string,
) (Dataset, error) {
	return s.reachAs(ctx, workspace, nameOrID, func(resource access.Resource) error {
		return s.config.Checker.Check(ctx, actor, action, resource)
	})
}

// reachAs is reach with another check.
func (s *Service) reachAs(ctx context.Context, workspace, nameOrID string,
	check func(access.Resource) error,
) (Dataset, error) {
	found, missing := s.config.Store.Dataset(ctx, workspace, nameOrID)
	if missing != nil && !problem.Is(missing, problem.NotFound) {
		return Dataset{}, missing
	}
	named := nameOrID
	if missing == nil {
		named = found.ID
	}
	err := check(access.Resource{Workspace: workspace, Kind: "dataset", ID: named})
	if problem.Is(err, problem.NotFound) {
		err = access.Missing("dataset", nameOrID)
	}
	if err != nil {
		return Dataset{}, err
	}
	return found, missing
}

// List returns a page of a workspace's datasets, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string,
	request paging.Request,
) (paging.List[Dataset], error) {
	if err := s.check(ctx, actor, access.DatasetList, workspace, ""); err != nil {
		return paging.List[Dataset]{}, err
	}
	found, err := s.config.Store.ListDatasets(ctx, workspace, request)
	return visible(actor, found), err
}

// ListReadables is List for datasets and, after them, views.
func (s *Service) ListReadables(ctx context.Context, actor access.Actor, workspace string,
	request paging.Request,
) (paging.List[Dataset], error) {
	if err := s.check(ctx, actor, access.DatasetList, workspace, ""); err != nil {
		return paging.List[Dataset]{}, err
	}
	found, err := s.config.Store.ListReadables(ctx, workspace, request)
	return visible(actor, found), err
}

// visible removes the datasets that a token's scopes don't name.
func visible(actor access.Actor, found paging.List[Dataset]) paging.List[Dataset] {
	found.Items = slices.DeleteFunc(found.Items, func(d Dataset) bool {
		return !access.Allowed(actor, access.DatasetRead, access.Resource{
			Workspace: d.Workspace, Kind: "dataset",
			ID: d.ID,
		})
	})
	return found
}

// Update changes a dataset's name and texts and, while it has no rows, its
// index.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, nameOrID string,
	change Change,
) (Dataset, error) {
	changed, err := s.reach(ctx, actor, access.DatasetUpdate, workspace, nameOrID)
	if err != nil {
		return Dataset{}, err
	}
	before := changed
	patch.Set(&changed.Name, change.Name)
	patch.Set(&changed.Title, change.Title)
	patch.Set(&changed.Description, change.Description)
	if change.Index != nil {
		rows, _, err := s.config.Rows.Size(ctx, changed.ID)
		if err != nil {
			return Dataset{}, err
		}
		if rows > 0 && !changed.Schema.Index.suggests(change.Index) {
			return Dataset{}, problem.New(problem.Conflict,
				"The index of %s can't be changed: the dataset has %d rows.", changed.Name, rows).
				WithHint("Load into a new dataset with the other index.")
		}
		changed.Schema.Index = *change.Index
		changed.Schema.Index.Guessed, changed.Schema.Index.Distinct, changed.Schema.Index.Reason = false, false, ""
		requireIndex(&changed.Schema)
	}
	if err := changed.Check(); err != nil {
		return Dataset{}, err
	}
	var views []Dataset
	if s.config.Views != nil && changed.Name != before.Name {
		if views, err = s.config.Views.Renamed(ctx, before, changed.Name, change.Force); err != nil {
			return Dataset{}, err
		}
	}
	return s.save(ctx, changed, views...)
}

// SettleIndex saves whether a guessed index is still unique.
func (s *Service) SettleIndex(ctx context.Context, actor access.Actor, workspace, datasetID string, unique bool) error {
	if err := s.check(ctx, actor, access.DatasetUpdate, workspace, datasetID); err != nil {
		return err
	}
	current, err := s.config.Store.Dataset(ctx, workspace, datasetID)
	if err != nil || !current.Schema.Index.Guessed || current.Schema.Index.Distinct == unique {
		return err
	}
	current.Schema.Index.Distinct = unique
	_, err = s.save(ctx, current)
	return err
}

func (s *Service) save(ctx context.Context, changed Dataset, views ...Dataset) (Dataset, error) {
	before := changed.UpdatedAt
	changed.UpdatedAt = s.config.Now()
	return changed, s.config.Store.SaveDataset(ctx, changed, before, views...)
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace, id string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "dataset", ID: id})
}

// Check validates the name, texts and columns of a dataset or view.
func (d *Dataset) Check() error {
	if fault := NameFault(d.Name); fault != "" {
		return problem.New(problem.Invalid, "The name %q of a %s %s.", d.Name, d.Kind(), fault)
	}
	if len(d.Title) > MaxText || len(d.Description) > MaxText {
		return problem.New(problem.Invalid, "A %s's title and description have at most %d bytes each.", d.Kind(),
			MaxText)
	}
	return CheckSchema(&d.Schema)
}
