package engine

import (
	"context"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// SQL runs SQL over datasets, read only. All methods may be called at once from
// many goroutines.
type SQL interface {
	// Name returns the name of the database that runs statements: "duckdb".
	Name() string
	// Query starts a statement. A fault in it is a problem of code invalid whose
	// reason says what kind, and whose finding says where. Whoever gets a result
	// closes it; the statement ends then, or when ctx does.
	Query(ctx context.Context, query *SQLQuery) (SQLResult, error)
	// Describe compiles a statement and returns its columns, without reading rows.
	// Faults are those of Query. Datasets are taken as their schemas say, without
	// files.
	Describe(ctx context.Context, query *SQLQuery) (*SQLDescription, error)
	// Pin pins the current version of a dataset's rows for a query. Another layout
	// than the schema's is [ErrStale].
	Pin(ctx context.Context, datasetID string, schema *dataset.Schema) (SQLPin, error)
}

// SQLPin is a version of a dataset's rows that stays readable until Release, which
// is called once.
type SQLPin interface {
	Version() int64
	Updated() time.Time // of the last load; zero: there are no rows
	Release()
}

// SQLDescription is a compiled statement.
type SQLDescription struct {
	Columns    []dataset.Column
	Tables     []SQLTable // that the text itself names, in its order
	Parameters []string   // that the text names, each once, sorted
	Ordered    bool       // it ends with ORDER BY
	// Changing are the functions in it whose results change with time or chance.
	Changing []string
}

// SQLTable is a place where a statement names a table.
type SQLTable struct {
	Name     string
	From, To int  // of the name alone, in bytes, quotes included; -1: unknown
	Alias    bool // another name follows
}

// SQLView is a stored statement that a statement names as a table.
type SQLView struct {
	Name string
	Text string
	// Parameters are written into the text, by the names without "$".
	Parameters map[string]SQLParameter
}

// SQLQuery is a statement to run.
type SQLQuery struct {
	Text       string
	Workspace  string                  // its name, which may stand before the name of a table
	Parameters map[string]SQLParameter // by name, without "$"
	// Tables finds the datasets that the statement names. It is called once, before
	// anything runs, and its error ends the query.
	Tables func(ctx context.Context, names []string) (SQLTables, error)
	// Typed has the values of Parameters written into the statement as constants of
	// their types, so that the types of the result don't depend on the values.
	Typed bool
	// Pins are versions to read, by dataset ID; others are pinned while the query
	// runs. They are released by whoever pinned them. Optional.
	Pins map[string]SQLPin
	// Start bounds the time until the first rows arrive.
	Start time.Duration
}

// SQLTables are the datasets of a statement's tables.
type SQLTables struct {
	Found   map[string]dataset.Dataset // by the name that was asked for
	Nearest map[string]string          // for a name that wasn't found: one that looks like it
	// Views are stored statements. Each comes after those that it names. Found then
	// has the datasets that they name, too.
	Views []SQLView
}

// SQLParameter is the value of a parameter. Text is what a text, or a number with
// all its digits, is written as; of a typed null it is the kind that it stands for.
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
