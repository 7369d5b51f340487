package duckdb

import (
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// quote makes a name safe to stand in SQL as an identifier. Every name that
// is not written in this package's own text passes here. A name with a NUL
// cannot be quoted and is refused: SQL reaches DuckDB as a C string.
func quote(name string) (string, error) {
	if name == "" || strings.ContainsRune(name, 0) {
		return "", problem.New(problem.Invalid, "%q cannot be a name.", name)
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`, nil
}

// quoteTable gives the quoted name of the table of a dataset's rows.
func quoteTable(datasetID string) (string, error) {
	if datasetID == "" {
		return "", problem.New(problem.Invalid, "A dataset without an identifier has no rows.")
	}
	return quote("rows_" + datasetID)
}

// storage is how a type is kept.
type storage struct {
	sql  string
	kind bindings.Type
}

func storageOf(t dataset.Type) storage {
	switch t {
	case dataset.Integer:
		return storage{"BIGINT", bindings.TypeBigInt}
	case dataset.Number:
		return storage{"DOUBLE", bindings.TypeDouble}
	case dataset.Boolean:
		return storage{"BOOLEAN", bindings.TypeBoolean}
	case dataset.Date:
		return storage{"DATE", bindings.TypeDate}
	case dataset.DateTime:
		return storage{"TIMESTAMP", bindings.TypeTimestamp}
	case dataset.String, dataset.Object, dataset.Array, dataset.Any, dataset.Decimal:
		return storage{"VARCHAR", bindings.TypeVarchar}
	default:
		return storage{}
	}
}
