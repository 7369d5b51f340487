// Package engine is where rows live. An [Engine] keeps the rows of datasets,
// the ledger of objects that were loaded into them, and the rows that were
// rejected: a load commits all three together or none.
package engine

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Engine keeps rows. All methods may be called at once from many goroutines.
type Engine interface {
	// Begin starts a load into a dataset. The table is created when there is
	// none. New columns are added, and a column gets the schema's type when that
	// holds every stored value exactly; another type is a problem of code
	// conflict. One load of a dataset at a time: a second Begin waits for the
	// first, or for ctx.
	Begin(ctx context.Context, spec LoadSpec) (Load, error)

	// Lookup reads the rows that a selection names, in order, at most
	// selection.Limit of them.
	Lookup(ctx context.Context, selection Selection) (Rows, error)

	// Open pins the current version of a dataset, to read from it several times.
	Open(ctx context.Context, datasetID string) (View, error)

	// Stats counts a dataset's rows and bytes. A dataset that was never
	// loaded has none; that is no error.
	Stats(ctx context.Context, datasetID string) (Stats, error)

	// Ledger lists the entries of a source after a key, in key order, at most limit
	// of them: in a dataset, or in all when datasetID is empty. The entries of one
	// key are not torn apart by the limit, unless they alone are more.
	Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) ([]LedgerEntry, error)

	// History returns the ledger entries of all versions of objects in a dataset,
	// in the order of keys.
	History(ctx context.Context, sourceID, datasetID string, keys []string) ([]LedgerEntry, error)

	// Recorded returns the ledger entries of these object versions of a source
	// in a dataset, in the order of keys. An empty datasetID means any dataset:
	// a version then has an entry for each dataset that it was loaded into.
	Recorded(ctx context.Context, sourceID, datasetID string, objects []ObjectVersion) ([]LedgerEntry, error)

	// Rejects calls fn for each rejected row of a load, in the order in which
	// they came, until fn answers an error.
	Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error

	// DeleteRows deletes the rows a removal names, whatever its order, limit and
	// offset.
	DeleteRows(ctx context.Context, removal Removal) (Deleted, error)

	// Retire sets a dataset's ledger entries aside, as if its objects had never
	// been loaded. Reinstate brings them back. Both may be repeated.
	Retire(ctx context.Context, datasetID string) error
	Reinstate(ctx context.Context, datasetID string) error

	// Drop removes a dataset's rows, rejects and ledger entries, retired or
	// not.
	Drop(ctx context.Context, datasetID string) error

	Close() error
}

// LoadSpec is what is loaded into which dataset.
type LoadSpec struct {
	LoadID     string // "load_…"
	DatasetID  string // "ds_…"
	SourceID   string // "src_…"; empty for rows that came in a request
	Schema     dataset.Schema
	Duplicates Duplicates
	Time       time.Time // becomes the rows' "updated"
	// NoValues are columns whose texts so far are all empty or null markers.
	// They become null when the column gets another type.
	NoValues []string
}

// Duplicates defines what happens to a row whose index is already there.
type Duplicates string

// The ways to treat a duplicate.
const (
	Ignore  Duplicates = "ignore"  // the old row stays; the first of several in one load wins
	Replace Duplicates = "replace" // the new row takes its place; the last of several in one load wins
)

// Load is a load under way. It is used by one goroutine. Nothing of it is
// seen by anyone until Commit returns nil, and then all of it is.
type Load interface {
	// Append adds rows; batch is not kept.
	Append(ctx context.Context, batch *dataset.Batch) error
	// Reject adds rejected rows.
	Reject(ctx context.Context, rows []dataset.Rejected) error
	// Object adds the ledger entry of an object whose rows were all appended
	// or rejected. The rows that were appended since the last call are the
	// object's: its spans are set.
	Object(ctx context.Context, entry LedgerEntry) error
	// Expect makes Commit fail with [ErrCrossed] unless this is the version of the
	// dataset that it builds on.
	Expect(version int64)
	// Remove removes the rows that loaded objects brought, when the load commits, and
	// changes their ledger entries to an outcome. Rows that took the place of these
	// stay. An entry that isn't in the ledger as it is given by then is a problem of
	// code conflict. The rows are removed before those of the load come, so that
	// none of these is a duplicate of a removed one.
	Remove(ctx context.Context, entries []LedgerEntry, outcome Outcome) error
	// Extend adds the rows that were appended since the last call of Object or Extend
	// to an object that is loaded, and marks the rejected rows that they were as
	// resolved. An entry that isn't in the ledger as it is given by then is a problem
	// of code conflict.
	Extend(ctx context.Context, extension Extension) error
	// Resolve marks rejected rows of a load as resolved by this one, by their places
	// in the order of its rejected rows.
	Resolve(ctx context.Context, loadID string, places []int64) error
	// Commit makes rows, rejected rows and ledger entries durable and seen, in
	// one transaction, in which end runs too; end may be nil. When the ledger
	// says that one of the objects is loaded already it returns a problem of
	// code conflict, and when end fails that error; nothing is kept then.
	// Commit ends the load, whatever it returns.
	Commit(ctx context.Context, end Ending) (Committed, error)
	// Rollback drops the load. After Commit it does nothing.
	Rollback() error
}

// Ending ends what belongs to a load in the transaction of its commit: the load's
// own record in the state database. It may run several times, of which the last
// counts, and asks nothing else of the state database, which is busy meanwhile.
type Ending func(ctx context.Context, tx Tx, done Committed) error

// Tx is a transaction of the state database. Only package store looks inside.
type Tx interface{ StateTx() }

// Committed reports what a load did.
type Committed struct {
	Rows       int64 // new rows, replacements included
	Duplicates int64 // rows that were left out, or that took another's place
	Removed    int64 // rows that Remove removed
	// Unique reports whether no two rows have the same index after the load. A
	// guessed index keeps every row and may become false.
	Unique bool
	// Version is that of the dataset after the load.
	Version int64
}

// ObjectVersion names one state of one object.
type ObjectVersion struct {
	Key     string
	Version string // version ID where the bucket is versioned, else the ETag without quotes
}

// LedgerEntry is the result of one object version in one dataset. Source,
// dataset, key and version are unique together: a source feeds several datasets,
// each object once in each. Only one that is loaded can't be loaded again before
// [Load.Remove] removes its rows.
type LedgerEntry struct {
	SourceID  string
	DatasetID string // empty in a load: its own dataset
	Object    ObjectVersion
	LoadID    string
	Outcome   Outcome
	Reason    string // for Failed
	Code      string // for Failed, for programs
	Attempts  int    // for Failed: loads that tried it, one time after the other
	Size      int64  // bytes, as stored
	Modified  time.Time
	Rows      int64 // rows read and valid
	Rejected  int64
	Time      time.Time
	Spans     []Span // the rows that the object brought; nil: not known
}

// Extension is what a load adds to an object that another load brought.
type Extension struct {
	Entry    LedgerEntry // as it is in the ledger
	Rows     int64       // that are added
	Resolved int64       // rejected rows that they were
}

// Span is the numbers of rows that came one after the other. Rows are numbered in
// the order of loading, and keep their numbers.
type Span struct{ From, To int64 } // without To

// Outcome is the result of an object.
type Outcome string

// The outcomes.
const (
	Loaded   Outcome = "loaded"
	Failed   Outcome = "failed"
	Replaced Outcome = "replaced" // a newer version took its rows' place
	Removed  Outcome = "removed"  // its rows were removed after its deletion
	Ignored  Outcome = "ignored"  // it is never loaded
)

// Stats measures a dataset.
type Stats struct {
	Rows    int64
	Bytes   int64     // an estimate
	Updated time.Time // zero when never loaded
}
