// Package segment stores rows in immutable Parquet files, sorted by the index
// of their dataset. The state database lists the files of each dataset.
//
//	DIR/rows/ID                     identity of the folder
//	DIR/rows/DATASET/SEGMENT.parquet
//
// A load writes its rows to new files and then commits them in one transaction
// of the state database, with its ledger entries, its rejected rows and its own
// record. Deleted and replaced rows are marked in the manifest. A commit names
// the version of the dataset that it builds on. If another commit comes first,
// it starts over on that one's version.
//
// A read works on a snapshot: a version's files and marks. It runs no SQL and
// waits for no commit. Files are kept until the last snapshot with them is
// released.
package segment

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/windlass-io/windlass/internal/disk"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
)

// State stores manifests; *store.Store implements it.
type State = staged.State

// Config configures where rows are stored, and limits memory and disk. Every
// field without "optional" is required.
type Config struct {
	Dir    string // the folder; created if neither it nor an identity exists
	State  State
	Now    func() time.Time
	Logger *slog.Logger
	// Compacted is called with the outcome of each compaction in the background:
	// done, conflict, failed or skipped_disk. Optional.
	Compacted func(outcome string)
	// MemoryBytes bounds the page cache and the rows that loads sort. Optional:
	// default 512 MiB.
	MemoryBytes int64
	// ReserveBytes is the space on the disk to leave free. Optional: the
	// smaller of 1 GiB and 5 % of the disk.
	ReserveBytes int64
	// Space returns the free and the total bytes of a folder's disk. Optional:
	// those of the operating system.
	Space func(dir string) (free, total int64, err error)
	// RunBytes is the amount of data that a load sorts at a time. Optional:
	// an eighth of MemoryBytes, at most 128 MiB.
	RunBytes int64
	// Compact starts compaction in the background. Optional.
	Compact bool
}

const (
	defaultMemoryBytes = 512 << 20
	cacheShare         = 4 // of the memory
	maxRunBytes        = 128 << 20
	minRunBytes        = 4 << 20
)

// Engine is an [engine.Engine] over a folder of Parquet files.
type Engine struct {
	config   Config
	identity string // of the folder
	lock     *os.File
	cache    *parquetfile.Cache
	space    reserve
	damage   damageLog
	compact  compactor
	files    files
	seen     filesSeen
	sorting  atomic.Int64 // bytes of rows that loads have in memory
	left     atomic.Bool  // whether files were left to a sweep
	pinned   func() bool

	mu       sync.Mutex
	datasets map[string]*entry
	writing  map[string]bool // files being written, by segment ID
	closed   bool
}

// Open opens the folder, or creates it if the state has no rows yet. It
// compares the folder's identity with the state's and removes files that no
// manifest names. If the folder is missing or isn't the right one, the error
// is a problem with code conflict that names both identities.
func Open(ctx context.Context, config Config) (*Engine, error) {
	if config.Dir == "" || config.State == nil || config.Now == nil || config.Logger == nil {
		return nil, errors.New("segment: Dir, State, Now and Logger are required")
	}
	if config.MemoryBytes <= 0 {
		config.MemoryBytes = defaultMemoryBytes
	}
	if config.RunBytes <= 0 {
		config.RunBytes = max(minRunBytes, min(maxRunBytes, config.MemoryBytes/8))
	}
	if config.Space == nil {
		config.Space = disk.Space
	}
	e := &Engine{config: config, datasets: map[string]*entry{}, writing: map[string]bool{}}
	e.space = reserve{dir: config.Dir, bytes: config.ReserveBytes, space: config.Space}
	e.damage = damageLog{logger: config.Logger}
	e.pinned = pinsOf(&config) //nolint:contextcheck // releasing a file has no context
	var err error
	if e.cache, err = parquetfile.NewCache(e.MaxCacheBytes()); err != nil {
		return nil, err
	}
	if err = e.openFolder(ctx); err == nil {
		err = e.Sweep(ctx)
	}
	if err == nil {
		err = e.lookForFiles(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if config.Compact {
		e.compact.start(ctx, e)
	}
	return e, nil
}

// Close ends compaction and closes all files. No load and no Rows may be open.
func (e *Engine) Close() error {
	e.compact.stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil
	}
	e.closed = true
	for _, entry := range e.datasets {
		e.dropFormer(entry)
		if entry.current != nil {
			entry.current.release()
			entry.current = nil
		}
	}
	e.cache.Close()
	if e.lock == nil {
		return nil
	}
	return e.lock.Close()
}
