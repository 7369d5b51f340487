package postgres

import (
	"context"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// NoSQL refuses statements: the tables of this driver have no names and no access
// rules that customers could use.
type NoSQL struct{}

// Name returns the name of the database.
func (NoSQL) Name() string { return "postgresql" }

// Query returns a problem of code unavailable.
func (NoSQL) Query(context.Context, *engine.SQLQuery) (engine.SQLResult, error) {
	return nil, problem.New(problem.Unavailable, "SQL isn't available: this service keeps rows in PostgreSQL.").
		WithReason(engine.NoSQLEngine).
		WithHint("Read rows with filters over the API, or with windlass rows.")
}
