package parquetfile

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// top finds rows by reading every page that may have some, for selections
// whose order no index has. It keeps the locations of the first rows in order,
// at most maxPlaces at a time, and reads again for more.
type top struct {
	descending bool
	plan       *plan
	skip       int64   // rows to skip before the next wanted one
	left       int     // rows still wanted
	places     []place // found, in order, not yet returned
	staged     []dataset.Vector
	stagedAt   []int          // for each staged place its row in staged
	updated    dataset.Vector // times of loading of the batch's rows
	after      *place
	done       bool // all rows were found
}

// place is the location of a row, and its sort key.
type place struct {
	date   int64
	seq    int64
	source int32
	row    uint32
	null   bool // it has no date
}

// maxPlaces limits the places that are kept at a time, at 32 bytes each.
const maxPlaces = 1 << 20

// stageBytes limits the rows that are read at a time, unless a single one has more.
const stageBytes = 16 << 20

func newTop(out *rows) *top {
	s := out.plan.selection
	return &top{descending: s.Order != engine.Ascending, plan: out.plan, skip: int64(s.Offset), left: s.Limit}
}

// compare orders places; rows without a date come last in both orders.
func (t *top) compare(a, b place) int {
	switch {
	case a.null != b.null:
		return compareBools(a.null, b.null)
	case t.descending:
		a, b = b, a
	}
	if c := compareOrdered(a.date, b.date); c != 0 {
		return c
	}
	return compareOrdered(a.seq, b.seq)
}

func (t *top) fill(ctx context.Context, out *rows) error {
	for len(t.stagedAt) == 0 {
		if len(t.places) == 0 {
			if t.done || t.left == 0 {
				return nil
			}
			if err := t.search(ctx, out.sources); err != nil {
				return err
			}
			continue
		}
		if err := t.stage(ctx, out.sources); err != nil {
			return err
		}
	}
	t.deliver(out)
	return nil
}

// search finds the next places that are wanted.
func (t *top) search(ctx context.Context, sources []*source) error {
	every := int64(max(t.plan.selection.Every, 1))
	limit := int(min(t.skip+int64(t.left-1)*every+1, maxPlaces))
	found := finder{top: t, limit: limit}
	for i, s := range sources {
		if err := found.read(ctx, s, int32(i)); err != nil {
			return err
		}
	}
	list := found.first()
	t.done = len(list) < limit
	if len(list) > 0 {
		t.after = &list[len(list)-1]
	}
	t.places = t.places[:0]
	for ; t.skip < int64(len(list)) && t.left > 0; t.left-- {
		t.places = append(t.places, list[t.skip])
		t.skip += every
	}
	t.skip = max(t.skip-int64(len(list)), 0)
	return nil
}

// finder keeps the first places in order.
type finder struct {
	*top
	limit int
	found []place
	worst *place // places after it aren't wanted
	keep  []bool
}

// first returns the first places in order.
func (f *finder) first() []place {
	slices.SortFunc(f.found, f.compare)
	if len(f.found) > f.limit {
		f.found = f.found[:f.limit]
	}
	return f.found
}

// read reads the pages of a source.
func (f *finder) read(ctx context.Context, s *source, number int32) error {
	from, to, err := s.pageRange()
	if err != nil {
		return err
	}
	if to-from > scanPages {
		s.keep = uncached
	}
	for n := range to - from {
		i := from + n
		if f.descending {
			i = to - 1 - n // newer rows are likely to be further back
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if skip, err := f.skips(s, i); err != nil {
			return err
		} else if skip {
			continue
		}
		if err := f.readBlock(s.block(i), number); err != nil {
			return err
		}
	}
	return nil
}

// scanPages is the number of pages after which a selection bypasses the cache.
const scanPages = 64

// skips reports whether a page has no wanted rows.
func (f *finder) skips(s *source, i int) (bool, error) {
	b, err := s.Reader.boundsOf(s.columns[f.plan.date])
	if err != nil || b == nil || b.lowInt == nil || !s.sameType(f.plan.date) {
		return false, err
	}
	if b.null[i] {
		return f.plan.from != nil || f.plan.to != nil || f.worst != nil && !f.worst.null, nil
	}
	if f.plan.from != nil && b.highInt[i] < *f.plan.from || f.plan.to != nil && b.lowInt[i] >= *f.plan.to {
		return true, nil
	}
	if f.worst == nil || f.worst.null {
		return false, nil
	}
	if f.descending {
		return b.highInt[i] < f.worst.date, nil
	}
	return b.lowInt[i] > f.worst.date, nil
}

func (f *finder) readBlock(b *block, number int32) error {
	keep, err := b.keep(f.plan.filters, 0, b.rows, f.keep)
	if err != nil {
		return err
	}
	f.keep = keep
	if !slices.Contains(keep, true) {
		return nil
	}
	dates, err := b.need(f.plan.date)
	if err != nil {
		return err
	}
	seqs, err := b.need(f.plan.seq)
	if err != nil {
		return err
	}
	for i, ok := range keep {
		if !ok {
			continue
		}
		p := place{seq: seqs.ints[i], source: number, row: uint32(b.first) + uint32(i), null: dates.null(i)}
		if !p.null {
			p.date = dates.ints[i]
		}
		if f.worst != nil && f.compare(p, *f.worst) > 0 || f.after != nil && f.compare(p, *f.after) <= 0 {
			continue
		}
		f.found = append(f.found, p)
	}
	if len(f.found) >= 2*f.limit+pageRows {
		f.found = f.first()
		worst := f.found[len(f.found)-1]
		f.worst = &worst
	}
	return nil
}

// stage reads the rows of the next places, each page once.
func (t *top) stage(ctx context.Context, sources []*source) error {
	n := min(len(t.places), stageRows(sources, t.plan.outputs))
	byPlace := make([]int, n)
	for i := range byPlace {
		byPlace[i] = i
	}
	slices.SortFunc(byPlace, func(a, b int) int {
		if c := int(t.places[a].source) - int(t.places[b].source); c != 0 {
			return c
		}
		return compareOrdered(int64(t.places[a].row), int64(t.places[b].row))
	})
	if t.staged == nil {
		for _, c := range t.plan.needs[:t.plan.outputs] {
			t.staged = append(t.staged, dataset.NewVectorOf(c, 0))
		}
		t.staged = append(t.staged, dataset.NewVector(dataset.DateTime, 0))
	}
	for i := range t.staged {
		t.staged[i].Reset()
	}
	t.stagedAt = make([]int, n)
	var b *block
	for at, i := range byPlace {
		p := t.places[i]
		t.stagedAt[i] = at
		if s := sources[p.source]; b == nil || b.source != s || int64(p.row) >= b.first+int64(b.rows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			b = s.block(s.Reader.pageOf(int64(p.row)))
		}
		if err := t.stageRow(b, int(int64(p.row)-b.first)); err != nil {
			return err
		}
	}
	t.places = t.places[n:]
	return nil
}

func (t *top) stageRow(b *block, row int) error {
	for i := range t.staged {
		need := i
		if i == len(t.staged)-1 {
			need = t.plan.updated
		}
		p, err := b.need(need)
		if err != nil {
			return err
		}
		appendPage(&t.staged[i], p, row, row+1)
	}
	return nil
}

// stageRows returns how many rows to read at a time. The result has the first
// outputs columns.
func stageRows(sources []*source, outputs int) int {
	var bytes, rows int64
	for _, s := range sources {
		rows += s.Reader.rows
		for _, c := range s.columns[:outputs] {
			if c >= 0 {
				for g := range s.Reader.groups {
					bytes += s.Reader.groups[g].chunks[c].uncompressed
				}
			}
		}
	}
	return int(max(stageBytes/max(bytes/max(rows, 1), 16), 16))
}

// deliver moves staged rows to the batch, in order.
func (t *top) deliver(out *rows) {
	n := 0
	t.updated.Type = dataset.DateTime
	t.updated.Reset()
	for ; n < len(t.stagedAt) && n < batchRows; n++ {
		at, size := t.stagedAt[n], 0
		for i := range out.batch.Vectors {
			out.batch.Vectors[i].AppendRows(&t.staged[i], at, at+1)
			size += len(out.batch.Vectors[i].Bytes)
		}
		t.updated.AppendRows(&t.staged[len(t.staged)-1], at, at+1)
		if size > batchBytes {
			n++
			break
		}
	}
	t.stagedAt = t.stagedAt[n:]
	out.batch.Rows = n
}

func (t *top) loaded(v *dataset.Vector) error {
	v.AppendRows(&t.updated, 0, len(t.updated.Ints))
	return nil
}
