//go:build cgo

package main

import (
	"errors"
	"fmt"
	"strings"

	bindings "github.com/duckdb/duckdb-go-bindings"
)

// loadDuckDB loads a CSV into a sorted table in a new file beside it.
func loadDuckDB(path string) error {
	var database bindings.Database
	var connection bindings.Connection
	if bindings.Open(path+".duckdb", &database) == bindings.StateError ||
		bindings.Connect(database, &connection) == bindings.StateError {
		return errors.New("DuckDB doesn't open its file")
	}
	defer func() {
		bindings.Disconnect(&connection)
		bindings.Close(&database)
	}()
	for _, text := range []string{
		"create table quotes as select * from read_csv('" + strings.ReplaceAll(path, "'", "''") + "') " +
			"order by symbol, date",
		"checkpoint",
	} {
		var result bindings.Result
		if bindings.Query(connection, text, &result) == bindings.StateError {
			return fmt.Errorf("%s: %s", text, bindings.ResultError(&result))
		}
		bindings.DestroyResult(&result)
	}
	return nil
}
