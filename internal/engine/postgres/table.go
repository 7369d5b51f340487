package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/problem"
)

// The system columns of a table: the index as a tuple, the number of the row, the
// time of loading, and the versions from which and before which it exists.
const (
	colTuple   = "_t"
	colSeq     = "_seq"
	colUpdated = "_updated"
	colFrom    = "_from"
	colTo      = "_to"
)

// forever is the _to of a row that still exists.
const forever = "9223372036854775807"

// The limits of PostgreSQL. maxRowBytes is the space for a row in a page. A text
// that is stored out of line takes at most textBytes of it.
const (
	maxTableColumns = 1600
	systemColumns   = 5
	maxRowBytes     = 8160
	rowHeaderBytes  = 24
	systemBytes     = 8*4 + 2
)

// kind is the storage form of a type's values.
type kind byte

const (
	kindText kind = iota
	kindInt
	kindFloat
	kindBool
	kindDate
	kindMoment
	kindNumeric
)

func kindOf(t dataset.Type) kind {
	switch t {
	case dataset.Integer:
		return kindInt
	case dataset.Number:
		return kindFloat
	case dataset.Boolean:
		return kindBool
	case dataset.Date:
		return kindDate
	case dataset.DateTime:
		return kindMoment
	case dataset.Decimal:
		return kindNumeric
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
	}
	return kindText
}

// kinds has for each kind its letter in column names, its SQL type, and the
// minimum bytes of a value in a row.
var kinds = [...]struct {
	letter, sql string
	bytes       int
}{
	kindText:    {"s", `text COLLATE "C"`, 1},
	kindInt:     {"i", "int8", 8},
	kindFloat:   {"f", "float8", 8},
	kindBool:    {"b", "bool", 1},
	kindDate:    {"d", "date", 4},
	kindMoment:  {"m", "timestamp", 8},
	kindNumeric: {"n", "numeric", 3},
}

// sqlType returns the type of a kind without its collation.
func (k kind) sqlType() string { return strings.TrimSuffix(kinds[k].sql, ` COLLATE "C"`) }

// columnName returns the name of column i of a table. The kind is part of it, so
// that a column that an interrupted load added is never mistaken for another
// one.
func columnName(i int, c dataset.Column) string {
	return "c" + strconv.Itoa(i) + kinds[kindOf(c.Type)].letter
}

// checkLimits rejects columns that don't fit in a PostgreSQL row.
func checkLimits(columns []dataset.Column) error {
	if n := len(columns); n > maxTableColumns-systemColumns {
		return problem.New(problem.Invalid, "With rows in PostgreSQL, a dataset can have at most %d columns, not %d.",
			maxTableColumns-systemColumns, n).
			WithHint("Load fewer columns, or split the object into several datasets.")
	}
	size := rowHeaderBytes + systemBytes + (len(columns)+systemColumns+7)/8
	for i := range columns {
		size += kinds[kindOf(columns[i].Type)].bytes
	}
	if size > maxRowBytes {
		return problem.New(problem.Invalid,
			"With rows in PostgreSQL, a row can have at most %d bytes in addition to long texts; the %d columns "+
				"need %d.",
			maxRowBytes,
			len(columns), size).
			WithHint("Load fewer columns, or split the object into several datasets. About 1,000 numbers fit.")
	}
	return nil
}

// definition returns the columns of a table, as SQL.
func definition(columns []dataset.Column) string {
	var b strings.Builder
	for i, c := range columns {
		fmt.Fprintf(&b, "%s %s, ", columnName(i, c), kinds[kindOf(c.Type)].sql)
	}
	return b.String()
}

// names returns the names of a table's columns, each followed by ", ".
func names(columns []dataset.Column) string {
	var b strings.Builder
	for i, c := range columns {
		b.WriteString(columnName(i, c) + ", ")
	}
	return b.String()
}

// makeTable creates a table of a dataset. Its indexes are created once it is
// filled.
func (e *Engine) makeTable(ctx context.Context, tx pgx.Tx, name, datasetID string, columns []dataset.Column) error {
	table := e.table(name)
	statements := []string{
		"CREATE TABLE " + table + " (" + definition(columns) +
			"_t bytea NOT NULL, _seq int8 NOT NULL, _updated timestamp NOT NULL, _from int8 NOT NULL, _to int8 NOT NULL)",
		"COMMENT ON TABLE " + table + " IS '" + datasetID + "'", // IDs have no quotes
	}
	if e.citus { // store the dataset on one worker
		statements = append(statements, "SELECT create_distributed_table('"+table+"', NULL)")
	}
	return execAll(ctx, tx, statements)
}

// makeIndexes creates the indexes of a table.
func (e *Engine) makeIndexes(ctx context.Context, tx pgx.Tx, name string, index manifest.Index) error {
	table := e.table(name)
	statements := []string{
		"CREATE INDEX ON " + table + " (_updated, _seq)",
		"CREATE INDEX ON " + table + " USING brin (_seq)",
		"CREATE INDEX ON " + table + " (_to) WHERE _to < " + forever,
	}
	if index != (manifest.Index{}) {
		statements = append(statements, "CREATE INDEX ON "+table+" (_t, _seq)")
	}
	return execAll(ctx, tx, statements)
}

func execAll(ctx context.Context, tx pgx.Tx, statements []string) error {
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}
