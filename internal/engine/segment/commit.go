package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// maxCrossings limits how often a load starts over because of other commits.
const maxCrossings = 100

// Commit makes the load durable and visible; see engine.Load.
func (l *load) Commit(ctx context.Context, end engine.Ending) (engine.Committed, error) {
	if l.Over {
		return engine.Committed{}, staged.ErrOver
	}
	defer l.finish()
	if l.Failed != nil {
		return engine.Committed{}, l.Failed
	}
	l.dropTwins()
	for range maxCrossings {
		done, err := l.commitOnce(ctx, end)
		if !errors.Is(err, manifest.ErrCrossed) {
			return done, err
		}
	}
	return engine.Committed{}, problem.New(problem.Unavailable, "%d other commits into the dataset came first.",
		maxCrossings).
		WithHint("Load again.")
}

// commitOnce tries to commit on top of the current version of the dataset.
func (l *load) commitOnce(ctx context.Context, end engine.Ending) (engine.Committed, error) {
	base, err := l.engine.acquire(ctx, l.entry)
	if err != nil {
		return engine.Committed{}, err
	}
	defer base.release()
	if l.Crossed(base.version.Version) {
		return engine.Committed{}, engine.ErrCrossed
	}
	b := &builder{load: l, base: base, change: base.change(l.engine.config.Now())}
	if err := b.build(ctx); err != nil {
		return engine.Committed{}, l.engine.damaged(l.entry.id, err)
	}
	if err := l.secure(ctx, base); err != nil {
		return engine.Committed{}, err
	}
	c := &b.change.Commit
	b.done.Version = c.Dataset.Version
	c.Committed, c.End = b.done, end
	if err := l.Fill(c); err != nil {
		return engine.Committed{}, err
	}
	err = l.engine.commit(ctx, l.entry, base, c)
	switch {
	case err == nil:
		l.keep(c.Add)
	case isLost(err): // the manifest may have the files, so leave them to the sweep
		l.keep(l.written)
	default:
		return engine.Committed{}, err
	}
	return b.done, err
}

// secure makes the names of the files durable. It checks that the folder is
// still the one that they were written to, and that it has the dataset's other
// files.
func (l *load) secure(ctx context.Context, base *snapshot) error {
	missing, err := missingFiles(ctx, l.entry, base)
	if err != nil {
		return err
	}
	for _, m := range missing {
		return l.engine.damage.report(l.entry.id, m.ID, fs.ErrNotExist)
	}
	if len(l.written) == 0 {
		return nil
	}
	if err := l.entry.folder.Sync(); err != nil {
		return fmt.Errorf("making the files of dataset %s durable: %w", l.entry.id, err)
	}
	for i := range l.written {
		if _, err := os.Stat(filepath.Join(string(l.entry.folder), fileName(l.written[i].ID))); err != nil {
			return damagedSegment(l.entry.id, l.written[i].ID, err)
		}
	}
	return l.engine.space.check(0)
}

// keep hands files over to the manifest. The load's other files are deleted
// with the load.
func (l *load) keep(kept []manifest.Segment) {
	isKept := func(s manifest.Segment) bool {
		return slices.ContainsFunc(kept, func(k manifest.Segment) bool { return k.ID == s.ID })
	}
	for _, s := range l.written {
		if isKept(s) {
			l.engine.forget(s.ID)
		}
	}
	l.written = slices.DeleteFunc(slices.Clone(l.written), isKept)
}

// builder builds a load's commit.
type builder struct {
	load   *load
	base   *snapshot
	change *change
	shape  parquetfile.Spec // of the dataset
	done   engine.Committed

	kindsStay bool // the kinds of the index's columns don't change

	parts []part // of the base, without the rows that the load removes
}

func (b *builder) build(ctx context.Context) error {
	l, next := b.load, &b.change.Dataset
	if !b.base.has(l.Spec.Schema.Layout) {
		return engine.ErrStale
	}
	next.Layout = l.Spec.Schema.Layout
	columns, err := staged.Fit(next.Columns, l.Spec.Schema.Columns, l.Spec.NoValues)
	if err != nil {
		return err
	}
	if b.shape, err = parquetfile.SpecOf(&dataset.Schema{Columns: columns, Index: l.Spec.Schema.Index}); err != nil {
		return err
	}
	before, err := parquetfile.SpecOf(&dataset.Schema{Columns: next.Columns, Index: l.Spec.Schema.Index})
	b.kindsStay = err == nil && before.SameKinds(&b.shape)
	parts := manifest.IndexOf(l.Spec.Schema)
	next.NotUnique = next.NotUnique && next.Index == parts
	next.Columns, next.Index, next.Updated = columns, parts, l.Spec.Time
	next.NextSeq = max(next.NextSeq, l.NextSeq)
	if err := b.remove(ctx); err != nil {
		return err
	}
	switch staged.ModeOf(&l.Spec, &b.base.version) {
	case staged.KeepAll:
		return b.all(ctx)
	case staged.Observe:
		return b.observe(ctx)
	default:
		return b.unique(ctx)
	}
}

// all keeps all rows.
func (b *builder) all(ctx context.Context) error {
	if err := b.load.write(ctx); err != nil {
		return err
	}
	if err := b.add(nil); err != nil {
		return err
	}
	return b.mark(nil, nil)
}

// observe keeps all rows and checks whether the index is still unique.
func (b *builder) observe(ctx context.Context) error {
	low, high := b.load.bounds()
	old, _, err := b.old(ctx, low, high)
	if err != nil {
		return err
	}
	fresh, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	j := &join{fresh: fresh, old: old}
	twins, err := j.twins(ctx)
	if err != nil {
		return err
	}
	b.change.Dataset.NotUnique = twins
	b.done.Unique = !twins
	return b.all(ctx)
}

// unique keeps one row for each value of the index.
func (b *builder) unique(ctx context.Context) error {
	l := b.load
	b.done.Unique, b.done.Duplicates = true, l.twins
	low, high := l.bounds()
	old, places, err := b.old(ctx, low, high)
	if err != nil {
		return err
	}
	fresh, err := b.fresh(ctx)
	if err != nil {
		return err
	}
	if len(old) > 0 || len(fresh) > 1 {
		j := &join{fresh: fresh, old: old, replace: l.Spec.Duplicates == engine.Replace}
		if err := j.run(ctx); err != nil {
			return err
		}
	}
	files := fresh[:len(l.written)]
	if len(fresh) > len(files) { // the run, which isn't written yet
		before := l.twins
		l.drop(fresh[len(files)].lost)
		b.done.Duplicates += l.twins - before
	}
	if err := l.write(ctx); err != nil {
		return err
	}
	if err := b.add(files); err != nil {
		return err
	}
	return b.mark(old, places)
}

// add adds the files of the load, without rows that lost against others.
// Files without a side have no such rows.
func (b *builder) add(sides []*side) error {
	for i := range b.load.written {
		s := b.load.written[i]
		if i < len(sides) && !sides[i].lost.IsEmpty() {
			m, err := marks(s.ID, sides[i].lost)
			if err != nil {
				return err
			}
			s.Deletes, s.Deleted = m.Bitmap, m.Deleted
			b.done.Duplicates += m.Deleted
		}
		if s.Rows > s.Deleted {
			b.change.add(s)
			b.done.Rows += s.Rows - s.Deleted
		}
	}
	return nil
}

// mark marks the rows of the dataset that were replaced or removed.
func (b *builder) mark(old []*side, places []int) error {
	lost := make(map[int]*roaring.Bitmap, len(old))
	for i, s := range old {
		lost[places[i]] = s.lost
		b.done.Duplicates += int64(s.lost.GetCardinality()) //nolint:gosec // a file has fewer than 2^32 rows
	}
	for i := range b.parts {
		deleted := b.parts[i].deletedBefore()
		if lost[i] != nil {
			deleted.Or(lost[i])
		}
		p := &b.base.segments[i]
		if int64(deleted.GetCardinality()) == p.Deleted { //nolint:gosec // a file has fewer than 2^32 rows
			continue
		}
		if err := b.change.mark(p, deleted); err != nil {
			return err
		}
	}
	return nil
}

// fresh returns the sides of the load: its files, and then its run unless that
// is empty.
func (b *builder) fresh(ctx context.Context) ([]*side, error) {
	var fresh []*side
	for i := range b.load.written {
		r, err := b.load.open(b.load.written[i].ID)
		if err != nil {
			return nil, err
		}
		c, err := newFileCursor(ctx, parquetfile.Source{Reader: r}, b.shape, nil)
		if err != nil {
			return nil, err
		}
		fresh = append(fresh, newSide(c))
	}
	if b.load.run.Rows() > 0 {
		fresh = append(fresh, newSide(newRunCursor(b.load.run)))
	}
	return fresh, nil
}

// old returns the sides of the dataset whose keys overlap with the load's, and
// their indexes in the snapshot.
func (b *builder) old(ctx context.Context, low, high []byte) (sides []*side, places []int, err error) {
	for i := range b.parts {
		p := &b.parts[i]
		sorted := p.Bounds.Index == b.change.Dataset.Index
		if low == nil || sorted && b.kindsStay && !p.Bounds.Overlap(low, high) {
			continue
		}
		c, err := cursorOver(ctx, p, b.shape, sorted, low)
		if err != nil {
			return nil, nil, err
		}
		sides, places = append(sides, newSide(c)), append(places, i)
	}
	return sides, places, nil
}

// cursorOver walks the rows of a segment in the order of a shape's index. sorted
// reports whether the segment was written for the same index.
func cursorOver(ctx context.Context, p *part, shape parquetfile.Spec, sorted bool, low []byte) (cursor, error) {
	r, err := p.file.open()
	if err != nil {
		return nil, err
	}
	source := parquetfile.Source{Reader: r, Deleted: p.deleted}
	if sorted && r.SortedAs(&shape) {
		return newFileCursor(ctx, source, shape, low)
	}
	c, err := newFileCursor(ctx, source, shape, nil)
	if err != nil {
		return nil, err
	}
	return newSortedCursor(c)
}

// bounds returns the smallest and the largest index of the load's rows, or nil
// if there are no rows.
func (l *load) bounds() (low, high []byte) {
	widen := func(from, to []byte) {
		if low == nil || bytes.Compare(from, low) < 0 {
			low = from
		}
		if high == nil || bytes.Compare(to, high) > 0 {
			high = to
		}
	}
	if n := l.run.Rows(); n > 0 {
		widen(l.run.Tuple([]byte{}, 0), l.run.Tuple([]byte{}, n-1))
	}
	for i := range l.written {
		if bounds := &l.written[i].Bounds; bounds.MinKey != nil {
			widen(bounds.MinKey, bounds.MaxKey)
		} else {
			widen([]byte{}, bytes.Repeat([]byte{0xFF}, 16)) // no key: any index
		}
	}
	return low, high
}
