// Package load loads objects into a dataset: plan, read, check, commit, in
// one direction.
//
//	queued → planning → reading → committing → loaded
//	                 └───────┴────────┴──────→ failed, cancelled
//
// A load is durable: it is an entry in the queue, a worker claims it under a
// lease, and it starts again if the worker dies. The ledger makes sure that
// each object is loaded exactly once: the engine commits it in one
// transaction with the rows.
package load

import (
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// Load loads new objects of a source into a dataset.
type Load struct {
	ID          string // "load_…"
	Kind        Kind
	Workspace   string // workspace ID
	FeedID      string // empty for a dry run without a feed, and for loads of removed feeds
	SourceID    string
	Dataset     string // the requested name; the dataset is created if it doesn't exist
	DatasetID   string // empty until it is known
	Duplicates  engine.Duplicates
	MaxRejected int64 // the load fails if more rows are rejected; -1: no limit
	// MaxRejectedPercent fails an object when this percentage of its rows, and at
	// least one, are rejected.
	MaxRejectedPercent int
	DryRun             bool      // plan only
	Select             Selection // of a replay or a backfill
	// Of is the load whose rejected rows are loaded again. Reasons selects them;
	// empty means all.
	Of          string
	Reasons     []dataset.RejectCode
	By          string
	State       State
	Outcome     Outcome
	Code        string // why it failed, for programs; see [CodeDenied] and others
	Progress    Progress
	Problems    []Problem // objects that could not be loaded; at most [MaxProblems]
	Notes       []string  // for people: how the schema was inferred, what was ignored
	Fault       string    // why it failed: one sentence
	Hint        string    // the next step
	Cancelled   bool      // someone cancelled it
	Attempt     int       // number of times it has started
	Crashes     int       // number of consecutive crashes of its worker
	Waits       int       // number of consecutive waits for AWS
	NextAttempt time.Time // when it is tried again; zero unless it waits
	CreatedAt   time.Time
	StartedAt   time.Time // zero: not yet
	EndedAt     time.Time // zero: not yet
}

// Kind is the kind of a load.
type Kind string

// The kinds.
const (
	Objects  Kind = "load"     // new objects of a source
	Replay   Kind = "replay"   // loaded objects: their rows are removed, and they are loaded again
	Backfill Kind = "backfill" // objects of a selection that aren't loaded yet; other loads run first
	Rejected Kind = "rejected" // the rows that another load rejected
	Change   Kind = "change"   // the rows that a change of a schema rejected
	Events   Kind = "events"   // objects that arrived, according to events or a listing
)

// State is the state of a load.
type State string

// The states.
const (
	Queued     State = "queued"
	Planning   State = "planning"
	Reading    State = "reading"
	Committing State = "committing"
	Loaded     State = "loaded"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
)

// Ended reports whether the load has ended.
func (s State) Ended() bool { return s == Loaded || s == Failed || s == Cancelled }

// Progress counts what a load has done so far. Rows counts new rows in the
// dataset or, until the commit, valid rows that were read.
type Progress struct {
	Objects     int64 `json:"objects"` // to load
	ObjectsDone int64 `json:"objects_done"`
	Known       int64 `json:"known"` // matched, but already in the ledger
	Bytes       int64 `json:"bytes"` // to read, as stored
	BytesRead   int64 `json:"bytes_read"`
	Unpacked    int64 `json:"unpacked"` // bytes after decompression
	Rows        int64 `json:"rows"`
	Rejected    int64 `json:"rejected"`
	NotKept     int64 `json:"rejected_not_kept,omitempty"` // rejected rows that were only counted
	// RejectedByReason counts the rejected rows by their code.
	RejectedByReason map[dataset.RejectCode]int64 `json:"rejected_by_reason,omitempty"`
	Duplicates       int64                        `json:"duplicates"`
	RowsRemoved      int64                        `json:"rows_removed,omitempty"`    // of older versions, and of deleted objects
	ObjectsRemoved   int64                        `json:"objects_removed,omitempty"` // that were deleted
	// RateBytes is the number of stored bytes that a reading load reads each second,
	// and ETASeconds the seconds until it has read all; nil: unknown. Current has the
	// keys that it is reading, at most 8.
	RateBytes  int64    `json:"rate_bytes,omitempty"`
	ETASeconds *int64   `json:"eta_seconds,omitempty"`
	Current    []string `json:"current,omitempty"`
}

// Problem is an object that couldn't be loaded, and the reason. None of its
// rows were loaded. The next load tries it again.
type Problem struct {
	Key       string `json:"key"`
	Reason    string `json:"reason"`
	Code      string `json:"code"`      // for programs
	Retryable bool   `json:"retryable"` // the same bytes may be readable later
}

// Limits.
const (
	MaxProblems = 1000
	MaxNotes    = 50
)
