package segment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/telemetry"
)

func (e *Engine) folderOf(datasetID string) parquetfile.Folder {
	return parquetfile.Folder(filepath.Join(e.config.Dir, datasetID))
}

// newFile returns the ID of a new segment. The sweep keeps its file until
// forget is called.
func (e *Engine) newFile(d *entry) (string, error) {
	if err := os.Mkdir(string(d.folder), 0o700); err == nil {
		err = parquetfile.Folder(e.config.Dir).Sync()
		if err != nil {
			return "", fmt.Errorf("making the folder of dataset %s: %w", d.id, err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("making the folder of dataset %s: %w", d.id, err)
	}
	segmentID := id.New("seg", e.config.Now())
	e.mu.Lock()
	defer e.mu.Unlock()
	e.writing[segmentID] = true
	return segmentID, nil
}

// forget ends the protection of a file by newFile. The manifest or the sweep
// decides about it.
func (e *Engine) forget(segmentID string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.writing, segmentID)
}

// removeFile deletes a file, and the folder if that was the last one. If that
// fails, the sweep tries it again.
func (e *Engine) removeFile(d *entry, segmentID string) {
	e.damage.forget(segmentID)
	if err := d.folder.Remove(fileName(segmentID)); err != nil {
		e.config.Logger.Warn(telemetry.SegmentNotRemoved, "dataset", d.id, "segment", segmentID, "cause", err)
	}
}

// pinTimeout limits the query whether a backup pins the files.
const pinTimeout = 5 * time.Second

// retireFile deletes a file that no version uses any more. While a backup pins
// the files, it leaves the file to a later sweep.
func (e *Engine) retireFile(d *entry, segmentID string) {
	if e.pinned() {
		e.left.Store(true)
		return
	}
	e.removeFile(d, segmentID)
}

// pinsOf returns a function that reports whether files are pinned, or may be.
func pinsOf(config *Config) func() bool {
	state, now := config.State, config.Now
	return func() bool { // for the last holder of a file, which has no context
		ctx, cancel := context.WithTimeout(context.Background(), pinTimeout)
		defer cancel()
		pinned, err := state.RowsPinned(ctx, now())
		return pinned || err != nil
	}
}

// SweepLeft calls Sweep if files were kept because of a backup that no longer
// pins them.
func (e *Engine) SweepLeft(ctx context.Context) error {
	if !e.left.Load() {
		return nil
	}
	if pinned, err := e.config.State.RowsPinned(ctx, e.config.Now()); err != nil || pinned {
		return err
	}
	e.left.Store(false)
	err := e.Sweep(ctx)
	if err != nil {
		e.left.Store(true)
	}
	return err
}

// datasetFolders returns the names of the folders of datasets.
func (e *Engine) datasetFolders() ([]string, error) {
	found, err := os.ReadDir(e.config.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the folder of the rows: %w", err)
	}
	var names []string
	for _, f := range found {
		if f.IsDir() && staged.CheckID(f.Name()) == nil {
			names = append(names, f.Name())
		}
	}
	return names, nil
}

// Sweep removes files that no manifest names: those of loads that didn't
// commit, and those that couldn't be removed before.
func (e *Engine) Sweep(ctx context.Context) error {
	names, err := e.datasetFolders()
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := e.sweepDataset(ctx, name); err != nil {
			return fmt.Errorf("removing what is left of dataset %s: %w", name, err)
		}
	}
	return nil
}

func (e *Engine) sweepDataset(ctx context.Context, datasetID string) error {
	folder := e.folderOf(datasetID)
	files, err := folder.List(ctx)
	if err != nil {
		return err
	}
	kept, err := e.inUse(ctx, datasetID) // read after the list, so that it includes what was committed meanwhile
	if err != nil {
		return err
	}
	pinned, err := e.config.State.RowsPinned(ctx, e.config.Now()) // read after the manifest; see package backup
	if err != nil {
		return err
	}
	if pinned {
		e.left.Store(true)
		return nil
	}
	left := 0
	for _, f := range files {
		segmentID, ok := strings.CutSuffix(f.Name, ".parquet")
		if ok && (kept[segmentID] || e.files.has(segmentID)) {
			left++
			continue
		}
		if err := folder.Remove(f.Name); err != nil {
			return err
		}
	}
	if left == 0 && len(kept) == 0 {
		_ = os.Remove(string(folder)) // fails if a load has just created a file in it
	}
	return nil
}

// inUse returns the segments of a dataset that are in a manifest, being written
// or being read.
func (e *Engine) inUse(ctx context.Context, datasetID string) (map[string]bool, error) {
	kept := map[string]bool{}
	e.mu.Lock()
	for segmentID := range e.writing {
		kept[segmentID] = true
	}
	e.mu.Unlock()
	version, err := e.config.State.RowsDataset(ctx, datasetID)
	for _, s := range version.Segments {
		kept[s.ID] = true
	}
	return kept, err
}
