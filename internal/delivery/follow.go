package delivery

// Break is a commit that did more than add and replace rows.
type Break struct {
	Version int64
	Kind    BreakKind
	Note    []byte // of RowsDeleted: the index values of the rows, as JSON; empty: not known
}

// BreakKind is the kind of change that a commit made.
type BreakKind string

// The kinds.
const (
	RowsDeleted   BreakKind = "deleted"
	RowsRemoved   BreakKind = "removed" // those of an object, by a load
	SchemaChanged BreakKind = "schema"
)
