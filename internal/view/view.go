// Package view stores SQL statements as read-only datasets. A [Service] stores
// views and compiles their statements; package delivery reads an opened view
// like a dataset's rows.
//
//	view.go       create, list, change, remove
//	compile.go    a statement becomes columns
//	closure.go    the datasets and views that a view reads
//	open.go       a read: versions are pinned, the statement runs when rows are needed
//	cache.go      cached results
package view

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/impact"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/patch"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/workspace"
)

// MaxDepth limits the levels of views that read other views.
const MaxDepth = 8

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker    access.Checker
	Store      Store
	Workspaces Workspaces
	Engine     engine.SQL
	Runner     Runner
	Now        func() time.Time
	Most       int // datasets and views of a workspace; optional: dataset.MaxPerWorkspace
	// ResultBytes limits the rows of one result in memory. Optional: 64 MiB.
	ResultBytes int64
	// CacheBytes limits the cached results. Optional: 64 MiB.
	CacheBytes int64
	// Wait limits how long a read waits for memory that others use. Optional: 10 s.
	Wait time.Duration
}

// Store stores views; *store.Store implements it. If a view is missing, the error
// is a problem with code not_found; if a name is taken, ignoring case, one with
// code conflict.
type Store interface {
	InsertView(ctx context.Context, made dataset.Dataset) error
	// Readable returns a dataset or view by name, ignoring case, or by ID.
	Readable(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error)
	ListViews(ctx context.Context, workspace string, request paging.Request) (paging.List[dataset.Dataset], error)
	// ListReadables returns datasets and, after them, views.
	ListReadables(ctx context.Context, workspace string, request paging.Request) (paging.List[dataset.Dataset], error)
	// ViewsOf returns the views that name a dataset or view.
	ViewsOf(ctx context.Context, workspace, tableID string) ([]dataset.Dataset, error)
	CountDatasets(ctx context.Context, workspace string) (int, error)
	// SaveView replaces a view and the views that name it, and increments their
	// versions. If one was changed since, the error is a problem with code conflict.
	SaveView(ctx context.Context, changed dataset.Dataset, views ...dataset.Dataset) error
	RemoveView(ctx context.Context, workspace, id string) error
	// DatasetDependents returns what stops working without a dataset or view.
	DatasetDependents(ctx context.Context, workspace, id string, now time.Time) ([]impact.Stop, error)
}

// Workspaces finds workspaces by ID; *store.Store implements it.
type Workspaces interface {
	Workspace(ctx context.Context, id string) (workspace.Workspace, error)
}

// Runner runs statements within the limits of queries; *query.Service implements it.
type Runner interface {
	// Run calls use with the result of a statement. The context ends at the
	// statement's time limit. owner is the actor; the queries of each owner are
	// limited.
	Run(ctx context.Context, owner string, statement *engine.SQLQuery,
		use func(ctx context.Context, result engine.SQLResult) error) error
	// Enter waits for a slot to compile a statement. The caller calls leave once to
	// free it.
	Enter(ctx context.Context, owner string) (leave func(), err error)
}

// Service manages the views of all workspaces. It is safe for concurrent use.
type Service struct {
	config   Config
	results  *results
	partials partials
}

// Close stops background work. No view may be open.
func (s *Service) Close() { s.results.pages.Close() }

// problemOf returns the problem that an error is.
func problemOf(err error) *problem.Error {
	var p *problem.Error
	errors.As(err, &p)
	return p
}

// New returns the service.
func New(config Config) (*Service, error) {
	config.Most = cmp.Or(config.Most, dataset.MaxPerWorkspace)
	config.ResultBytes = cmp.Or(config.ResultBytes, 64<<20)
	config.CacheBytes = cmp.Or(config.CacheBytes, 64<<20)
	config.Wait = cmp.Or(config.Wait, 10*time.Second)
	kept, err := newResults(config.CacheBytes, newRoom(resultsInUse*config.ResultBytes, config.Wait))
	return &Service{config: config, results: kept}, err
}

// Draft describes a new view.
type Draft struct {
	Name        string
	Title       string
	Description string
	SQL         string
	Parameters  []dataset.Parameter
	Index       dataset.Index // of the result's columns; not unique
}

// Change describes a change of a view; nil leaves a member unchanged.
type Change struct {
	Name        *string
	Title       *string
	Description *string
	SQL         *string
	Parameters  *[]dataset.Parameter
	Index       *dataset.Index
}

// Create compiles and stores a new view. The actor must be allowed to query,
// because a token that reads the view gets the result of its statement, from any
// dataset.
func (s *Service) Create(
	ctx context.Context,
	actor access.Actor,
	workspace string,
	draft Draft,
) (dataset.Dataset, error) {
	if err := s.check(ctx, actor, access.ViewCreate, workspace); err != nil {
		return dataset.Dataset{}, err
	}
	if err := s.check(ctx, actor, access.DataQuery, workspace); err != nil {
		return dataset.Dataset{}, err
	}
	now := s.config.Now()
	made := dataset.Dataset{
		ID: id.New("view", now), Workspace: workspace, Name: draft.Name, Title: draft.Title,
		Description: draft.Description, Version: 1, CreatedAt: now, UpdatedAt: now,
		Schema: dataset.Schema{Index: draft.Index},
		View:   &dataset.View{SQL: draft.SQL, Parameters: draft.Parameters},
	}
	if err := s.complete(ctx, &made); err != nil {
		return dataset.Dataset{}, err
	}
	n, err := s.config.Store.CountDatasets(ctx, workspace)
	if err != nil {
		return dataset.Dataset{}, err
	}
	if n >= s.config.Most {
		return dataset.Dataset{}, problem.Full("datasets and views", n).WithHint("Remove those that nobody reads.")
	}
	return made, s.config.Store.InsertView(ctx, made)
}

// complete checks a view and sets the fields that follow from its statement.
func (s *Service) complete(ctx context.Context, made *dataset.Dataset) error {
	if err := checkParameters(made.View.Parameters); err != nil {
		return err
	}
	if err := s.compile(ctx, made); err != nil {
		return err
	}
	return made.Check()
}

// Get returns a view by its name, ignoring case, or its ID.
func (s *Service) Get(ctx context.Context, actor access.Actor, workspace, nameOrID string) (dataset.Dataset, error) {
	found, err := s.reach(ctx, workspace, nameOrID, func(r access.Resource) error {
		return s.config.Checker.Check(ctx, actor, access.ViewRead, r)
	})
	if err != nil {
		return dataset.Dataset{}, err
	}
	return s.inspected(ctx, found)
}

// inspected returns a view, with the fault set if one of its tables no longer
// exists.
func (s *Service) inspected(ctx context.Context, d dataset.Dataset) (dataset.Dataset, error) {
	c := &closure{service: s, top: &d}
	for _, t := range d.View.Tables {
		_, err := c.table(ctx, &d, t)
		var gone *goneError
		if errors.As(err, &gone) && d.View.Fault == "" {
			definition := *d.View
			definition.Fault, d.View = gone.fault, &definition
		} else if err != nil && gone == nil {
			return d, err
		}
	}
	return d, nil
}

// reach returns a view if check allows it. It finds the ID first, because a
// token's scopes name views by ID.
func (s *Service) reach(ctx context.Context, workspace, nameOrID string,
	check func(access.Resource) error,
) (dataset.Dataset, error) {
	found, missing := s.config.Store.Readable(ctx, workspace, nameOrID)
	if missing != nil && !problem.Is(missing, problem.NotFound) {
		return dataset.Dataset{}, missing
	}
	if missing == nil && found.View == nil {
		found, missing = dataset.Dataset{}, access.Missing("view", nameOrID)
	}
	err := check(access.Resource{Workspace: workspace, Kind: "view", ID: cmp.Or(found.ID, nameOrID)})
	if problem.Is(err, problem.NotFound) || err == nil && missing != nil {
		err = access.Missing("view", nameOrID)
	}
	if err != nil {
		return dataset.Dataset{}, err
	}
	return found, nil
}

// List returns a page of a workspace's views, oldest first.
func (s *Service) List(ctx context.Context, actor access.Actor, workspace string,
	request paging.Request,
) (paging.List[dataset.Dataset], error) {
	if err := s.check(ctx, actor, access.ViewList, workspace); err != nil {
		return paging.List[dataset.Dataset]{}, err
	}
	found, err := s.config.Store.ListViews(ctx, workspace, request)
	found.Items = slices.DeleteFunc(found.Items, func(d dataset.Dataset) bool { // a token lists those in its scopes
		return !access.Allowed(actor, access.ViewRead, access.Resource{Workspace: workspace, Kind: "view", ID: d.ID})
	})
	for i := range found.Items {
		if err == nil {
			found.Items[i], err = s.inspected(ctx, found.Items[i])
		}
	}
	return found, err
}

// Update changes a view. Changing the statement requires permission to query. Update always
// compiles the view again. If the change breaks views that name it, and force is false, the error
// is a problem with code conflict.
func (s *Service) Update(ctx context.Context, actor access.Actor, workspace, nameOrID string,
	change Change, force bool,
) (dataset.Dataset, error) {
	before, err := s.reach(ctx, workspace, nameOrID, func(r access.Resource) error {
		return s.config.Checker.Check(ctx, actor, access.ViewUpdate, r)
	})
	if err != nil {
		return dataset.Dataset{}, err
	}
	if change.SQL != nil && *change.SQL != before.View.SQL {
		if err := s.check(ctx, actor, access.DataQuery, workspace); err != nil {
			return dataset.Dataset{}, err
		}
	}
	changed, definition := before, *before.View
	changed.View = &definition
	patch.Set(&changed.Name, change.Name)
	patch.Set(&changed.Title, change.Title)
	patch.Set(&changed.Description, change.Description)
	patch.Set(&definition.SQL, change.SQL)
	patch.Set(&definition.Parameters, change.Parameters)
	patch.Set(&changed.Schema.Index, change.Index)
	if err := s.complete(ctx, &changed); err != nil {
		return dataset.Dataset{}, err
	}
	if err := s.checkAbove(ctx, &before, &changed, force); err != nil {
		return dataset.Dataset{}, err
	}
	var views []dataset.Dataset
	if changed.Name != before.Name {
		if views, err = s.renamed(ctx, &before, &changed, force); err != nil {
			return dataset.Dataset{}, err
		}
	}
	if definition.SQL != before.View.SQL {
		if definition.Base, err = s.baseAfter(ctx, before); err != nil {
			return dataset.Dataset{}, err
		}
	}
	changed.Version++
	changed.UpdatedAt = s.config.Now()
	return changed, s.config.Store.SaveView(ctx, changed, views...)
}

// Impact returns what stops working if a view is removed.
func (s *Service) Impact(ctx context.Context, actor access.Actor, workspace, nameOrID string) (impact.Impact, error) {
	found, err := s.reach(ctx, workspace, nameOrID, func(r access.Resource) error {
		return impact.Look(ctx, s.config.Checker, actor, access.ViewRemove, access.ViewRead, r)
	})
	if err != nil {
		return impact.Impact{}, err
	}
	return s.removal(ctx, &found)
}

func (s *Service) removal(ctx context.Context, found *dataset.Dataset) (impact.Impact, error) {
	stops, err := s.config.Store.DatasetDependents(ctx, found.Workspace, found.ID, s.config.Now())
	return impact.Impact{Confirm: found.Name, Stops: append([]impact.Stop{}, stops...)}, err
}

// Remove deletes a view. It needs a confirmation if something uses the view. Views
// that name it are then broken.
func (s *Service) Remove(ctx context.Context, actor access.Actor, workspace, nameOrID string,
	given impact.Confirmation,
) error {
	found, err := s.reach(ctx, workspace, nameOrID, func(r access.Resource) error {
		return s.config.Checker.Check(ctx, actor, access.ViewRemove, r)
	})
	if err != nil {
		return err
	}
	measured, err := s.removal(ctx, &found)
	if err != nil {
		return err
	}
	if err := measured.Check(given); err != nil {
		return err
	}
	return s.config.Store.RemoveView(ctx, workspace, found.ID)
}

func (s *Service) check(ctx context.Context, actor access.Actor, action access.Action, workspace string) error {
	return s.config.Checker.Check(ctx, actor, action, access.Resource{Workspace: workspace, Kind: "view"})
}
