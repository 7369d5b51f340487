package segment

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
)

// Health has the findings of [Engine.Health] for the right folder.
type Health struct {
	Damaged []string // names of files that are known to be damaged or missing
	Short   string   // why loads stop: the disk is nearly full; empty when it isn't
}

// Lines returns one line for each fault.
func (h Health) Lines() []string {
	var lines []string
	for _, name := range h.Damaged {
		lines = append(lines, "damaged: "+name)
	}
	if h.Short != "" {
		lines = append(lines, "disk: "+h.Short)
	}
	return lines
}

// healthEvery is the minimum interval between checks for the files of all datasets.
const healthEvery = 10 * time.Second

// filesSeen is the time of the last check for the files of all datasets.
type filesSeen struct {
	mu sync.Mutex
	at time.Time
}

// Health returns an error if the folder is missing or isn't the right one.
// Otherwise it returns the damaged files and whether the disk has room. It only
// checks the sizes of files; [Engine.Check] reads them.
func (e *Engine) Health(ctx context.Context) (Health, error) {
	if err := e.checkIdentity(); err != nil {
		return Health{}, err
	}
	if err := e.lookForFiles(ctx); err != nil {
		return Health{}, err
	}
	h := Health{Damaged: e.damage.names()}
	if err := e.space.check(0); err != nil {
		h.Short = err.Error()
	}
	return h, nil
}

// lookForFiles checks that the files of all datasets exist, unless it did so
// recently.
func (e *Engine) lookForFiles(ctx context.Context) error {
	e.seen.mu.Lock()
	defer e.seen.mu.Unlock()
	if e.config.Now().Sub(e.seen.at) < healthEvery {
		return nil
	}
	ids, err := e.config.State.RowsDatasets(ctx)
	if err != nil {
		return err
	}
	for _, datasetID := range ids {
		if err := e.use(ctx, datasetID, e.lookForFilesOf(ctx)); err != nil {
			return err
		}
	}
	e.seen.at = e.config.Now()
	return nil
}

func (e *Engine) lookForFilesOf(ctx context.Context) func(*entry, *snapshot) error {
	return func(d *entry, s *snapshot) error {
		missing, err := missingFiles(ctx, d, s)
		for _, m := range missing {
			_ = e.damage.report(d.id, m.ID, fs.ErrNotExist) // recorded, and returned by names
		}
		return err
	}
}

// missingFiles returns the segments of a snapshot whose files are missing, or
// have another size.
func missingFiles(ctx context.Context, d *entry, s *snapshot) ([]manifest.Segment, error) {
	if len(s.segments) == 0 {
		return nil, nil
	}
	found, err := d.folder.List(ctx)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("looking for the files of dataset %s: %w", d.id, err)
	}
	sizes := make(map[string]int64, len(found))
	for _, f := range found {
		sizes[f.Name] = f.Size
	}
	var missing []manifest.Segment
	for _, p := range s.segments {
		if size, ok := sizes[fileName(p.ID)]; !ok || size != p.Bytes {
			missing = append(missing, p.Segment)
		}
	}
	return missing, nil
}

// names returns the damaged files that are known, in order.
func (l *damageLog) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := make([]string, 0, len(l.known))
	for _, name := range l.known {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
