package segment

import (
	"sync"
	"sync/atomic"

	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/telemetry/hits"
)

// files has the files of all snapshots, without duplicates.
type files struct {
	mu   sync.Mutex
	byID map[string]*file // by segment

	footers hits.Counter // whether a file had been opened
}

// file is the file of a segment, opened when it is first read.
type file struct {
	engine *Engine
	entry  *entry
	id     string

	holders int  // number of snapshots with the file; guarded by files.mu
	removed bool // the segment was removed; guarded by files.mu

	opening sync.Mutex
	reader  atomic.Pointer[parquetfile.Reader]
}

// take returns the file of a segment and adds a holder.
func (f *files) take(e *Engine, d *entry, segmentID string) *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.byID[segmentID]
	if found == nil {
		found = &file{engine: e, entry: d, id: segmentID}
		if f.byID == nil {
			f.byID = map[string]*file{}
		}
		f.byID[segmentID] = found
	}
	found.holders++
	return found
}

// has reports whether a snapshot has the file of a segment.
func (f *files) has(segmentID string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.byID[segmentID] != nil
}

// remove deletes the file once no snapshot has it any more.
func (f *file) remove() {
	f.engine.files.mu.Lock()
	defer f.engine.files.mu.Unlock()
	f.removed = true
}

// release releases the file. The last holder closes it.
func (f *file) release() {
	all := &f.engine.files
	all.mu.Lock()
	f.holders--
	last, removed := f.holders == 0, f.removed
	if last {
		delete(all.byID, f.id)
	}
	all.mu.Unlock()
	if !last {
		return
	}
	if r := f.reader.Load(); r != nil {
		_ = r.Close() // read only
	}
	if removed {
		f.engine.retireFile(f.entry, f.id)
	}
}

// open returns the reader of the file.
func (f *file) open() (*parquetfile.Reader, error) {
	if r := f.reader.Load(); f.engine.files.footers.Count(r != nil) {
		return r, nil
	}
	f.opening.Lock()
	defer f.opening.Unlock()
	if r := f.reader.Load(); r != nil {
		return r, nil
	}
	r, err := parquetfile.Open(f.entry.folder, fileName(f.id), f.engine.cache)
	if err != nil {
		return nil, f.engine.damage.report(f.entry.id, f.id, err)
	}
	f.reader.Store(r)
	return r, nil
}

func fileName(segmentID string) string { return segmentID + ".parquet" }
