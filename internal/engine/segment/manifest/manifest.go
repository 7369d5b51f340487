// Package manifest describes which files make up a dataset. The state database
// keeps manifests; package segment reads and changes them.
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
// not the last one any more. Nothing was changed: build on the last one and
// commit again.
var ErrCrossed = errors.New("another commit into the dataset came first")

// Dataset is one version of a dataset's rows.
type Dataset struct {
	ID        string
	Version   int64            // grows with each commit and is never used twice; 0: there are no rows
	Columns   []dataset.Column // in the order in which they first came
	Index     Index            // of the last load
	NotUnique bool             // the index was a guess, and wrong
	NextSeq   int64            // number of the next row
	Rows      int64            // without deleted ones
	Bytes     int64            // of the files
	Updated   time.Time        // of the last load; zero: never
	Layout    int64            // of the schema that the rows are read with; see dataset.Schema
	Segments  []Segment        // the oldest first
}

// Index names the columns of an index. A name is empty when the index has no
// such part.
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
// beside them.
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

// The creators of segments from others.
const (
	Compaction = "compaction"
	Change     = "change" // of the schema
)

// Bounds are the least and the greatest values of a segment's rows, as
// parquetfile.Info defines them.
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

// Removal is a ledger entry as it must be, and what it becomes.
type Removal struct {
	Entry   engine.LedgerEntry
	Outcome engine.Outcome
}

// Extension is what a load adds to an object that another load brought.
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

// Commit is one change of a dataset, all of which is made in one transaction.
type Commit struct {
	Dataset Dataset // as it is after the commit, without its segments
	From    int64   // the version that the commit builds on; another one is [ErrCrossed]

	Add     []Segment
	Deletes []Deletes
	Remove  []string // segments

	// Note is what followers of the dataset's changes are told of the deleted rows.
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
	// Publish runs last in the transaction: it makes durable what the version names
	// and another database keeps. It may run several times. Optional.
	Publish func(ctx context.Context) error
}
