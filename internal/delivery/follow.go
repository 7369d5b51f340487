package delivery

// Break is a commit that did more than add and replace rows.
type Break struct {
	Version int64
	Kind    BreakKind
	Note    []byte // for RowsDeleted: the index values of the rows, as JSON; empty if not known
}

// BreakKind is the kind of a [Break].
type BreakKind string

// The kinds.
const (
	RowsDeleted   BreakKind = "deleted"
	RowsRemoved   BreakKind = "removed" // by a load, those of an object
	SchemaChanged BreakKind = "schema"
)
