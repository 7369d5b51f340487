package alter

import (
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
)

// waitForLoad limits how long a change waits for a load of the dataset.
const waitForLoad = 10 * time.Second

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Datasets Datasets
	Store    Store
	Rows     engine.Alterer
	Now      func() time.Time
	Rejects  engine.RejectBudget // optional: of each change
	// Views refuses changes that remove columns that views use; optional.
	Views Views
	// Changed is called after a dataset of a workspace changed; optional.
	Changed func(workspace string)
}

// Datasets finds datasets; *dataset.Service implements it.
type Datasets interface {
	Reach(ctx context.Context, actor access.Actor, action access.Action, workspace,
		nameOrID string) (dataset.Dataset, error)
}

// Views protects the columns that views use; *view.Service implements it.
type Views interface {
	// CheckSchema returns a problem with code conflict if the new schema of a
	// dataset lacks something that views use.
	CheckSchema(ctx context.Context, before dataset.Dataset, after dataset.Schema) error
}

// Store stores changes; *store.Store implements it.
type Store interface {
	// Evidence returns the evidence from a dataset's values, or nil if there is
	// none.
	Evidence(ctx context.Context, datasetID string) ([]byte, error)
	// SaveSchemaChange saves a change in tx. If the dataset has another version
	// of the schema, the error is a problem with code conflict.
	SaveSchemaChange(ctx context.Context, tx engine.Tx, saved *Saved) error
	// SchemaChanges returns a page of a dataset's changes, newest first.
	SchemaChanges(ctx context.Context, workspace, datasetID string, request paging.Request) (paging.List[Change], error)
}

// Change is a change that was applied.
type Change struct {
	ID         string // "chg_…"
	Workspace  string
	DatasetID  string
	Version    int64 // of the schema after it
	Apply      Apply
	Operations []Operation
	Report     Report
	LoadID     string // load with the rejected rows; empty: none
	By         string
	At         time.Time
}

// Saved is a change for the store to save.
type Saved struct {
	Change
	Dataset  string // its name
	From     int64  // the version that it builds on
	Schema   dataset.Schema
	Evidence func(content []byte) ([]byte, error)
	NotKept  int64 // rejected rows that were only counted
	ByReason map[dataset.RejectCode]int64
}

// Order is the request for a change.
type Order struct {
	Version    int64
	Apply      Apply // empty: leave
	DryRun     bool
	AcceptLoss bool // allows rejecting rows and rounding values
	Force      bool // views may break
	Operations []Operation
}

// RefusedError refuses a change because of its effect on the rows. It has the
// code conflict and carries the report, which the caller can show.
type RefusedError struct {
	Problem *problem.Error
	Report  Report
}

// Error returns the problem's message.
func (e *RefusedError) Error() string { return e.Problem.Error() }

// Unwrap returns the problem.
func (e *RefusedError) Unwrap() error { return e.Problem }

// Service changes the schemas of datasets. It is safe for concurrent use.
type Service struct{ config Config }

// New returns the service.
func New(config Config) *Service {
	if config.Changed == nil {
		config.Changed = func(string) {}
	}
	return &Service{config}
}

// Changes returns a page of a dataset's changes, newest first.
func (s *Service) Changes(ctx context.Context, actor access.Actor, workspace, nameOrID string,
	request paging.Request,
) (paging.List[Change], error) {
	found, err := s.config.Datasets.Reach(ctx, actor, access.DatasetRead, workspace, nameOrID)
	if err != nil {
		return paging.List[Change]{}, err
	}
	return s.config.Store.SchemaChanges(ctx, workspace, found.ID, request)
}

// Change changes the schema of a dataset: all operations or none. A dry run returns
// the effect of the change. If the order doesn't allow an effect, the error is a
// [RefusedError].
func (s *Service) Change(ctx context.Context, actor access.Actor, workspace, nameOrID string, order Order) (
	*Report, error,
) {
	found, err := s.config.Datasets.Reach(ctx, actor, access.DatasetUpdate, workspace, nameOrID)
	if err != nil {
		return nil, err
	}
	if err := order.check(&found); err != nil {
		return nil, err
	}
	plan, err := NewPlan(found.Schema, order.Operations)
	if err != nil {
		return nil, err
	}
	stored, err := s.alter(ctx, &found, order.DryRun)
	if err != nil {
		return nil, err
	}
	defer stored.Close() //nolint:errcheck // has no effect after a commit
	report, err := plan.Inspect(ctx, stored)
	if err != nil {
		return nil, err
	}
	report.Version = found.Version
	if s.config.Views != nil && !order.Force {
		if err := s.config.Views.CheckSchema(ctx, found, plan.After); err != nil {
			return nil, err
		}
	}
	if order.DryRun {
		return report, nil
	}
	if err := order.allows(plan, report); err != nil {
		return nil, err
	}
	m := &making{Service: s, actor: actor, dataset: &found, order: &order, plan: plan, report: report}
	err = m.commit(ctx, stored)
	s.config.Changed(workspace) // the change may be committed in spite of an error
	if err != nil {
		return nil, err
	}
	return report, nil
}

func (o *Order) check(found *dataset.Dataset) error {
	if o.Apply == "" {
		o.Apply = Leave
	}
	if o.Apply != Leave && o.Apply != Convert {
		return problem.New(problem.Invalid, "Unknown apply %q.", o.Apply).WithHint("Use leave or convert.").
			WithFindings(problem.Finding{Path: "apply", Message: "must be leave or convert"})
	}
	if o.Version != found.Version {
		return problem.New(problem.Conflict, "The schema of %s has version %d, not %d.", found.Name, found.Version,
			o.Version).WithReason("version").WithHint("Read the dataset again, then repeat the change.")
	}
	return nil
}

// alter begins the change. It waits up to waitForLoad for a running load.
func (s *Service) alter(ctx context.Context, found *dataset.Dataset, dryRun bool) (engine.Alteration, error) {
	waiting, cancel := context.WithTimeout(ctx, waitForLoad)
	defer cancel()
	stored, err := s.config.Rows.Alter(waiting, found.ID, found.Schema, dryRun)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, problem.Wrap(err, problem.Conflict, "A load into %s is running.", found.Name).
			WithReason("loading").WithHint("Wait until it has ended, or cancel it. Then repeat the change.")
	}
	return stored, err
}

// allows returns an error if the change's effect on the rows isn't allowed.
func (o *Order) allows(plan *Plan, r *Report) error {
	refuse := func(reason string, p *problem.Error) error {
		return &RefusedError{Problem: p.WithReason(reason), Report: *r}
	}
	switch {
	case o.Apply == Leave && r.needed() != Leave:
		return refuse("apply_needed", problem.New(problem.Conflict,
			"The existing rows aren't valid under the new schema.").
			WithHint("Repeat the change with apply set to %q.", Convert))
	case r.Duplicates > 0 && plan.keep == "":
		return refuse("duplicates", problem.New(problem.Conflict,
			"%s the same unique index as another row.", counted(r.Duplicates, "row has", "rows have")).
			WithHint("Choose which row to keep: set keep of the operation index to first or last."))
	case r.loses() && !o.AcceptLoss:
		return refuse("loss", problem.New(problem.Conflict, "The change loses data: %s.", r.losses()).
			WithHint("Check the samples. To continue, repeat the change with accept_loss."))
	}
	return nil
}
