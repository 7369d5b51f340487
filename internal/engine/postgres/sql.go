package postgres

import (
	"context"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// NoSQL rejects statements, because the tables of this driver have no names and
// access rules that customers could use.
type NoSQL struct{}

// Name returns the name of the database.
func (NoSQL) Name() string { return "postgresql" }

// Query returns a problem with code unavailable.
func (NoSQL) Query(context.Context, *engine.SQLQuery) (engine.SQLResult, error) {
	return nil, errNoSQL()
}

// Describe returns a problem with code unavailable.
func (NoSQL) Describe(context.Context, *engine.SQLQuery) (*engine.SQLDescription, error) {
	return nil, errNoSQL()
}

// Pin returns a problem with code unavailable.
func (NoSQL) Pin(context.Context, string, *dataset.Schema) (engine.SQLPin, error) {
	return nil, errNoSQL()
}

func errNoSQL() error {
	return problem.New(problem.Unavailable, "SQL isn't available: this service keeps rows in PostgreSQL.").
		WithReason(engine.NoSQLEngine).
		WithHint("Read rows with filters over the API, or with windlass rows.")
}
