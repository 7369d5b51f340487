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
}

// SQLQuery is a statement to run.
type SQLQuery struct {
	Text       string
	Workspace  string                  // its name, which may stand before the name of a table
	Parameters map[string]SQLParameter // by name, without "$"
	// Tables finds the datasets that the statement names. It is called once, before
	// anything runs, and its error ends the query.
	Tables func(ctx context.Context, names []string) (SQLTables, error)
	// Start bounds the time until the first rows arrive.
	Start time.Duration
}

// SQLTables are the datasets of a statement's tables.
type SQLTables struct {
	Found   map[string]dataset.Dataset // by the name that was asked for
	Nearest map[string]string          // for a name that wasn't found: one that looks like it
}

// SQLParameter is the value of a parameter. Text is what a text, or a number with
// all its digits, is written as.
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
