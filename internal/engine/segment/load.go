package segment

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/problem"
)

// load is a load under way. Its rows are sorted in memory, up to a budget, and
// written to files that nobody sees before the commit.
type load struct {
	engine  *Engine
	spec    engine.LoadSpec
	entry   *entry
	shape   parquetfile.Spec
	keepOne bool // of rows that are equal in the index, one is kept
	nextSeq int64

	run      *parquetfile.Run
	written  []manifest.Segment
	readers  map[string]*parquetfile.Reader // of written ones
	twins    int64                          // rows that were dropped before they were written
	rejects  rejectWriter
	objects  []engine.LedgerEntry
	expect   *int64
	noted    int64 // number of the first row that belongs to no object yet
	removes  []manifest.Removal
	extends  []manifest.Extension
	accepted map[string]*roaring.Bitmap // resolved rows of other loads
	failed   error                      // what went wrong while staging: such a load can't commit
	over     bool
}

// Begin starts a load; see engine.Engine.
func (e *Engine) Begin(ctx context.Context, spec engine.LoadSpec) (engine.Load, error) {
	d, err := e.entry(spec.DatasetID)
	if err != nil {
		return nil, err
	}
	if err := checkSpec(&spec); err != nil {
		return nil, err
	}
	shape, err := parquetfile.SpecOf(&spec.Schema)
	if err != nil {
		return nil, err
	}
	if err := d.loading.acquire(ctx); err != nil {
		return nil, fmt.Errorf("waiting for another load of %s: %w", spec.DatasetID, err)
	}
	l := &load{engine: e, spec: spec, entry: d, shape: shape}
	if err := l.begin(ctx); err != nil {
		l.finish()
		return nil, err
	}
	return l, nil
}

func checkSpec(spec *engine.LoadSpec) error {
	if spec.Duplicates != engine.Ignore && spec.Duplicates != engine.Replace {
		return problem.New(problem.Invalid, "Duplicates can be %q or %q, not %q.", engine.Ignore, engine.Replace,
			spec.Duplicates)
	}
	if n := len(spec.Schema.Columns); n == 0 || n > dataset.MaxColumns {
		return problem.New(problem.Invalid, "A dataset has 1 to %d columns, not %d.", dataset.MaxColumns, n)
	}
	for i := range spec.Schema.Columns {
		c := &spec.Schema.Columns[i]
		if !storable(c.Type) || !utf8.ValidString(c.Name) {
			return problem.New(problem.Invalid, "Column %q has the type %q, which can't be stored.", c.Name, c.Type)
		}
	}
	return nil
}

func (l *load) begin(ctx context.Context) error {
	base, err := l.engine.acquire(ctx, l.entry)
	if err != nil {
		return err
	}
	defer base.release()
	if !base.has(l.spec.Schema.Layout) {
		return engine.ErrStale
	}
	if _, err := fit(base.version.Columns, l.spec.Schema.Columns, l.spec.NoValues); err != nil {
		return err
	}
	l.nextSeq = base.version.NextSeq
	l.noted = l.nextSeq
	l.keepOne = modeOf(&l.spec, base) == keepOne
	l.run = parquetfile.NewRun(l.shape)
	return nil
}

// Append stages rows.
func (l *load) Append(ctx context.Context, batch *dataset.Batch) error {
	if l.over {
		return errOver
	}
	err := ctx.Err()
	if err == nil {
		err = checkBatch(batch, l.spec.Schema.Columns)
	}
	if err == nil {
		err = l.append(ctx, batch)
	}
	if err != nil {
		l.failed = fmt.Errorf("staging rows: %w", err)
	}
	return l.failed
}

func (l *load) append(ctx context.Context, batch *dataset.Batch) error {
	if err := l.run.Append(batch, l.nextSeq); err != nil {
		return err
	}
	l.nextSeq += int64(batch.Rows)
	if l.run.Size() < l.engine.config.RunBytes {
		return nil
	}
	l.dropTwins()
	return l.write(ctx)
}

// dropTwins sorts the run and leaves out, of rows that are equal in the index,
// all but the one that stays.
func (l *load) dropTwins() {
	l.run.Sort()
	if !l.keepOne {
		return
	}
	drop := roaring.New()
	for i := 1; i < l.run.Rows(); i++ {
		switch {
		case !l.run.Same(i-1, i):
		case l.spec.Duplicates == engine.Replace:
			drop.Add(uint32(i - 1))
		default:
			drop.Add(uint32(i))
		}
	}
	l.drop(drop)
}

func (l *load) drop(rows *roaring.Bitmap) {
	if n := rows.GetCardinality(); n > 0 {
		l.run.Drop(rows)
		l.twins += int64(n) //nolint:gosec // a run has fewer than 2^31 rows
	}
}

// write makes a file of the sorted run and empties it.
func (l *load) write(ctx context.Context) error {
	if l.run.Rows() == 0 {
		l.run.Reset()
		return nil
	}
	segmentID, err := l.engine.newFile(l.entry)
	if err != nil {
		return err
	}
	meta := parquetfile.Meta{Load: l.spec.LoadID, Updated: l.spec.Time}
	info, err := parquetfile.Write(ctx, folder{l.entry.folder, &l.engine.space}, fileName(segmentID), l.run, meta)
	if err != nil {
		l.engine.forget(segmentID)
		return err
	}
	l.written = append(l.written, l.engine.segmentOf(segmentID, &info, manifest.IndexOf(l.spec.Schema), l.spec.LoadID))
	l.run.Reset()
	return nil
}

// segmentOf describes a new file.
func (e *Engine) segmentOf(segmentID string, info *parquetfile.Info, index manifest.Index, by string) manifest.Segment {
	return manifest.Segment{
		ID: segmentID, Rows: info.Rows, Bytes: info.Bytes, CreatedBy: by, CreatedAt: e.config.Now(),
		Bounds: manifest.Bounds{
			Index: index, MinKey: info.MinKey, MaxKey: info.MaxKey, Dates: info.Dates, NullDates: info.NullDates,
			MinDate: info.MinDate, MaxDate: info.MaxDate,
		},
	}
}

// Reject stages rejected rows.
func (l *load) Reject(_ context.Context, rows []dataset.Rejected) error {
	if l.over {
		return errOver
	}
	if err := l.rejects.add(rows); err != nil {
		l.failed = fmt.Errorf("staging rejected rows: %w", err)
		return l.failed
	}
	return nil
}

// Object notes a ledger entry.
func (l *load) Object(_ context.Context, entry engine.LedgerEntry) error {
	if l.over {
		return errOver
	}
	if entry.SourceID == "" {
		entry.SourceID = l.spec.SourceID
	}
	entry.DatasetID = l.spec.DatasetID
	if entry.LoadID == "" {
		entry.LoadID = l.spec.LoadID
	}
	if entry.Time.IsZero() {
		entry.Time = l.spec.Time
	}
	entry.Spans = l.spans()
	l.objects = append(l.objects, entry)
	return nil
}

// spans returns the rows that were appended since it was called last.
func (l *load) spans() []engine.Span {
	spans := []engine.Span{}
	if l.nextSeq > l.noted {
		spans = append(spans, engine.Span{From: l.noted, To: l.nextSeq})
	}
	l.noted = l.nextSeq
	return spans
}

// Extend notes what is added to an object that is loaded.
func (l *load) Extend(_ context.Context, extension engine.Extension) error {
	if l.over {
		return errOver
	}
	l.extends = append(l.extends, manifest.Extension{Extension: extension, Spans: l.spans()})
	return nil
}

// Resolve notes rejected rows of another load.
func (l *load) Resolve(_ context.Context, loadID string, places []int64) error {
	if l.over {
		return errOver
	}
	if l.accepted == nil {
		l.accepted = map[string]*roaring.Bitmap{}
	}
	if l.accepted[loadID] == nil {
		l.accepted[loadID] = roaring.New()
	}
	for _, place := range places {
		if place < 0 || place > maxPlace {
			return fmt.Errorf("a rejected row with place %d", place)
		}
		l.accepted[loadID].Add(uint32(place))
	}
	return nil
}

// maxPlace is the last place of a rejected row.
const maxPlace = 1<<31 - 1

// resolved returns the rows of other loads that are resolved.
func (l *load) resolved() ([]manifest.Resolved, error) {
	var all []manifest.Resolved
	for _, loadID := range slices.Sorted(maps.Keys(l.accepted)) {
		places, err := l.accepted[loadID].ToBytes()
		if err != nil {
			return nil, fmt.Errorf("packing resolved rows: %w", err)
		}
		all = append(all, manifest.Resolved{LoadID: loadID, By: l.spec.LoadID, Places: places})
	}
	return all, nil
}

// Expect sets the version that the load builds on; see engine.Load.
func (l *load) Expect(version int64) { l.expect = &version }

// Remove notes entries whose rows are removed.
func (l *load) Remove(_ context.Context, entries []engine.LedgerEntry, outcome engine.Outcome) error {
	if l.over {
		return errOver
	}
	for i := range entries {
		l.removes = append(l.removes, manifest.Removal{Entry: entries[i], Outcome: outcome})
	}
	return nil
}

// Rollback drops the load; after Commit it does nothing.
func (l *load) Rollback() error {
	l.finish()
	return nil
}

// finish releases what the load uses, and removes the files that no manifest
// names.
func (l *load) finish() {
	if l.over {
		return
	}
	l.over = true
	for _, r := range l.readers {
		_ = r.Close() // it was only read
	}
	for i := range l.written {
		l.discard(l.written[i].ID)
	}
	l.run, l.written, l.readers = nil, nil, nil
	l.entry.loading.release()
}

// discard removes a file that is in no manifest.
func (l *load) discard(segmentID string) {
	l.engine.removeFile(l.entry, segmentID)
	l.engine.forget(segmentID)
}

// open opens a file of the load for reading; finish closes it.
func (l *load) open(segmentID string) (*parquetfile.Reader, error) {
	if r := l.readers[segmentID]; r != nil {
		return r, nil
	}
	r, err := parquetfile.Open(l.entry.folder, fileName(segmentID), l.engine.cache)
	if err == nil {
		if l.readers == nil {
			l.readers = map[string]*parquetfile.Reader{}
		}
		l.readers[segmentID] = r
	}
	return r, err
}

// clean returns a text without bytes that aren't UTF-8.
func clean(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// isLost reports whether an error leaves open what became of a commit.
func isLost(err error) bool {
	var known *problem.Error
	return !errors.Is(err, manifest.ErrCrossed) && !errors.As(err, &known)
}
