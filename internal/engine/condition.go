package engine

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Condition selects rows. It is a tree: [And] and [Or] join Parts, and every
// other operator tests one column. A row either passes or doesn't: Negate and
// Nulls of each test encode the results of SQL's three-valued logic for values
// and for nulls, so the tree needs no third value.
type Condition struct {
	Op     Operator
	Parts  []Condition // of And and Or
	Column string      // of the others
	// Values are compared with the column and have its type: one value, or a
	// list for In.
	Values dataset.Vector
	// Pattern is the pattern of Like.
	Pattern *Pattern
	// Negate passes non-null values that don't satisfy the test.
	Negate bool
	// Nulls passes the nulls.
	Nulls bool
}

// Operator is the operator of a [Condition].
type Operator int

// The operators. Every value satisfies Anything.
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

// Search selects rows of one dataset and orders them by By, then by the index, then by
// the order of loading, ascending. It uses the selection's DatasetID, Schema, Columns,
// DateColumn, From, To, LoadedAfter, Numbers, Equal, Where, Limit and Offset. A Limit of
// 0 means no limit.
type Search struct {
	Selection
	By        []Sort
	Unordered bool   // rows may come in any order, which is fastest
	After     []byte // a position: only rows after it are returned
	Positions bool   // Position will be called
}

// Found is the result of a [Search].
type Found interface {
	Rows
	// Position returns the position of row i of the last batch in the total
	// order. It consists of the values that rows are ordered by and, unless
	// the index is unique, the time of loading.
	Position(i int) ([]byte, error)
}

// View is one version of a dataset's rows. Use it from one goroutine. The
// caller closes it.
type View interface {
	// Version increases with every commit. It is 0 if the dataset never had rows.
	Version() int64
	// NextNumber returns the number of the next row to be loaded. All rows
	// have smaller numbers.
	NextNumber() int64
	// Lookup reads the selected rows, like Engine.Lookup.
	Lookup(ctx context.Context, selection Selection) (Rows, error)
	// Find reads the rows of a search. Close the result before the view.
	Find(ctx context.Context, search *Search) (Found, error)
	// Count counts the rows of a search, ignoring its position, limit and
	// offset.
	Count(ctx context.Context, search *Search) (int64, error)
	// Twins finds the rows whose index equals that of a row in the batch. The
	// batch must have the schema's columns. With whole, Twins also reads these
	// rows, if they fit into 64 MiB.
	Twins(ctx context.Context, schema *dataset.Schema, batch *dataset.Batch, whole bool) (Twins, error)
	Close()
}
