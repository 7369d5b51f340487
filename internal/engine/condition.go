package engine

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Condition selects rows. It is a tree: [And] and [Or] join Parts, and every
// other operator tests one column. A row either passes or doesn't: Negate and
// Nulls of each test say what SQL's three-valued logic makes of a value and of a
// null, so that the tree itself needs no third value.
type Condition struct {
	Op     Operator
	Parts  []Condition // of And and Or
	Column string      // of the others
	// Values are what the column is compared with, in its type: one value, or a
	// list for In.
	Values dataset.Vector
	// Pattern is that of Like.
	Pattern *Pattern
	// Negate passes the values, nulls excepted, that don't fulfil the test.
	Negate bool
	// Nulls passes the nulls.
	Nulls bool
}

// Operator is what a [Condition] does.
type Operator int

// The operators. Every value fulfils Anything.
const (
	And Operator = iota
	Or
	Anything
	Equal
	Less
	LessEqual
	Greater
	GreaterEqual
	In
	Like
)

// Sort orders rows by a column.
type Sort struct {
	Column     string
	Descending bool
	NullsFirst bool
}

// Search names rows of one dataset and their order: that of By, then the index,
// then loading, all ascending. Of the selection it takes DatasetID, Schema,
// Columns, DateColumn, From, To, LoadedAfter, Numbers, Equal, Where, Limit and Offset. A
// Limit of 0 is none.
type Search struct {
	Selection
	By        []Sort
	Unordered bool   // rows come in any order, fastest
	After     []byte // a position: only rows after it
	Positions bool   // Position will be asked for
}

// Found is the result of a [Search].
type Found interface {
	Rows
	// Position returns where row i of the last batch is in the total order. It
	// depends on the values that rows are ordered by and, unless the index is
	// unique, on when the row was loaded.
	Position(i int) ([]byte, error)
}

// View is one version of a dataset's rows. It is used by one goroutine and
// closed by whoever asked for it.
type View interface {
	// Version grows with each commit; 0 when the dataset never had rows.
	Version() int64
	// NextNumber returns the number of the row that comes next: every row has a
	// smaller one.
	NextNumber() int64
	// Lookup reads the rows that a selection names, as Engine.Lookup does.
	Lookup(ctx context.Context, selection Selection) (Rows, error)
	// Find reads the rows that a search names. The rows are closed before the view.
	Find(ctx context.Context, search *Search) (Found, error)
	// Count counts the rows that a search names, whatever its position, limit and
	// offset.
	Count(ctx context.Context, search *Search) (int64, error)
	// Twins finds the rows that are equal in the schema's index to the rows of a
	// batch, whose vectors are those of the schema's columns. With whole it reads
	// them, as long as they fit into 64 MiB.
	Twins(ctx context.Context, schema *dataset.Schema, batch *dataset.Batch, whole bool) (Twins, error)
	Close()
}
