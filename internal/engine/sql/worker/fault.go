//go:build cgo

package worker

import (
	"strconv"
	"strings"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/sql"
)

const memoryReason = engine.SQLMemoryLimit

// reasons are the reasons of DuckDB's errors that are faults of the statement or
// its values. Others are the engine's own.
var reasons = map[string]string{
	"Parser": engine.SQLSyntax, "Syntax": engine.SQLSyntax, "Binder": engine.SQLSyntax,
	"Parameter Not Resolved": engine.SQLSyntax, "Parameter Not Allowed": engine.SQLSyntax,
	"Catalog": engine.SQLName, "Dependency": engine.SQLName,
	"Conversion": engine.SQLInvalidValue, "Out of Range": engine.SQLInvalidValue,
	"Invalid Input": engine.SQLInvalidValue, "Invalid type": engine.SQLInvalidValue,
	"Invalid": engine.SQLInvalidValue, "Mismatch Type": engine.SQLInvalidValue,
	"Divide by Zero": engine.SQLInvalidValue, "Decimal": engine.SQLInvalidValue, "Expression": engine.SQLInvalidValue,
	"Invalid Configuration": engine.SQLInvalidValue, "Sequence": engine.SQLInvalidValue,
	"Out of Memory": memoryReason, "Object Size": memoryReason,
	"Permission": engine.SQLNotAllowed, "Not implemented": engine.SQLNotAllowed, "Settings": engine.SQLNotAllowed,
}

// faultOf returns the fault of an error of DuckDB's.
func faultOf(text string) *sql.StatementError {
	e := parseError(text)
	reason := reasons[e.Type]
	if e.Subtype == "COLUMN_NOT_FOUND" || e.Subtype == "MISSING_ENTRY" || e.Subtype == "NO_MATCHING_FUNCTION" {
		reason = engine.SQLName
	}
	if strings.Contains(e.Message, "bad_alloc") || strings.Contains(e.Message, "could not allocate") ||
		strings.Contains(e.Message, "failed to allocate") {
		reason = memoryReason
	}
	f := &sql.StatementError{Reason: reason, Message: e.Type + ": " + e.Message, Offset: -1}
	if reason == "" {
		return f
	}
	// The first line has the problem; the next ones have hints and, for values,
	// DuckDB's own settings.
	message, hint, _ := strings.Cut(e.Message, "\n")
	f.Message, f.Hint = strings.TrimSpace(message), firstLine(hint)
	if at, err := strconv.Atoi(e.Position); err == nil {
		f.Offset = at
	}
	return f
}

// firstLine returns the first line of a hint, unless it mentions the engine's
// settings.
func firstLine(hint string) string {
	hint, _, _ = strings.Cut(strings.TrimSpace(hint), "\n")
	if strings.Contains(hint, "SET ") || strings.Contains(hint, "LINE ") || strings.Contains(hint, "pg_") {
		return ""
	}
	return hint
}
