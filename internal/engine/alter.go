package engine

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Alterer changes the schemas of datasets that have rows.
type Alterer interface {
	// Alter begins a change of a dataset's schema. Until it is closed no load of
	// the dataset begins, and no row is written or deleted, unless it only looks.
	// It waits for a load that is under way, or for ctx. before is the schema that
	// the change builds on; another layout is a problem of code conflict.
	Alter(ctx context.Context, datasetID string, before dataset.Schema, look bool) (Alteration, error)
}

// Alteration is a change under way. It is used by one goroutine. Readers see the
// rows as they were until Commit returns, and then all of them as they are.
type Alteration interface {
	// Rows returns how many rows there are.
	Rows() int64
	// Scan calls fn with all rows: the values of the columns that it names, in that
	// order. The batch is valid until fn returns.
	Scan(ctx context.Context, columns []string, fn func(*dataset.Batch) error) error
	// Repeats counts the rows that would go because another row has the same index,
	// when the rows are converted so.
	Repeats(ctx context.Context, copying *Copy) (int64, error)
	// Commit makes the change in one transaction, in which end runs too.
	Commit(ctx context.Context, change *Altered, end Ending) (Committed, error)
	// Close ends the change. What isn't committed is dropped.
	Close() error
}

// Altered is a change to commit.
type Altered struct {
	LoadID string // of the rejected rows
	After  dataset.Schema
	Time   time.Time
	Copy   *Copy        // nil: the rows stay as they are written
	Kept   *KeptRejects // of the rejected rows; needed with Copy
}

// Copy is how rows are converted.
type Copy struct {
	Columns []string // that Convert needs of the stored rows, in this order
	Schema  dataset.Schema
	// Convert returns the rows of a batch under Schema. It may change the batch.
	Convert func(*dataset.Batch) (Converted, error)
	Keep    Keep // of the rows that are equal in a unique index
}

// Converted is a batch of rows under another schema, valid until the next call.
type Converted struct {
	Batch    *dataset.Batch
	Kept     []int // the rows of the old batch that Batch has, in order; nil: all
	Rejected []dataset.Rejected
}

// Keep selects which row with an equal unique index to keep.
type Keep string

// The ways to keep one row.
const (
	KeepFirst Keep = "first" // the one that was loaded first
	KeepLast  Keep = "last"
)

// ErrStale reports a schema that a change replaced. Whoever reads it again gets
// the one to use.
var ErrStale = problem.New(problem.Conflict, "The schema of the dataset has just been changed.").
	WithHint("Repeat the request.")
