package engine

import (
	"errors"

	"github.com/windlass-io/windlass/internal/dataset"
)

// ErrCrossed reports that a dataset has another version than a commit expected.
var ErrCrossed = errors.New("the dataset has another version than was expected")

// Twins are the rows that are equal in an index to the rows of a batch.
type Twins struct {
	// First is, for each row of the batch, the first row of the batch that is equal
	// to it in the index: itself, if there is none before it.
	First []int
	// Old is, for each row of the batch, the place of the dataset's row in Rows that
	// is equal to it; -1 for none.
	Old []int
	// Rows are rows of the dataset, with all columns of the schema; nil unless they
	// were asked for.
	Rows *dataset.Batch
}

// Removal is rows to delete.
type Removal struct {
	Selection
	IfVersion *int64 // the version that the dataset must have, else [ErrCrossed]; nil: any
	Count     bool   // the rows are only counted
	// Note is kept with the version that the removal makes, for those who follow the
	// dataset's changes. Optional.
	Note []byte
}

// Deleted is the result of a removal.
type Deleted struct {
	Rows    int64
	Version int64 // of the dataset afterwards
}
