package segment_test

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
	"github.com/windlass-io/windlass/internal/engine/segment"
	"github.com/windlass-io/windlass/internal/store"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(enginetest.Main(m, open)) }

// opened is an engine with its own state.
type opened struct {
	*segment.Engine
	state *store.Store
	dir   string // of the rows
}

func (o *opened) Close() error { return errors.Join(o.Engine.Close(), o.state.Close()) }

// open opens the engine in a folder. Its state is a SQLite file there, unless
// the folder has a file with the address of another one.
func open(ctx context.Context, dir string) (engine.Engine, error) { return openWith(ctx, dir, small) }

// openWith opens an engine with a changed configuration.
func openWith(ctx context.Context, dir string, change func(*segment.Config)) (*opened, error) {
	dsn := filepath.Join(dir, "state.db")
	if address, err := os.ReadFile(filepath.Join(dir, "address")); err == nil {
		dsn = string(address)
	} else if err := storetest.Create(dsn); err != nil {
		return nil, err
	}
	state, err := store.Open(ctx, store.Config{DSN: dsn})
	if err != nil {
		return nil, err
	}
	config := segment.Config{
		Dir: filepath.Join(dir, "rows"), State: state, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		ReserveBytes: 1 << 20, Compact: true,
	}
	change(&config)
	e, err := segment.Open(ctx, config)
	if err != nil {
		return nil, errors.Join(err, state.Close())
	}
	return &opened{e, state, config.Dir}, nil
}

// small sets limits with which a load of a few thousand rows has several files.
func small(c *segment.Config) { c.RunBytes = 64 << 10 }

func TestEngineOnSQLite(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, open)
}

func TestEngineOnPostgreSQL(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)
	enginetest.Run(t, func(ctx context.Context, dir string) (engine.Engine, error) {
		file := filepath.Join(dir, "address")
		if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
			if err := os.WriteFile(file, []byte(address()), 0o600); err != nil {
				return nil, err
			}
		}
		return open(ctx, dir)
	})
}
