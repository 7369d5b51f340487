package segment

import (
	"cmp"
	"context"
	"errors"
	"math/bits"
	"slices"
	"sync"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/telemetry"
	"github.com/windlass-io/windlass/internal/telemetry/traces"
)

// Limits that decide when segments are merged.
const (
	tierSegments = 4         // of about the same size
	tierUnit     = 256 << 10 // bytes of the smallest tier; each further one is four times as large
)

// maxStale limits how often a compaction starts over because commits change
// its segments. Then it waits for the next one.
const maxStale = 3

// compactor merges segments in the background, one dataset at a time.
type compactor struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	wake   chan struct{}

	mu      sync.Mutex
	waiting map[string]bool // datasets that changed
}

func (c *compactor) start(ctx context.Context, e *Engine) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // until stop
	c.cancel, c.wake, c.waiting = cancel, make(chan struct{}, 1), map[string]bool{}
	c.done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-c.wake:
			}
			for id := c.take(); id != "" && ctx.Err() == nil; id = c.take() {
				if err := e.Compact(ctx, id); err != nil && ctx.Err() == nil {
					e.compacted("failed")
					e.config.Logger.WarnContext(ctx, telemetry.CompactionFailed, "dataset", id, "cause", err)
				}
			}
		}
	})
}

func (c *compactor) stop() {
	if c.cancel != nil {
		c.cancel()
		c.done.Wait()
	}
}

// nudge asks for a check of a dataset. It never blocks.
func (c *compactor) nudge(datasetID string) {
	if c.cancel == nil {
		return
	}
	c.mu.Lock()
	c.waiting[datasetID] = true
	c.mu.Unlock()
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *compactor) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id := range c.waiting {
		delete(c.waiting, id)
		return id
	}
	return ""
}

// Compact merges segments of a dataset until no more need merging. It does
// nothing while the disk is nearly full.
func (e *Engine) Compact(ctx context.Context, datasetID string) error {
	for stale := 0; stale < maxStale; {
		more, err := e.compactSome(ctx, datasetID)
		switch {
		case errors.Is(err, errStale):
			e.compacted("conflict")
			stale++
		case err != nil || !more:
			return err
		}
	}
	return nil
}

func (e *Engine) compacted(outcome string) {
	if e.config.Compacted != nil {
		e.config.Compacted(outcome)
	}
}

// compactSome merges some segments into one. It reports whether there may be
// more to merge.
func (e *Engine) compactSome(ctx context.Context, datasetID string) (more bool, err error) {
	err = e.use(ctx, datasetID, func(d *entry, base *snapshot) error {
		chosen := choose(base)
		if len(chosen) == 0 {
			return nil
		}
		for _, p := range chosen {
			if err := e.space.check(p.Bytes); err != nil {
				e.compacted("skipped_disk")
				return nil //nolint:nilerr // not now: the disk is short
			}
		}
		more, err = e.merge(ctx, d, base, chosen)
		return err
	})
	return more, err
}

// merge writes one segment for several and commits it. If other commits change
// the segments meanwhile, it starts over, up to maxStale times.
func (e *Engine) merge(ctx context.Context, d *entry, base *snapshot, chosen []part) (_ bool, err error) {
	ctx, span := traces.Begin(ctx, "compact", traces.ID("dataset", d.id))
	defer func() { span.End(err) }()
	merged, err := e.writeMerged(ctx, d, base, chosen)
	if err != nil {
		return false, e.damaged(d.id, err)
	}
	kept := false
	defer func() {
		if !kept {
			e.removeFile(d, merged.ID)
		}
		e.forget(merged.ID)
	}()
	for {
		err := e.use(ctx, d.id, func(_ *entry, now *snapshot) error {
			return e.commitMerged(ctx, d, now, chosen,
				merged)
		})
		if errors.Is(err, manifest.ErrCrossed) {
			continue
		}
		kept = err == nil || isLost(err)
		if err == nil {
			e.compacted("done")
			e.config.Logger.InfoContext(ctx, telemetry.CompactionDone, "dataset", d.id, "segments", len(chosen),
				"bytes", merged.Bytes)
		}
		return err == nil, err
	}
}

// errStale reports that segments changed while they were merged.
var errStale = errors.New("the segments changed")

func (e *Engine) writeMerged(ctx context.Context, d *entry, base *snapshot, chosen []part) (manifest.Segment, error) {
	sources := make([]parquetfile.Source, len(chosen))
	for i := range chosen {
		r, err := chosen[i].file.open()
		if err != nil {
			return manifest.Segment{}, err
		}
		sources[i] = parquetfile.Source{Reader: r, Deleted: chosen[i].deleted}
	}
	index := base.version.Index
	shape, err := shapeOf(base)
	if err != nil {
		return manifest.Segment{}, err
	}
	segmentID, err := e.newFile(d)
	if err != nil {
		return manifest.Segment{}, err
	}
	info, err := parquetfile.Compact(ctx, folder{d.folder, &e.space}, fileName(segmentID), shape, sources)
	if err == nil {
		if err = d.folder.Sync(); err != nil {
			e.removeFile(d, segmentID)
		}
	}
	if err != nil {
		e.forget(segmentID)
		return manifest.Segment{}, err
	}
	return e.segmentOf(segmentID, &info, index, manifest.Compaction), nil
}

// commitMerged replaces segments by the one that has their rows.
func (e *Engine) commitMerged(ctx context.Context, d *entry, now *snapshot, chosen []part,
	merged manifest.Segment,
) error {
	c := now.change(e.config.Now())
	for i := range chosen {
		at := slices.IndexFunc(now.segments, func(p part) bool { return p.ID == chosen[i].ID })
		if at < 0 || now.segments[at].Deleted != chosen[i].Deleted || now.version.Index != merged.Bounds.Index {
			return errStale
		}
		c.remove(&now.segments[at])
	}
	c.add(merged)
	return e.commit(ctx, d, now, &c.Commit)
}

// choose returns the segments of a snapshot to merge into one: those of a tier
// with too many segments, the smallest ones if there are too many overall, or
// one with many deleted rows. It skips segments that are sorted by another index
// or by values of another kind.
func choose(s *snapshot) []part {
	var sorted []part
	shape, err := shapeOf(s)
	for _, p := range s.segments {
		if err == nil && p.Bounds.Index == s.version.Index && isSortedAs(&p, &shape) {
			sorted = append(sorted, p)
		}
	}
	slices.SortFunc(sorted, func(a, b part) int { return cmp.Compare(live(&a), live(&b)) })
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && tier(&sorted[to]) == tier(&sorted[from]) {
			to++
		}
		if to-from >= tierSegments {
			return sorted[from:to]
		}
		from = to
	}
	if n := len(s.segments) - manifest.MaxSegments + 1; n > 1 && len(sorted) > 1 {
		return sorted[:min(n+1, len(sorted))]
	}
	for i := range sorted {
		if p := &sorted[i]; p.Deleted >= manifest.DeletedRows && p.Deleted*manifest.DeletedShare >= p.Rows {
			return sorted[i : i+1]
		}
	}
	return nil
}

// shapeOf returns the shape of the rows of a snapshot.
func shapeOf(s *snapshot) (parquetfile.Spec, error) {
	index := s.version.Index
	return parquetfile.SpecOf(&dataset.Schema{
		Columns: s.version.Columns, Index: dataset.Index{Key: index.Key, Subkey: index.Subkey, Date: index.Date},
	})
}

// isSortedAs reports whether the rows of a segment are in the order of a shape.
// For a file that can't be opened it returns false; reads report the error.
func isSortedAs(p *part, shape *parquetfile.Spec) bool {
	r, err := p.file.open()
	return err == nil && r.SortedAs(shape)
}

// live estimates the bytes of a segment's rows that are not deleted.
func live(p *part) int64 {
	return int64(float64(p.Bytes) * float64(p.Rows-p.Deleted) / float64(max(p.Rows, 1)))
}

// tier returns the tier of a segment by its size.
func tier(p *part) int {
	return (bits.Len64(uint64(live(p)/tierUnit)) + 1) / 2 //nolint:gosec // not negative
}
