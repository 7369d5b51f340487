package dataset

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/access"
	"github.com/windlass-io/windlass/internal/paging"
)

// Drift is a difference between the objects of a load and the schema that the
// dataset had before. A dataset has one for each kind, column and load.
type Drift struct {
	ID        string // "drift_…"
	DatasetID string
	LoadID    string
	At        time.Time
	DriftFacts
}

// DriftFacts describes the drift of one column in a load.
type DriftFacts struct {
	Kind    DriftKind    `json:"kind"`
	Column  string       `json:"column"`
	Outcome DriftOutcome `json:"outcome"`
	From    string       `json:"from,omitempty"`   // the type or the format before; empty: there was no column
	To      string       `json:"to,omitempty"`     // the type or the format afterwards
	Object  string       `json:"object,omitempty"` // the first object that differs
	Line    int64        `json:"line,omitempty"`   // of the first value that differs; 0: unknown
	Value   string       `json:"value,omitempty"`  // that value, cut; of text formats
	// Rows counts the rows that have the new column, lack the missing one or have
	// a value that didn't fit.
	Rows int64 `json:"rows"`
}

// DriftKind is the kind of a difference between objects and a schema.
type DriftKind string

// The kinds.
const (
	NewColumn     DriftKind = "new_column"     // objects have a column that the dataset doesn't
	MissingColumn DriftKind = "missing_column" // objects lack a column of the dataset
	Widened       DriftKind = "widened"        // values don't fit the type of a guessed column
	FormatChanged DriftKind = "format_changed" // values have another format of the same type
)

// DriftOutcome is a load's reaction to a drift.
type DriftOutcome string

// The outcomes.
const (
	DriftAdded   DriftOutcome = "added"   // the column was added
	DriftIgnored DriftOutcome = "ignored" // the column was ignored
	DriftNull    DriftOutcome = "null"    // the rows got null
	DriftWidened DriftOutcome = "widened" // the column was widened
	DriftFailed  DriftOutcome = "failed"  // the load failed
)

// KeptDrifts limits how many drifts a dataset keeps. The oldest are deleted.
const KeptDrifts = 10_000

// Drift returns a page of a dataset's drift, newest first.
func (s *Service) Drift(ctx context.Context, actor access.Actor, workspace, nameOrID string,
	request paging.Request,
) (paging.List[Drift], error) {
	found, err := s.Reach(ctx, actor, access.DatasetRead, workspace, nameOrID)
	if err != nil {
		return paging.List[Drift]{}, err
	}
	return s.config.Store.ListDrift(ctx, found.ID, request)
}
