// Package engine defines the storage of rows. An [Engine] stores the rows of
// datasets, the ledger of objects that were loaded into them, and rejected
// rows. A load commits all three together or none.
package engine

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Engine stores rows. It is safe for concurrent use.
type Engine interface {
	// Begin starts a load into a dataset. It creates the table if there is none
	// and adds new columns. A column gets the schema's type if every stored
	// value fits it exactly; otherwise the error is a problem with code
	// conflict. A dataset has one load at a time: a second Begin waits for the
	// first, or for ctx.
	Begin(ctx context.Context, spec LoadSpec) (Load, error)

	// Lookup reads the selected rows in order, at most selection.Limit.
	Lookup(ctx context.Context, selection Selection) (Rows, error)

	// Open pins the current version of a dataset, to read from it several times.
	Open(ctx context.Context, datasetID string) (View, error)

	// Stats counts a dataset's rows and bytes. For a dataset that was never
	// loaded it returns zeros, not an error.
	Stats(ctx context.Context, datasetID string) (Stats, error)

	// Ledger lists the entries of a source after a key, in key order, at most
	// limit of them: in a dataset, or in all datasets if datasetID is empty. The
	// limit doesn't split the entries of one key, unless they alone exceed it.
	Ledger(ctx context.Context, sourceID, datasetID, afterKey string, limit int) ([]LedgerEntry, error)

	// History returns the ledger entries of all versions of objects in a dataset,
	// in the order of keys.
	History(ctx context.Context, sourceID, datasetID string, keys []string) ([]LedgerEntry, error)

	// Recorded returns the ledger entries of these object versions of a source
	// in a dataset, in the order of keys. An empty datasetID means any dataset:
	// a version then has an entry for each dataset that it was loaded into.
	Recorded(ctx context.Context, sourceID, datasetID string, objects []ObjectVersion) ([]LedgerEntry, error)

	// Rejects calls fn for each rejected row of a load, in the order in
	// which they occurred, until fn returns an error.
	Rejects(ctx context.Context, loadID string, fn func(dataset.Rejected) error) error

	// DeleteRows deletes the rows of a removal, ignoring its order, limit and
	// offset.
	DeleteRows(ctx context.Context, removal Removal) (Deleted, error)

	// Retire sets a dataset's ledger entries aside, as if its objects had never
	// been loaded. Reinstate restores them. Both may be repeated.
	Retire(ctx context.Context, datasetID string) error
	Reinstate(ctx context.Context, datasetID string) error

	// Drop removes a dataset's rows, rejects and ledger entries, retired or
	// not.
	Drop(ctx context.Context, datasetID string) error

	Close() error
}

// LoadSpec defines a load: what it loads, and into which dataset.
type LoadSpec struct {
	LoadID     string // "load_…"
	DatasetID  string // "ds_…"
	SourceID   string // "src_…"; empty for rows that were sent in a request
	Schema     dataset.Schema
	Duplicates Duplicates
	Time       time.Time // becomes the rows' "updated"
	// NoValues are columns whose texts so far are all empty or null markers.
	// They become null if the column gets another type.
	NoValues []string
}

// Duplicates defines what happens to a row whose index is already there.
type Duplicates string

// The ways to treat a duplicate.
const (
	Ignore  Duplicates = "ignore"  // the old row stays; within a load, the first row wins
	Replace Duplicates = "replace" // the new row replaces the old one; within a load, the last row wins
)

// Load is a load in progress. Use it from one goroutine. Readers see none of
// its rows until Commit returns nil, and then all of them.
type Load interface {
	// Append adds rows. It doesn't keep batch.
	Append(ctx context.Context, batch *dataset.Batch) error
	// Reject adds rejected rows.
	Reject(ctx context.Context, rows []dataset.Rejected) error
	// Object adds the ledger entry of an object whose rows were all appended
	// or rejected. The rows appended since the last call belong to the
	// object; Object sets its spans.
	Object(ctx context.Context, entry LedgerEntry) error
	// Expect makes Commit fail with [ErrCrossed] unless the dataset has this
	// version then.
	Expect(version int64)
	// Remove removes the rows of loaded objects when the load commits, and changes
	// their ledger entries to an outcome. Rows that have replaced them since stay.
	// If an entry in the ledger differs by then, the error is a problem with code
	// conflict. The rows are removed before the load's own rows are added, so new
	// rows never count as duplicates of removed ones.
	Remove(ctx context.Context, entries []LedgerEntry, outcome Outcome) error
	// Extend adds the rows appended since the last call of Object or Extend to an
	// object that is already loaded, and marks the rejected rows that they come from
	// as resolved. If the object's entry in the ledger differs by then, the error is
	// a problem with code conflict.
	Extend(ctx context.Context, extension Extension) error
	// Resolve marks rejected rows of another load as resolved by this one. places
	// are their indexes in the order of that load's rejected rows.
	Resolve(ctx context.Context, loadID string, places []int64) error
	// Commit makes rows, rejected rows and ledger entries durable and visible
	// in one transaction, in which it also calls end; end may be nil. If the
	// ledger already has one of the objects as loaded, the error is a problem
	// with code conflict. If end fails, Commit returns its error. In both
	// cases nothing is committed. Commit ends the load, whatever it returns.
	Commit(ctx context.Context, end Ending) (Committed, error)
	// Rollback discards the load. It has no effect after Commit.
	Rollback() error
}

// Ending updates the load's own record in the state database, in the transaction
// of its commit. It may be called several times, and only the last call counts.
// It must only use tx, because the state database is busy meanwhile.
type Ending func(ctx context.Context, tx Tx, done Committed) error

// Tx is a transaction of the state database. Only package store uses its contents.
type Tx interface{ StateTx() }

// Committed reports what a load did.
type Committed struct {
	Rows       int64 // new rows, replacements included
	Duplicates int64 // rows that were skipped, or that replaced another row
	Removed    int64 // rows that Remove removed
	// Unique reports whether no two rows have the same index after the load.
	// A guessed index keeps every row, so this can become false.
	Unique bool
	// Version is the dataset's version after the load.
	Version int64
}

// ObjectVersion names one state of one object.
type ObjectVersion struct {
	Key     string
	Version string // version ID in a versioned bucket, else the ETag without quotes
}

// LedgerEntry is the result of one object version in one dataset. The
// combination of source, dataset, key and version is unique, because a source
// can feed several datasets, each with every object once. A loaded object can't
// be loaded again until [Load.Remove] has removed its rows.
type LedgerEntry struct {
	SourceID  string
	DatasetID string // empty in a load, which means the load's dataset
	Object    ObjectVersion
	LoadID    string
	Outcome   Outcome
	Reason    string // for Failed
	Code      string // for Failed, for programs
	Attempts  int    // for Failed: number of consecutive failed loads
	Size      int64  // bytes, as stored
	Modified  time.Time
	Rows      int64 // rows read and valid
	Rejected  int64
	Time      time.Time
	Spans     []Span // the rows of the object; nil: not known
}

// Extension adds to an object that another load has loaded.
type Extension struct {
	Entry    LedgerEntry // the current entry in the ledger
	Rows     int64       // that are added
	Resolved int64       // number of rejected rows that the added rows come from
}

// Span is a range of row numbers. Rows are numbered in the order of loading, and
// keep their numbers.
type Span struct{ From, To int64 } // without To

// Outcome is the result of an object.
type Outcome string

// The outcomes.
const (
	Loaded   Outcome = "loaded"
	Failed   Outcome = "failed"
	Replaced Outcome = "replaced" // a newer version replaced its rows
	Removed  Outcome = "removed"  // its rows were removed after its deletion
	Ignored  Outcome = "ignored"  // it is never loaded
)

// Stats measures a dataset.
type Stats struct {
	Rows    int64
	Bytes   int64     // an estimate
	Updated time.Time // zero if never loaded
}
