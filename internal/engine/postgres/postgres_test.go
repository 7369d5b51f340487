package postgres_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/enginetest"
	"github.com/windlass-io/windlass/internal/engine/postgres"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Main(m, open)) }

// opened is an engine with its own state.
type opened struct {
	*postgres.Engine
	state *store.Store
}

func (o *opened) Close() error { return errors.Join(o.Engine.Close(), o.state.Close()) }

// open opens an engine whose rows are at the address in a file of the folder. Its
// state is a SQLite file there, unless another file has an address of one.
func open(ctx context.Context, dir string) (engine.Engine, error) { return openIn(ctx, dir) }

func openIn(ctx context.Context, dir string) (*opened, error) {
	rows, err := os.ReadFile(filepath.Join(dir, "rows"))
	if err != nil {
		return nil, err
	}
	dsn := filepath.Join(dir, "state.db")
	if address, err := os.ReadFile(filepath.Join(dir, "address")); err == nil {
		dsn = string(address)
	}
	state, err := store.Open(ctx, store.Config{DSN: dsn})
	if err != nil {
		return nil, err
	}
	e, err := postgres.Open(ctx, postgres.Config{
		Address: string(rows), State: state, Now: time.Now, Logger: slog.New(slog.DiscardHandler), Connections: 4,
	})
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}
	return &opened{e, state}, nil
}

// within writes the addresses of a test into its folder, and opens the engine.
func within(rows func() string, state func() string) enginetest.Open {
	return func(ctx context.Context, dir string) (engine.Engine, error) {
		for name, address := range map[string]func() string{"rows": rows, "address": state} {
			file := filepath.Join(dir, name)
			if _, err := os.Stat(file); address == nil || !errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err := os.WriteFile(file, []byte(address()), 0o600); err != nil {
				return nil, err
			}
		}
		return open(ctx, dir)
	}
}

// TestEngineWithStateInSQLite stores the state in a file, and only rows in
// PostgreSQL.
func TestEngineWithStateInSQLite(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, within(storetest.Address(t), nil))
}

// TestEngineWithStateInPostgreSQL stores rows and state in one database.
func TestEngineWithStateInPostgreSQL(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, within(storetest.Address(t), storetest.Address(t)))
}

// TestEngineOnCitus stores rows on Citus, each dataset on one worker, and the state in
// a file.
func TestEngineOnCitus(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, within(storetest.Citus(t), nil))
}

func TestNodesOnCitus(t *testing.T) {
	t.Parallel()
	enginetest.RunNodes(t, within(storetest.Citus(t), storetest.Address(t)))
}
