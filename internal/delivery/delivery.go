// Package delivery hands out the rows of datasets as the apps ask for them: by
// key and subkey, the last so many, between two days, in a named window, as
// JSON or CSV.
//
// A request's parameters become a [Query], which knows nothing of a dataset;
// with a dataset it becomes a selection of the engine; its rows are written
// as they come, column by column, without a value of Go's in between.
package delivery

import (
	"cmp"
	"context"
	"io"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/usage"
)

// Bounds.
const (
	MaxRows  = 1000 // rows for one key of one dataset
	MaxPairs = 2000 // keys times datasets of one request
)

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker  Checker
	Datasets Datasets
	Indexes  Indexes
	// Loads keeps a load of each upload; optional: uploads leave none.
	Loads   Loads
	Rows    Rows
	Views   Views     // opens views; optional: there are none
	Random  io.Reader // for the codes that tie an answer to the log; crypto/rand.Reader outside tests
	Now     func() time.Time
	Rejects engine.RejectBudget // optional: rejected rows that an upload keeps
	// UnpackedBytes is how many an upload may have; optional.
	UnpackedBytes int64

	// Observe counts reads; optional.
	Observe Observe

	// Cursors encrypts cursors; optional: there are no cursors.
	Cursors Sealer

	// Breaks lists deletions; optional: changes can't be followed.
	Breaks Breaks
	// Polls keeps how far a queryId has read; optional: there are none.
	Polls Polls

	Spool       *spool.Pool // keeps uploads while they arrive; optional
	UploadBytes int64       // of one upload; optional: MaxUploadBytes
}

// Observe counts a read. class is last, key, range, batch or scan; outcome is ok,
// error or cancelled.
type Observe func(class, outcome string, rows, bytes int64, took time.Duration)

// Checker decides and records; *access.RecordingChecker implements it.
type Checker interface {
	// Check returns nil if the actor may do it.
	Check(ctx context.Context, actor access.Actor, action access.Action, resource access.Resource) error
	// Read is Check for reads: nothing may leave before its Wait returned nil.
	Read(ctx context.Context, actor access.Actor, action access.Action,
		resource access.Resource) (access.Read, error)
}

// Datasets finds datasets and views by name, whatever the case, or ID. A missing one
// is a problem of code not_found.
type Datasets interface {
	Dataset(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error)
}

// Indexes creates datasets for uploads, and keeps what the first load of a guessed
// index found out; *dataset.Service implements it.
type Indexes interface {
	SettleIndex(ctx context.Context, actor access.Actor, workspace, datasetID string, unique bool) error
	// Ensure returns the dataset of the draft's name, and creates it when it does
	// not exist.
	Ensure(ctx context.Context, actor access.Actor, workspace string,
		draft dataset.Draft) (found dataset.Dataset, created bool, err error)
}

// Loads keeps a load of each upload; *load.Service implements it.
type Loads interface {
	BeginUpload(ctx context.Context, order load.UploadOrder) (*load.Upload, error)
}

// Rows is where the rows are; engine.Engine implements it.
type Rows interface {
	Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error)
	// Open pins the current version of a dataset.
	Open(ctx context.Context, datasetID string) (engine.View, error)
	// Scan reads all rows of a dataset in the order of its index.
	Scan(ctx context.Context, datasetID string, schema dataset.Schema, columns []string, limit int) (engine.Rows, error)
	DeleteRows(ctx context.Context, removal engine.Removal) (engine.Deleted, error)
}

// Views opens views.
type Views interface {
	// OpenView begins a read of a view that the actor may read, with parameters by
	// name. Nothing runs before rows are asked for.
	OpenView(ctx context.Context, actor access.Actor, found dataset.Dataset,
		parameters map[string]string) (OpenView, error)
}

// OpenView is the rows of a view; *view.Opened implements it.
type OpenView interface {
	engine.View
	// Dataset returns the view as its tables are now.
	Dataset() dataset.Dataset
	// Tag changes whenever the rows may.
	Tag() string
}

// Service reads and writes rows. It is safe for concurrent use.
type Service struct {
	config  Config
	loading sync.WaitGroup // uploads whose clients don't wait
}

// New makes the service.
func New(config Config) *Service {
	config.UploadBytes = cmp.Or(config.UploadBytes, MaxUploadBytes)
	return &Service{config: config}
}

// find returns a dataset that the actor may do this to. One that is missing, or
// in another workspace, answers the same; whether a dataset is there is told
// to nobody who may not read it.
func (s *Service) find(ctx context.Context, actor access.Actor, action access.Action, workspace,
	nameOrID string,
) (found dataset.Dataset, read access.Read, err error) {
	found, err = s.config.Datasets.Dataset(ctx, workspace, nameOrID)
	missing := problem.Is(err, problem.NotFound)
	if err != nil && !missing {
		return dataset.Dataset{}, read, err
	}
	resource := access.Resource{Workspace: workspace, Kind: found.Kind(), ID: found.ID}
	if missing {
		resource.ID = nameOrID
	}
	if action == access.DataRead && !missing {
		read, err = s.config.Checker.Read(ctx, actor, action, resource)
	} else {
		err = s.config.Checker.Check(ctx, actor, action, resource)
	}
	if missing && err == nil || problem.Is(err, problem.NotFound) {
		return dataset.Dataset{}, read, access.Missing("dataset", nameOrID)
	}
	if err == nil {
		usage.Of(ctx).Rows(found.ID, 0)
	}
	if err == nil && found.View != nil && action != access.DataRead {
		err = problem.New(problem.Conflict, "%s is a view: its rows can't be written or deleted.", found.Name).
			WithReason("view").WithHint("Change the rows of the datasets that it reads.")
	}
	return found, read, err
}
