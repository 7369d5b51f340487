// Package postgres stores rows in PostgreSQL tables, which several nodes can
// share. The state database has the latest version of each dataset and the table
// with its rows.
//
//	SCHEMA.identity    identity of the schema
//	SCHEMA.version     versions that retired rows or a table, until these are removed
//	SCHEMA.pin         versions that long reads need
//	SCHEMA.seg_…       rows of one dataset
//
// Each row has the versions from which and before which it exists. A load stages
// its rows in a temporary table, merges them in one transaction as rows of the next
// version, and then records that version in the state, with its ledger entries, its
// rejected rows and its own record. This second transaction decides; it stays open
// until the rows are durable. Rows of a version that the state doesn't have are
// invisible, and the next commit removes them.
//
// A read selects the rows of one version in separate statements, so a slow
// client doesn't keep a transaction open, and every read sees only whole
// commits.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// Config configures the engine. Every field without "optional" is required.
type Config struct {
	Address string // postgres://…; its search_path, if set, is the schema
	State   staged.State
	Now     func() time.Time
	Logger  *slog.Logger
	// Connections limits the connections for reads, and separately those for loads.
	// Optional: default 8.
	Connections int
	// Node is the ID of this node, and Lost reports whether another one has ended
	// or wasn't seen for too long: loads then stop waiting for that node's loads.
	// Optional.
	Node string
	Lost func(ctx context.Context, nodeID string) (bool, error)
	// Wrote is called after each change of rows, with the time of its transactions.
	// Optional.
	Wrote func(took time.Duration)
	// Collect removes retired rows in the background. Optional.
	Collect bool
}

const (
	defaultConnections = 8
	defaultSchema      = "windlass_rows"
	minVersion         = 150000 // of PostgreSQL
)

// Engine is an [engine.Engine] over tables of PostgreSQL.
type Engine struct {
	config   Config
	pool     *pgxpool.Pool // for reads
	writers  *pgxpool.Pool // for loads, which use one connection each
	schema   string
	place    string // host and database, without a password
	identity string
	citus    bool
	collect  collector

	mu       sync.Mutex
	datasets map[string]*entry
	closed   bool
}

// Open connects to the database, creates the schema if there is none, and compares
// its identity with the state's. If they differ, the error is a problem with code
// conflict that names both.
func Open(ctx context.Context, config Config) (*Engine, error) {
	if config.Address == "" || config.State == nil || config.Now == nil || config.Logger == nil {
		return nil, errors.New("postgres: Address, State, Now and Logger are required")
	}
	if config.Connections <= 0 {
		config.Connections = defaultConnections
	}
	e := &Engine{config: config, datasets: map[string]*entry{}}
	err := e.connect(ctx)
	if err == nil {
		err = e.setUp(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if config.Collect {
		e.collect.start(ctx, e)
	}
	return e, nil
}

// connect opens the pools.
func (e *Engine) connect(ctx context.Context) error {
	parsed, err := pgxpool.ParseConfig(e.config.Address)
	if err != nil { // the cause may show the password
		return problem.New(problem.Invalid, "The address of the rows isn't valid.").
			WithHint("Use the form postgres://USER@HOST/DATABASE.")
	}
	connection := parsed.ConnConfig
	e.place = fmt.Sprintf("PostgreSQL at %s, database %s", connection.Host, connection.Database)
	if e.schema = connection.RuntimeParams["search_path"]; e.schema == "" {
		e.schema = defaultSchema
	}
	parsed.MaxConns = int32(min(e.config.Connections, 1000)) //nolint:gosec // bounded
	parsed.MaxConnLifetime = 30 * time.Minute
	if e.pool, err = pgxpool.NewWithConfig(ctx, parsed); err != nil {
		return fmt.Errorf("opening the rows in %s: %w", e.place, err)
	}
	writers := parsed.Copy()
	e.name(writers.ConnConfig)
	writers.AfterConnect = limitIdle
	writers.AfterRelease = func(c *pgx.Conn) bool { return c.PgConn().TxStatus() == 'I' }
	if e.writers, err = pgxpool.NewWithConfig(ctx, writers); err != nil {
		return fmt.Errorf("opening the rows in %s: %w", e.place, err)
	}
	if err := e.pool.Ping(ctx); err != nil {
		return problem.Wrap(err, problem.Unavailable, "The rows can't be opened: %s doesn't respond.", e.place)
	}
	return nil
}

// Close closes all connections. No load and no Rows may be open.
func (e *Engine) Close() error {
	e.collect.stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	if e.pool != nil {
		e.pool.Close()
	}
	if e.writers != nil {
		e.writers.Close()
	}
	return nil
}

// Place returns the location of the rows, without a password.
func (e *Engine) Place() string { return e.place }

// Identity returns the identity of the schema.
func (e *Engine) Identity() string { return e.identity }

// Connections returns how the connections are used, and for how long callers have
// waited for one since the start.
func (e *Engine) Connections() (used, idle, most int, waited time.Duration) {
	for _, pool := range []*pgxpool.Pool{e.pool, e.writers} {
		stat := pool.Stat()
		used += int(stat.AcquiredConns())
		idle += int(stat.IdleConns())
		most += int(stat.MaxConns())
		waited += stat.EmptyAcquireWaitTime()
	}
	return used, idle, most, waited
}

// table returns the quoted name of a table of the schema.
func (e *Engine) table(name string) string { return pgx.Identifier{e.schema, name}.Sanitize() }
