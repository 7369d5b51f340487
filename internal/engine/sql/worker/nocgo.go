//go:build !cgo

// Package worker is the process that runs one SQL statement with DuckDB, which
// this program was built without.
package worker

import (
	"io"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

// Run returns an error, because this program has no SQL engine.
func Run(in io.Reader, out io.Writer) error {
	var start sql.Start
	if err := sql.NewMessages(in).NextJSON(sql.KindStart, &start); err != nil {
		return err
	}
	return sql.WriteJSON(out, sql.KindFault, &sql.StatementError{
		Reason: engine.NoSQLEngine, Offset: -1,
		Message: "This build of Windlass has no SQL engine: it was built without a C++ compiler.",
		Hint:    "Use a build with DuckDB: build it with CGO_ENABLED=1, with gcc and g++ installed.",
	})
}
