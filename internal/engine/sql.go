package engine

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// SQL runs SQL over datasets, read only. It is safe for concurrent use.
type SQL interface {
	// Name returns the name of the database that runs statements: "duckdb".
	Name() string
	// Query starts a statement. If the statement has a fault, the error is a
	// problem with code invalid; its reason has the kind and its finding the
	// position. The caller closes the result. The statement ends then, or when
	// ctx ends.
	Query(ctx context.Context, query *SQLQuery) (SQLResult, error)
	// Describe compiles a statement and returns its columns, without reading
	// rows. Faults are reported as by Query. It uses the datasets' schemas, and
	// doesn't open files.
	Describe(ctx context.Context, query *SQLQuery) (*SQLDescription, error)
	// Pin pins the current version of a dataset's rows for a query. If the layout
	// isn't the schema's, it returns [ErrStale].
	Pin(ctx context.Context, datasetID string, schema *dataset.Schema) (SQLPin, error)
}

// SQLPin is a version of a dataset's rows that stays readable until Release. Call
// Release once.
type SQLPin interface {
	Version() int64
	Updated() time.Time // of the last load; zero: there are no rows
	Release()
}

// SQLDescription is a compiled statement.
type SQLDescription struct {
	Columns    []dataset.Column
	Tables     []SQLTable // named in the text, in order
	Parameters []string   // named in the text, without duplicates, sorted
	Ordered    bool       // it ends with ORDER BY
	// Changing lists its functions whose results depend on time or chance.
	Changing []string
}

// SQLTable is a place where a statement names a table.
type SQLTable struct {
	Name     string
	From, To int  // offsets of the name in bytes, including quotes; -1: unknown
	Alias    bool // another name follows
}

// SQLView is a stored statement that a statement names as a table.
type SQLView struct {
	Name string
	Text string
	// Parameters are substituted in the text, by their names without "$".
	Parameters map[string]SQLParameter
}

// SQLQuery is a statement to run.
type SQLQuery struct {
	Text       string
	Workspace  string                  // its name, which may qualify the name of a table
	Parameters map[string]SQLParameter // by name, without "$"
	// Tables finds the datasets that the statement names. It is called once, before
	// anything runs, and its error ends the query.
	Tables func(ctx context.Context, names []string) (SQLTables, error)
	// Typed substitutes Parameters in the statement as constants of their types,
	// so that the types of the result don't depend on the values.
	Typed bool
	// Pins are versions to read, by dataset ID; others are pinned while the query
	// runs. The caller releases them. Optional.
	Pins map[string]SQLPin
	// Start limits the time until the first rows arrive.
	Start time.Duration
}

// SQLTables are the datasets of a statement's tables.
type SQLTables struct {
	Found   map[string]dataset.Dataset // by the requested name
	Nearest map[string]string          // for a name that wasn't found: the most similar one
	// Views are stored statements. Each comes after the views that it names. Found
	// also has the datasets that they name.
	Views []SQLView
}

// SQLParameter is the value of a parameter. Text is the value of a text, or a
// number with all its digits. For a typed null it is the kind.
type SQLParameter struct {
	Kind SQLKind `json:"kind"`
	Text string  `json:"text,omitempty"`
}

// SQLKind is the kind of a parameter's value.
type SQLKind string

// The kinds of values. A text takes the type that the statement needs.
const (
	SQLNull    SQLKind = "null"
	SQLText    SQLKind = "text"
	SQLNumber  SQLKind = "number"
	SQLBoolean SQLKind = "boolean" // Text is "true" or "false"
)

// The kinds of values that only typed parameters have.
const (
	SQLString   SQLKind = "string"
	SQLInteger  SQLKind = "integer"
	SQLDouble   SQLKind = "double"
	SQLDate     SQLKind = "date"      // 2024-02-29
	SQLDateTime SQLKind = "date-time" // RFC 3339, in UTC
)

// SQLResult is the rows of a statement.
type SQLResult interface {
	// Columns returns the result's columns. Their names are unique.
	Columns() []dataset.Column
	// Next returns the next batch, nil at the end. It is valid until the next call.
	Next() (*dataset.Batch, error)
	// Close ends the statement and releases its files.
	Close() error
}

// The reasons of problems with a statement.
const (
	SQLSyntax        = "sql_syntax"
	SQLName          = "sql_name"
	SQLNotAllowed    = "sql_not_allowed"
	SQLInvalidValue  = "invalid_value"
	SQLDuplicateName = "duplicate_name"
	SQLTimeLimit     = "time_limit"
	SQLMemoryLimit   = "memory_limit"
	NoSQLEngine      = "no_sql_engine"
)
