package segment

import (
	"bytes"
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
	"github.com/windlass-io/windlass/internal/engine/staged"
	"github.com/windlass-io/windlass/internal/problem"
)

// twinSearch finds the rows of a snapshot whose index equals that of rows in a
// batch.
type twinSearch struct {
	snapshot *snapshot
	schema   *dataset.Schema
	shape    parquetfile.Spec
	run      *parquetfile.Run // the rows of the batch, sorted
	low      []byte           // the smallest index of the run
	high     []byte

	twins engine.Twins
	found [][]twin // for each segment, in the order of its rows
}

// twin is a row of a segment, and the rows of the batch that are equal to it.
type twin struct {
	row   uint32
	batch []int
}

// Twins finds the rows that are equal in the index; see engine.View.
func (v *view) Twins(ctx context.Context, schema *dataset.Schema, batch *dataset.Batch, whole bool) (
	engine.Twins, error,
) {
	if !v.snapshot.has(schema.Layout) {
		return engine.Twins{}, engine.ErrStale
	}
	t := &twinSearch{snapshot: v.snapshot, schema: schema, found: make([][]twin, len(v.snapshot.segments))}
	err := t.begin(batch)
	if err == nil && batch.Rows > 0 {
		err = t.search(ctx)
	}
	if err == nil && whole {
		err = t.read(ctx)
	}
	if err != nil {
		return engine.Twins{}, v.engine.damaged(v.datasetID, err)
	}
	return t.twins, nil
}

// begin sorts the rows of the batch.
func (t *twinSearch) begin(batch *dataset.Batch) (err error) {
	if t.shape, err = parquetfile.SpecOf(t.schema); err != nil {
		return err
	}
	if err := staged.CheckBatch(batch, t.schema.Columns); err != nil {
		return err
	}
	t.run = parquetfile.NewRun(t.shape)
	if err := t.run.Append(batch, 0); err != nil {
		return err
	}
	t.run.Sort()
	t.twins = engine.Twins{First: make([]int, batch.Rows), Old: make([]int, batch.Rows)}
	for i := range batch.Rows {
		t.twins.First[i], t.twins.Old[i] = i, -1
	}
	if n := t.run.Rows(); n > 0 {
		t.low, t.high = t.run.Tuple([]byte{}, 0), t.run.Tuple([]byte{}, n-1)
	}
	return nil
}

// search walks the run and the segments that may have equal rows.
func (t *twinSearch) search(ctx context.Context) error {
	before, err := parquetfile.SpecOf(&dataset.Schema{Columns: t.snapshot.version.Columns, Index: t.schema.Index})
	kindsStay := err == nil && before.SameKinds(&t.shape)
	index := manifest.IndexOf(*t.schema)
	sides := make([]*side, len(t.snapshot.segments))
	for i := range t.snapshot.segments {
		p := &t.snapshot.segments[i]
		sorted := p.Bounds.Index == index
		if sorted && kindsStay && !p.Bounds.Overlap(t.low, t.high) {
			continue
		}
		c, err := cursorOver(ctx, p, t.shape, sorted, t.low)
		if err != nil {
			return err
		}
		sides[i] = newSide(c)
		if err := sides[i].advance(); err != nil {
			return err
		}
	}
	for from := 0; from < t.run.Rows(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := from + 1
		for to < t.run.Rows() && t.run.Same(from, to) {
			to++
		}
		if err := t.group(sides, from, to); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// group records the rows that are equal to those of a group of the run.
func (t *twinSearch) group(sides []*side, from, to int) error {
	rows := make([]int, 0, to-from)
	for i := from; i < to; i++ { // rows of one index are in the order of the batch
		rows = append(rows, int(t.run.Seq(i)))
	}
	for _, row := range rows {
		t.twins.First[row] = rows[0]
	}
	tuple := t.run.Tuple(nil, from)
	for i, s := range sides {
		if s == nil {
			continue
		}
		if err := s.reach(tuple); err != nil {
			return err
		}
		if s.on && bytes.Equal(s.tuple(), tuple) {
			t.found[i] = append(t.found[i], twin{s.row(), rows})
			for _, row := range rows {
				t.twins.Old[row] = 0 // a row exists; its index is set when it is read
			}
		}
	}
	return nil
}

// read reads the rows that were found.
func (t *twinSearch) read(ctx context.Context) error {
	t.twins.Rows = &dataset.Batch{}
	for _, c := range t.schema.Columns {
		t.twins.Rows.Vectors = append(t.twins.Rows.Vectors, dataset.NewVectorOf(c, 0))
	}
	for i, found := range t.found {
		if len(found) == 0 {
			continue
		}
		slices.SortFunc(found, func(a, b twin) int { return int(a.row) - int(b.row) })
		others := roaring.New()
		others.AddRange(0, uint64(t.snapshot.segments[i].Rows)) //nolint:gosec // a file has fewer than 2^32 rows
		for n := range found {
			others.Remove(found[n].row)
			for _, row := range found[n].batch {
				t.twins.Old[row] = t.twins.Rows.Rows + n
			}
		}
		if err := t.readFrom(ctx, &t.snapshot.segments[i], others, len(found)); err != nil {
			return err
		}
	}
	return nil
}

// readFrom appends the n rows of a segment that aren't in others.
func (t *twinSearch) readFrom(ctx context.Context, p *part, others *roaring.Bitmap, n int) (err error) {
	r, err := p.file.open()
	if err != nil {
		return err
	}
	rows, err := parquetfile.Find(ctx, []parquetfile.Source{{Reader: r, Deleted: others}}, &engine.Search{
		Selection: engine.Selection{DatasetID: "-", Schema: *t.schema}, Unordered: true,
	}, true)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	want := t.twins.Rows.Rows + n
	for {
		batch, err := rows.Next()
		if err != nil {
			return err
		}
		if batch == nil || t.twins.Rows.Rows == want {
			return nil
		}
		size := 0
		for i := range batch.Vectors {
			t.twins.Rows.Vectors[i].AppendRows(&batch.Vectors[i], 0, batch.Rows)
			size += len(t.twins.Rows.Vectors[i].Bytes)
		}
		if t.twins.Rows.Rows += batch.Rows; size > staged.MaxTwinBytes {
			return problem.New(problem.TooLarge, "The rows to change have more than %d MiB.", staged.MaxTwinBytes>>20).
				WithHint("Write the rows in several requests.")
		}
	}
}
