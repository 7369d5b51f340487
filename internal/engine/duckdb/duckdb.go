// Package duckdb keeps rows in one DuckDB file.
//
// Each dataset has a table of its own, named after its identifier, whose
// columns are c0, c1, … in the order in which they first came, followed by
// _seq (the order of loading), _updated and _load. The tables windlass_dataset
// and windlass_column say which column is which; windlass_ledger and
// windlass_reject hold what their names say.
//
// A load is staged in temporary tables of its own connection, which vanish
// with it, and merged into the dataset's table in one short transaction
// together with its rejected rows and its ledger entries. There are no primary
// keys on rows: duplicates are found set by set. Transactions that write are
// done one at a time; reads run beside them on a small pool of connections.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/problem"
)

// Config says where the rows are kept and what that may cost.
type Config struct {
	Path        string // the file; required; its directory must exist
	MemoryBytes int64  // what DuckDB may use before it spills to the disk; default 512 MiB
	Threads     int    // DuckDB's worker threads; default: as many as the process has processors
	Readers     int    // reads at once, each on a connection of its own; default 8
}

const (
	defaultMemoryBytes = 512 << 20
	defaultReaders     = 8
)

// Engine is an engine.Engine over one DuckDB file, which no other process can
// open meanwhile.
type Engine struct {
	database bindings.Database
	readers  *pool
	writing  lock // held by the one transaction that writes

	mu      sync.RWMutex
	tables  map[string]*table // by dataset; a *table is never changed, only replaced
	loading map[string]lock   // by dataset; held from Begin to Commit or Rollback
	closed  bool
}

// Open opens the file, or makes it, and recovers what a crash left: a load
// that had not committed leaves nothing. A file that another process has open
// answers a problem of code conflict.
func Open(ctx context.Context, config Config) (*Engine, error) {
	if config.Path == "" {
		return nil, errors.New("duckdb: no path")
	}
	database, err := openDatabase(config)
	if err != nil {
		return nil, err
	}
	e := &Engine{
		database: database,
		writing:  newLock(),
		loading:  map[string]lock{},
	}
	if err := e.prepare(ctx); err != nil {
		bindings.Close(&e.database)
		return nil, err
	}
	e.readers = newPool(&e.database, orDefault(config.Readers, defaultReaders))
	return e, nil
}

func openDatabase(config Config) (bindings.Database, error) {
	settings, err := settings(config)
	if err != nil {
		return bindings.Database{}, err
	}
	var c bindings.Config
	if bindings.CreateConfig(&c) == bindings.StateError {
		return bindings.Database{}, errors.New("duckdb: no memory for a configuration")
	}
	defer bindings.DestroyConfig(&c)
	for _, s := range settings {
		if bindings.SetConfig(c, s[0], s[1]) == bindings.StateError {
			return bindings.Database{}, fmt.Errorf("duckdb does not know the setting %s=%s", s[0], s[1])
		}
	}
	var database bindings.Database
	var message string
	if bindings.OpenExt(config.Path, &database, c, &message) == bindings.StateError {
		bindings.Close(&database)
		if strings.Contains(message, "lock") {
			return database, problem.Wrap(errors.New(message), problem.Conflict,
				"The rows in %s are in use by another process.", filepath.Base(config.Path)).
				WithHint("Stop the other process, or give this one another data directory.")
		}
		return database, fmt.Errorf("opening %s: %s", config.Path, message)
	}
	return database, nil
}

func settings(config Config) ([][2]string, error) {
	spill := config.Path + ".spill"
	if err := os.MkdirAll(spill, 0o700); err != nil {
		return nil, fmt.Errorf("making the directory that DuckDB spills to: %w", err)
	}
	return [][2]string{
		{"memory_limit", strconv.FormatInt(orDefault(config.MemoryBytes, defaultMemoryBytes), 10) + "B"},
		{"threads", strconv.Itoa(orDefault(config.Threads, runtime.GOMAXPROCS(0)))},
		{"temp_directory", spill},
		// Late materialisation makes the last row of a key five times slower.
		{"disabled_optimizers", "late_materialization"},
		// SQL reaches the tables and nothing else.
		{"enable_external_access", "false"},
		{"autoinstall_known_extensions", "false"},
		{"autoload_known_extensions", "false"},
		{"allow_community_extensions", "false"},
	}, nil
}

// prepare makes the engine's own tables and reads what they say.
func (e *Engine) prepare(ctx context.Context) error {
	c, err := connect(&e.database)
	if err != nil {
		return err
	}
	defer c.close()
	if _, err := c.exec(ctx, catalogSQL); err != nil {
		return fmt.Errorf("making the engine's own tables: %w", err)
	}
	e.tables, err = readTables(ctx, c)
	return err
}

// Close waits for nobody: no load and no Rows may be open. It is called once.
func (e *Engine) Close() error {
	e.mu.Lock()
	closed := e.closed
	e.closed = true
	e.mu.Unlock()
	if closed {
		return nil
	}
	e.readers.close()
	bindings.Close(&e.database)
	return nil
}

// table finds what is known of a dataset's table; nil when it has none.
func (e *Engine) table(datasetID string) *table {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.tables[datasetID]
}

func (e *Engine) setTable(datasetID string, t *table) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t == nil {
		delete(e.tables, datasetID)
		return
	}
	e.tables[datasetID] = t
}

// lockDataset waits until no other load, deletion or drop is at work on the
// dataset. The returned function lets the next one in.
func (e *Engine) lockDataset(ctx context.Context, datasetID string) (release func(), err error) {
	e.mu.Lock()
	l, ok := e.loading[datasetID]
	if !ok {
		l = newLock()
		e.loading[datasetID] = l
	}
	e.mu.Unlock()
	if err := l.acquire(ctx); err != nil {
		return nil, fmt.Errorf("waiting for another load of %s: %w", datasetID, err)
	}
	return l.release, nil
}

// lock is a mutex whose wait ends with a context.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

func (l lock) acquire(ctx context.Context) error {
	select {
	case l <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (l lock) release() { <-l }

func orDefault[T int | int64](value, preset T) T {
	if value <= 0 {
		return preset
	}
	return value
}
