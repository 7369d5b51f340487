package engine

import (
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Selection selects rows of one dataset.
type Selection struct {
	DatasetID string
	Schema    dataset.Schema
	Columns   []string // the columns wanted, by exact name; nil means all
	Key       *string  // equality on the index's key, in the key column's text form; nil means any
	Subkey    *string
	// Keys and Subkeys are like Key and Subkey: any of these; nil means any.
	Keys, Subkeys []string
	// DateColumn is the column for From, To and the order: the index's date,
	// or another date column. Empty means the time of loading.
	DateColumn string
	From, To   *time.Time // From inclusive, To exclusive
	// LoadedAfter leaves out the rows that were loaded at this time or before.
	LoadedAfter *time.Time
	// Numbers is a range of row numbers. Rows are numbered in the order of loading,
	// and a replaced row gets a new number. A From or To of 0 leaves the range open.
	Numbers Span
	Equal   []Match // further equalities and inequalities, all of which must hold
	// Where are further conditions, all of which must hold.
	Where  []Condition
	Order  Order
	Limit  int // at least 1
	Offset int // at least 0
	Every  int // every n-th row of the result; 0 and 1 mean every row
}

// Match is a comparison of a column with a value in text form.
type Match struct {
	Column string
	Value  string
	Not    bool
}

// Order is the order by date; rows of the same date come in the order in
// which they were loaded, reversed for Descending.
type Order string

// The orders.
const (
	Descending Order = "desc"
	Ascending  Order = "asc"
)

// Rows is a result, read batch by batch. Use it from one goroutine. The
// caller closes it.
type Rows interface {
	// Columns are the columns of the result, in order.
	Columns() []dataset.Column
	// Next returns the next batch, valid until the next call, and nil at the end.
	Next() (*dataset.Batch, error)
	// Updated returns, for row i of the last batch, when the row was loaded.
	Updated(i int) time.Time
	Close() error
}
