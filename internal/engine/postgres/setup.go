package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/internal/problem"
)

// setUp creates the schema and compares its identity with the state's.
func (e *Engine) setUp(ctx context.Context) error {
	var version int
	err := e.pool.QueryRow(ctx, `SELECT current_setting('server_version_num')::int,
		EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')`).Scan(&version, &e.citus)
	if err != nil {
		return fmt.Errorf("reading the version of %s: %w", e.place, err)
	}
	if version < minVersion {
		return problem.New(problem.Invalid, "Rows need PostgreSQL 15 or newer; %s has version %d.", e.place,
			version/10000)
	}
	if err := e.makeSchema(ctx); err != nil {
		return fmt.Errorf("making the schema %s in %s: %w", e.schema, e.place, err)
	}
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		// nodes that start concurrently take turns, so that the second one finds what
		// the first wrote in both databases
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock("+lockKey("owner", e.schema)+")"); err != nil {
			return fmt.Errorf("waiting for another node to start: %w", err)
		}
		return e.checkOwner(ctx, tx)
	})
}

// makeSchema creates everything in the schema except the datasets' tables.
func (e *Engine) makeSchema(ctx context.Context) error {
	return pgx.BeginFunc(ctx, e.pool, func(tx pgx.Tx) error {
		for _, statement := range []string{
			"SELECT pg_advisory_xact_lock(" + lockKey("setup", e.schema) + ")",
			"CREATE SCHEMA IF NOT EXISTS " + pgx.Identifier{e.schema}.Sanitize(),
			"CREATE TABLE IF NOT EXISTS " + e.table("identity") +
				" (one int PRIMARY KEY CHECK (one = 1), identity text NOT NULL)",
			"CREATE TABLE IF NOT EXISTS " + e.table("version") + ` (dataset text NOT NULL, version bigint NOT NULL,
				made text NOT NULL, retired text NOT NULL, published timestamptz, PRIMARY KEY (dataset, version))`,
			"CREATE TABLE IF NOT EXISTS " + e.table("pin") + ` (id text PRIMARY KEY, dataset text NOT NULL, version bigint NOT NULL,
				until timestamptz NOT NULL)`,
		} {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		return nil
	})
}

// checkOwner compares the identity of the schema with the state's. Only a state that
// never had rows gets a new schema.
func (e *Engine) checkOwner(ctx context.Context, tx pgx.Tx) error {
	expected, last, err := e.config.State.RowsIdentity(ctx)
	if err != nil {
		return err
	}
	found, err := e.readIdentity(ctx, tx)
	if err != nil {
		return err
	}
	switch {
	case expected == "" && found == "":
		if expected, err = e.adopt(ctx, tx); err != nil {
			return err
		}
	case found != expected:
		return e.otherRows(found, expected, last)
	}
	e.identity = expected
	return e.config.State.SaveRowsIdentity(ctx, expected, e.place, e.config.Now())
}

// adopt writes an identity into the schema.
func (e *Engine) adopt(ctx context.Context, tx pgx.Tx) (string, error) {
	known, err := e.config.State.RowsDatasets(ctx)
	if err != nil {
		return "", err
	}
	if len(known) > 0 {
		return "", e.otherRows("", "", "")
	}
	made := "rows_" + strings.ToLower(rand.Text())
	_, err = tx.Exec(ctx, "INSERT INTO "+e.table("identity")+" VALUES (1, $1) ON CONFLICT DO NOTHING", made)
	if err != nil {
		return "", fmt.Errorf("writing the identity of the rows: %w", err)
	}
	return e.readIdentity(ctx, tx)
}

// rowQuerier reads a row: a pool or a transaction.
type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// readIdentity returns the identity of the schema; or "" if it has none.
func (e *Engine) readIdentity(ctx context.Context, on rowQuerier) (identity string, err error) {
	err = on.QueryRow(ctx, "SELECT identity FROM "+e.table("identity")).Scan(&identity)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading the identity of the rows in %s: %w", e.place, err)
	}
	return identity, nil
}

// IdentityError reports a schema whose identity isn't the one that the state
// expects. "none" means no identity.
type IdentityError struct{ Found, Expected string }

// Error names both identities, but no address.
func (e *IdentityError) Error() string {
	return fmt.Sprintf("the rows have the identity %s, but the state expects %s", e.Found, e.Expected)
}

func (e *Engine) otherRows(found, expected, last string) error {
	other := &IdentityError{Found: cmp.Or(found, "none"), Expected: cmp.Or(expected, "none")}
	p := problem.Wrap(other, problem.Conflict,
		"%s doesn't have the rows of this state: their identity is %s, but the state expects %s.", e.place,
		other.Found,
		other.Expected)
	if last != "" && last != e.place {
		return p.WithHint("The rows were in %s. Set rows to that place, or start with an empty state.", last)
	}
	return p.WithHint("Restore the rows that belong to this state, or start with the state that belongs to them.")
}

// checkIdentity returns a problem when the schema isn't the one that was opened.
func (e *Engine) checkIdentity(ctx context.Context) error {
	found, err := e.readIdentity(ctx, e.pool)
	if err == nil && found != e.identity {
		err = e.otherRows(found, e.identity, "")
	}
	return err
}

// Health returns an error if the database doesn't respond or has another identity.
func (e *Engine) Health(ctx context.Context) error { return e.checkIdentity(ctx) }
