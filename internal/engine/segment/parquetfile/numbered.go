package parquetfile

import (
	"context"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// System has the system values of a batch's rows.
type System struct {
	Seqs    []int64        // the numbers of the rows
	Updated []int64        // the times of loading, in microseconds since 1970
	Loads   dataset.Vector // by which load
}

// Each calls fn with all rows of files in batches: the values of spec's columns
// at places, in that order, and the rows' system values. Rows come in the order
// of spec's index if the files are sorted by it, else in any order. The batch is
// valid until fn returns. Each holds one page of each column and file at a time,
// and bypasses the cache.
func Each(ctx context.Context, sources []Source, spec Spec, places []int,
	fn func(*dataset.Batch, *System) error,
) error {
	m, err := newMerger(ctx, spec, sources)
	if err != nil {
		return err
	}
	first := len(spec.Columns)
	m.rows, m.bytes = allRows, allBytes
	m.wanted = append(slices.Clone(places), first+systemSeq, first+systemUpdated, first+systemLoad)
	slices.Sort(m.wanted)
	m.wanted = slices.Compact(m.wanted)
	batch := dataset.Batch{Vectors: make([]dataset.Vector, len(places))}
	for {
		if err := m.fill(ctx); err != nil {
			return err
		}
		if batch.Rows = len(m.order); batch.Rows == 0 {
			return nil
		}
		for i, at := range places {
			batch.Vectors[i] = m.vectors[at]
		}
		err := fn(&batch, &System{
			Seqs:    m.vectors[first+systemSeq].Ints,
			Updated: m.vectors[first+systemUpdated].Ints, Loads: m.vectors[first+systemLoad],
		})
		if err != nil {
			return err
		}
	}
}

// Keep removes all rows except those in kept, which must be sorted.
func (s *System) Keep(kept []int) *System {
	out := &System{Loads: dataset.NewVector(dataset.String, len(kept))}
	for _, row := range kept {
		out.Seqs = append(out.Seqs, s.Seqs[row])
		out.Updated = append(out.Updated, s.Updated[row])
		out.Loads.AppendBytes(s.Loads.BytesAt(row))
	}
	return out
}

// AppendNumbered adds rows from another file, with their system values. A run has
// either such rows or those of [Run.Append].
func (r *Run) AppendNumbered(batch *dataset.Batch, system *System) error {
	if err := r.Append(batch, 0); err != nil {
		return err
	}
	copy(r.seqs[len(r.seqs)-batch.Rows:], system.Seqs)
	if r.loads.Offsets == nil {
		r.updated, r.loads = dataset.NewVector(dataset.DateTime, batch.Rows),
			dataset.NewVector(dataset.String, batch.Rows)
	}
	for _, at := range system.Updated[:batch.Rows] {
		r.updated.AppendInt(at)
	}
	r.size += int64(batch.Rows)*9 + r.loads.AppendRows(&system.Loads, 0, batch.Rows)
	return nil
}

// SortNumbered is [Run.Sort] for rows that weren't added in the order of
// their numbers.
func (r *Run) SortNumbered() {
	r.Sort()
	for from := 0; from < len(r.order); {
		to := from + 1
		for to < len(r.order) && r.Same(from, to) {
			to++
		}
		slices.SortFunc(r.order[from:to], func(a, b uint32) int { return compareOrdered(r.seqs[a], r.seqs[b]) })
		from = to
	}
}

// systemOf returns the system columns of a run.
func (r *Run) systemOf(meta Meta) []columnData {
	seqs := columnData{v: &dataset.Vector{Type: dataset.Integer, Ints: r.seqs}}
	if r.loads.Offsets != nil {
		return []columnData{seqs, {v: &r.updated}, {v: &r.loads}}
	}
	return []columnData{
		seqs,
		constantColumn(dataset.DateTime, func(v *dataset.Vector) { v.AppendInt(meta.Updated.UnixMicro()) }),
		constantColumn(dataset.String, func(v *dataset.Vector) { v.AppendBytes([]byte(meta.Load)) }),
	}
}

// Seq returns the number of a row of the file.
func (r *Reader) Seq(row uint32) (int64, error) {
	page, _ := slices.BinarySearch(r.starts, int64(row)+1)
	page--
	p, err := r.page(len(r.spec.Columns)+systemSeq, page, cached)
	if err != nil {
		return 0, err
	}
	return p.ints[int64(row)-r.starts[page]], nil
}

// NumberTwins changes the numbers of rows with the same index and number, so that
// they differ. Call it after [Run.SortNumbered].
func (r *Run) NumberTwins() {
	for i := 1; i < len(r.order); i++ {
		before, row := r.order[i-1], r.order[i]
		if r.seqs[row] <= r.seqs[before] && r.Same(i-1, i) {
			r.seqs[row] = r.seqs[before] + 1
		}
	}
}
