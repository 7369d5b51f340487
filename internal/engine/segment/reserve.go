package segment

import (
	"fmt"

	"github.com/windlass-io/windlass/internal/disk"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// checkEvery is the number of bytes to write between checks of the disk.
const checkEvery = 8 << 20

// reserve keeps a part of the disk free.
type reserve struct {
	dir   string
	bytes int64 // 0: the default
	space func(dir string) (free, total int64, err error)
}

// check returns a problem if writing this many more bytes would use the reserve.
func (r *reserve) check(more int64) error {
	free, total, err := r.space(r.dir)
	if err != nil {
		return fmt.Errorf("measuring the disk of %s: %w", r.dir, err)
	}
	keep := r.keep(total)
	if free-more >= keep {
		return nil
	}
	return problem.New(problem.TooLarge, "The disk with the rows is full: %d MiB are free, and %d MiB are "+
		"reserved.", free>>20, keep>>20).
		WithHint("Free space on the disk of %s or delete rows. Reads continue; none of the load's rows were "+
			"kept.", r.dir)
}

func (r *reserve) keep(total int64) int64 { return disk.Reserve(r.bytes, total) }

// folder is a dataset's folder. Writes to its files fail when they would use
// the reserve.
type folder struct {
	parquetfile.Folder
	reserve *reserve
}

// Create creates a new file.
func (f folder) Create(name string) (parquetfile.NewFile, error) {
	if err := f.reserve.check(0); err != nil {
		return nil, err
	}
	file, err := f.Folder.Create(name)
	if err != nil {
		return nil, err
	}
	return &guarded{NewFile: file, reserve: f.reserve}, nil
}

// guarded is a file whose writes fail when the disk has no room.
type guarded struct {
	parquetfile.NewFile
	reserve *reserve
	since   int // bytes written since the last check of the disk
}

// Write writes to the file.
func (g *guarded) Write(b []byte) (int, error) {
	if g.since += len(b); g.since >= checkEvery {
		g.since = 0
		if err := g.reserve.check(int64(len(b))); err != nil {
			return 0, err
		}
	}
	return g.NewFile.Write(b)
}

// Space returns the free bytes on the disk with the rows, and how many of them
// loads leave free.
func (e *Engine) Space() (free, reserved int64, err error) {
	free, total, err := e.space.space(e.space.dir)
	if err != nil {
		return 0, 0, fmt.Errorf("measuring the disk of %s: %w", e.space.dir, err)
	}
	return free, e.space.keep(total), nil
}
