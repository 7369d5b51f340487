// Package manifest describes the files of a dataset. The state database stores
// manifests; package segment reads and changes them.
package manifest

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// ErrCrossed reports that a commit builds on a version of the dataset that is
// no longer the latest. Nothing was changed. Build on the latest version and
// commit again.
var ErrCrossed = errors.New("another commit into the dataset came first")

// Dataset is one version of a dataset's rows.
type Dataset struct {
	ID        string
	Version   int64            // increases with every commit and is never reused; 0: there are no rows
	Columns   []dataset.Column // in the order of their first occurrence
	Index     Index            // of the last load
	NotUnique bool             // the guessed index isn't unique
	NextSeq   int64            // number of the next row
	Rows      int64            // without deleted ones
	Bytes     int64            // of the files
	Updated   time.Time        // of the last load; zero: never
	Layout    int64            // of the schema for reading the rows; see dataset.Schema
	Segments  []Segment        // the oldest first
}

// Index names the columns of an index. A name is empty if the index doesn't
// have this part.
type Index struct {
	Key    string `json:"key,omitempty"`
	Subkey string `json:"subkey,omitempty"`
	Date   string `json:"date,omitempty"`
}

// IndexOf returns the columns of a schema's index.
func IndexOf(schema dataset.Schema) Index {
	return Index{schema.Index.Key, schema.Index.Subkey, schema.Index.Date}
}

// Segment is one file of rows. Files never change; deleted rows are marked
// separately.
type Segment struct {
	ID        string
	Rows      int64 // in the file
	Deleted   int64 // of them
	Bytes     int64 // of the file
	Bounds    Bounds
	CreatedBy string // the load, or [Compaction]
	CreatedAt time.Time
	Deletes   []byte // roaring bitmap of the deleted positions; nil: none
}

// Limits that decide when segments are merged.
const (
	MaxSegments  = 8    // of a dataset
	DeletedRows  = 1000 // in a segment, at least, and
	DeletedShare = 3    // one row of so many, at least
)

// The creators of segments from others.
const (
	Compaction = "compaction"
	Change     = "change" // of the schema
)

// Bounds has the smallest and largest values of a segment's rows, as defined
// by parquetfile.Info.
type Bounds struct {
	Index     Index  `json:"index"` // that the segment is sorted by
	MinKey    []byte `json:"min_key,omitempty"`
	MaxKey    []byte `json:"max_key,omitempty"`
	Dates     bool   `json:"dates,omitempty"`
	NullDates bool   `json:"null_dates,omitempty"`
	MinDate   int64  `json:"min_date,omitempty"`
	MaxDate   int64  `json:"max_date,omitempty"`
}

// Overlap reports whether a segment with these bounds may have rows whose index
// is from low to high, both in the form of parquetfile.Run.Tuple.
func (b *Bounds) Overlap(low, high []byte) bool {
	return b.MinKey == nil || bytes.Compare(b.MinKey, high) <= 0 && bytes.Compare(b.MaxKey, low) >= 0
}

// Deletes replaces the deleted positions of a segment.
type Deletes struct {
	SegmentID string
	Bitmap    []byte
	Deleted   int64
}

// Rejects are some of a load's rejected rows.
type Rejects struct {
	Rows    int64
	Content []byte // in the form of package segment
}

// Removal is the expected state of a ledger entry, and its new outcome.
type Removal struct {
	Entry   engine.LedgerEntry
	Outcome engine.Outcome
}

// Extension adds to an object that another load has loaded.
type Extension struct {
	engine.Extension
	Spans []engine.Span // of the added rows
}

// Resolved are rejected rows of a load that another one accepted.
type Resolved struct {
	LoadID string // that rejected them
	By     string // the load that accepted them
	Places []byte // roaring bitmap of their places in the order of the rejected rows
}

// Commit is one change of a dataset, applied in one transaction.
type Commit struct {
	Dataset Dataset // the state after the commit, without segments
	From    int64   // the version that the commit builds on; another one is [ErrCrossed]

	Add     []Segment
	Deletes []Deletes
	Remove  []string // segments

	// Note describes the deleted rows for clients that follow the dataset's
	// changes.
	Note []byte

	LoadID string // of Ledger and Rejects
	Ledger []engine.LedgerEntry
	// Removals are ledger entries whose rows are removed. They are changed before
	// Ledger is added.
	Removals []Removal
	// Extensions change entries after Removals and before Ledger.
	Extensions []Extension
	Rejects    []Rejects
	Resolved   []Resolved

	// Committed is passed to End, which ends the load in the same transaction.
	// Optional.
	Committed engine.Committed
	End       engine.Ending
	// Publish runs last in the transaction. It makes rows durable that another
	// database stores. It may run several times. Optional.
	Publish func(ctx context.Context) error
}
