package engine

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Alterer changes the schemas of datasets that have rows.
type Alterer interface {
	// Alter begins a change of a dataset's schema. Until the change is closed, no
	// load of the dataset begins and no row is written or deleted; look begins a
	// dry run, which blocks nothing. Alter waits for a running load, or for ctx.
	// before is the schema that the change builds on. If the dataset has another
	// layout, the error is a problem with code conflict.
	Alter(ctx context.Context, datasetID string, before dataset.Schema, look bool) (Alteration, error)
}

// Alteration is a change in progress. Use it from one goroutine. Readers see the
// old rows until Commit returns, and then only the new ones.
type Alteration interface {
	// Rows returns the number of rows.
	Rows() int64
	// Scan calls fn with all rows, in batches with the named columns in that
	// order. The batch is valid until fn returns.
	Scan(ctx context.Context, columns []string, fn func(*dataset.Batch) error) error
	// Repeats counts the rows that the conversion would drop because another row
	// has the same index.
	Repeats(ctx context.Context, copying *Copy) (int64, error)
	// Commit applies the change and runs end in one transaction.
	Commit(ctx context.Context, change *Altered, end Ending) (Committed, error)
	// Close ends the change, and discards it unless it was committed.
	Close() error
}

// Altered is a change to commit.
type Altered struct {
	LoadID string // of the rejected rows
	After  dataset.Schema
	Time   time.Time
	Copy   *Copy        // nil: the stored rows don't change
	Kept   *KeptRejects // of the rejected rows; needed with Copy
}

// Copy defines how rows are converted.
type Copy struct {
	Columns []string // stored columns that Convert needs, in this order
	Schema  dataset.Schema
	// Convert returns the rows of a batch under Schema. It may change the batch.
	Convert func(*dataset.Batch) (Converted, error)
	Keep    Keep // of the rows that are equal in a unique index
}

// Converted is a batch of rows under another schema, valid until the next call.
type Converted struct {
	Batch    *dataset.Batch
	Kept     []int // indexes of the old batch's rows that Batch has, in order; nil: all
	Rejected []dataset.Rejected
}

// Keep selects which row with an equal unique index to keep.
type Keep string

// The ways to keep one row.
const (
	KeepFirst Keep = "first" // the one that was loaded first
	KeepLast  Keep = "last"
)

// ErrStale reports that a change has replaced the schema. Read the schema again
// and retry.
var ErrStale = problem.New(problem.Conflict, "The schema of the dataset has just been changed.").
	WithHint("Repeat the request.")
