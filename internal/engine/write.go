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
	// Note returns what is stored with the version that the removal creates, for
	// clients that follow the dataset's changes. rows are the removed rows, with the
	// columns of the selection. Note is called before the commit, and again if another
	// commit comes first; but not if more than MaxNoted rows are removed. Optional.
	Note     func(rows *dataset.Batch) ([]byte, error)
	MaxNoted int
}

// Noted collects the removed rows for the note of a removal.
type Noted struct {
	Rows dataset.Batch
	most int
}

// NewNoted returns rows with these columns, or nil if the removal has no note.
func (r *Removal) NewNoted(columns []dataset.Column) *Noted {
	if r.Note == nil || r.Count {
		return nil
	}
	n := &Noted{most: r.MaxNoted}
	for _, c := range columns {
		n.Rows.Vectors = append(n.Rows.Vectors, dataset.NewVectorOf(c, 0))
	}
	return n
}

// Full reports whether more rows were added than a note may have.
func (n *Noted) Full() bool { return n.Rows.Rows > n.most }

// NoteOf returns the note of a removal; nil without rows or with too many.
func (r *Removal) NoteOf(n *Noted) ([]byte, error) {
	if n == nil || n.Full() {
		return nil, nil
	}
	return r.Note(&n.Rows)
}

// Deleted is the result of a removal.
type Deleted struct {
	Rows    int64
	Version int64 // of the dataset afterwards
}
