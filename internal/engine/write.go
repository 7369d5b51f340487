package engine

import (
	"errors"

	"github.com/windlass-io/windlass/internal/dataset"
)

// ErrCrossed reports that a dataset's version isn't the one that a commit expected.
var ErrCrossed = errors.New("the dataset has another version than was expected")

// Twins has the rows whose index equals that of rows in a batch.
type Twins struct {
	// First has, for each row of the batch, the first row of the batch with an
	// equal index, which may be the row itself.
	First []int
	// Old has, for each row of the batch, the index in Rows of the dataset's row
	// with an equal index, or -1.
	Old []int
	// Rows are rows of the dataset, with all columns of the schema; nil unless
	// requested.
	Rows *dataset.Batch
}

// Removal selects rows to delete.
type Removal struct {
	Selection
	IfVersion *int64 // the version that the dataset must have, else [ErrCrossed]; nil: any
	Count     bool   // only count the rows
	// Note is stored with the version that the removal creates, for clients that
	// follow the dataset's changes. Optional.
	Note []byte
}

// Deleted is the result of a removal.
type Deleted struct {
	Rows    int64
	Version int64 // of the dataset afterwards
}
