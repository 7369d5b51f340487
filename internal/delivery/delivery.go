// Package delivery serves the rows of datasets to apps: by key and subkey, the
// last few, between two days or in a named window, as JSON or CSV.
//
// A request's parameters become a [Query], which doesn't depend on a dataset.
// With a dataset it becomes a selection of the engine. The rows are written
// as they arrive, column by column, without intermediate Go values.
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
	"github.com/windlass-io/windlass/internal/feed"
	"github.com/windlass-io/windlass/internal/load"
	"github.com/windlass-io/windlass/internal/paging"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/spool"
	"github.com/windlass-io/windlass/internal/usage"
)

// Limits.
const (
	MaxRows  = 1000 // rows for one key of one dataset
	MaxPairs = 2000 // keys times datasets in one request
)

// Config configures a [Service]. Every field without "optional" is required.
type Config struct {
	Checker  Checker
	Datasets Datasets
	Indexes  Indexes
	Schemas  Schemas
	// Feeds has the settings for new columns; optional: uploads add them.
	Feeds Feeds
	// Changed is called after an upload created a dataset of a workspace; optional.
	Changed func(workspace string)
	// Loads records a load for each upload; optional: uploads aren't recorded.
	Loads   Loads
	Rows    Rows
	Views   Views     // opens views; optional: there are none
	Random  io.Reader // for the codes that relate an answer to the log; crypto/rand.Reader outside tests
	Now     func() time.Time
	Rejects engine.RejectBudget // optional: rejected rows that an upload keeps
	// UnpackedBytes limits the decompressed size of an upload; optional.
	UnpackedBytes int64

	// Observe counts reads; optional.
	Observe Observe

	// Cursors encrypts cursors; optional: there are no cursors.
	Cursors Sealer

	// Breaks lists deletions; optional: changes can't be followed.
	Breaks Breaks
	// Polls stores how far a queryId has read; optional: queryIds aren't supported.
	Polls Polls

	Spool       *spool.Pool // stores uploads while they arrive; optional
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

// Datasets finds datasets and views by name, ignoring case, or by ID. If one is
// missing, the error is a problem with code not_found.
type Datasets interface {
	Dataset(ctx context.Context, workspace, nameOrID string) (dataset.Dataset, error)
}

// Schemas stores the datasets that uploads create, and what uploads learn about them; *store.Store implements it.
type Schemas interface {
	// InsertDatasetIn stores a new dataset in the transaction that commits its first
	// rows. If the name is taken, the error is a problem with code conflict.
	InsertDatasetIn(ctx context.Context, tx engine.Tx, made dataset.Dataset) error
	// Evidence returns the evidence from a dataset's values, or nil if there is none.
	Evidence(ctx context.Context, datasetID string) ([]byte, error)
	// SaveSchema changes the schema and the evidence in tx. If someone changed the
	// schema since, the error is a problem with code conflict.
	SaveSchema(ctx context.Context, tx engine.Tx, change *dataset.SchemaChange) error
	// SaveDrift stores the drift that made an upload fail.
	SaveDrift(ctx context.Context, found []dataset.Drift) error
}

// Feeds lists the feeds of a dataset; *store.Store implements it.
type Feeds interface {
	ListFeeds(ctx context.Context, workspace string, filter feed.Filter, request paging.Request) (
		paging.List[feed.Feed], error)
}

// Indexes creates datasets for uploads, and saves whether a guessed index is
// unique; *dataset.Service implements it.
type Indexes interface {
	SettleIndex(ctx context.Context, actor access.Actor, workspace, datasetID string, unique bool) error
	// Ensure returns the dataset with the draft's name, and creates it if it
	// doesn't exist.
	Ensure(ctx context.Context, actor access.Actor, workspace string,
		draft dataset.Draft) (found dataset.Dataset, created bool, err error)
	// Prepare returns the dataset of a draft, which isn't stored yet.
	Prepare(ctx context.Context, actor access.Actor, workspace string, draft dataset.Draft) (dataset.Dataset, error)
}

// Loads records a load for each upload; *load.Service implements it.
type Loads interface {
	BeginUpload(ctx context.Context, order load.UploadOrder) (*load.Upload, error)
}

// Rows reads and writes rows; engine.Engine implements it.
type Rows interface {
	Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error)
	Stats(ctx context.Context, datasetID string) (engine.Stats, error)
	// History returns the ledger entries of objects.
	History(ctx context.Context, sourceID, datasetID string, keys []string) ([]engine.LedgerEntry, error)
	// Open pins the current version of a dataset.
	Open(ctx context.Context, datasetID string) (engine.View, error)
	// Scan reads all rows of a dataset in the order of its index.
	Scan(ctx context.Context, datasetID string, schema dataset.Schema, columns []string, limit int) (engine.Rows, error)
	DeleteRows(ctx context.Context, removal engine.Removal) (engine.Deleted, error)
}

// Views opens views.
type Views interface {
	// OpenView begins a read of a view that the actor may read, with parameters
	// by name. The statement doesn't run until rows are read.
	OpenView(ctx context.Context, actor access.Actor, found dataset.Dataset,
		parameters map[string]string) (OpenView, error)
}

// OpenView has the rows of a view; *view.Opened implements it.
type OpenView interface {
	engine.View
	// Dataset returns the view for the current state of its tables.
	Dataset() dataset.Dataset
	// Tag returns a text that changes whenever the rows may change.
	Tag() string
}

// Service reads and writes rows. It is safe for concurrent use.
type Service struct {
	config  Config
	shapes  shapes
	answers keptAnswers
	loading sync.WaitGroup // uploads whose clients don't wait
}

// New returns the service.
func New(config Config) *Service {
	config.UploadBytes = cmp.Or(config.UploadBytes, MaxUploadBytes)
	if config.Changed == nil {
		config.Changed = func(string) {}
	}
	return &Service{config: config, answers: newKeptAnswers()}
}

// find returns a dataset if the actor may perform the action on it. The error
// is the same if it is missing or in another workspace, so that it doesn't
// reveal to others whether a dataset exists.
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
