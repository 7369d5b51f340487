package parquetfile

import (
	"bytes"
	"math"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Run collects rows until they are sorted and written. Use it from one
// goroutine.
type Run struct {
	spec    Spec
	columns []dataset.Vector
	nulls   []bool // columns with a null
	seqs    []int64
	updated dataset.Vector // of rows from another file; see AppendNumbered
	loads   dataset.Vector
	order   []uint32 // after Sort: the rows by index
	size    int64
}

// NewRun returns an empty run.
func NewRun(spec Spec) *Run {
	r := &Run{spec: spec, columns: make([]dataset.Vector, len(spec.Columns)), nulls: make([]bool, len(spec.Columns))}
	for i, c := range spec.Columns {
		r.columns[i] = dataset.NewVectorOf(c, 0)
	}
	return r
}

// Append adds the rows of a batch, which must have the spec's columns, and
// numbers them from firstSeq. Numbers increase from call to call. A run holds
// less than 2 GiB of text in each column: see [Run.Size].
func (r *Run) Append(batch *dataset.Batch, firstSeq int64) error {
	if len(batch.Vectors) != len(r.columns) {
		return problem.New(problem.Invalid, "The batch has %d columns; the dataset has %d.", len(batch.Vectors),
			len(r.columns))
	}
	for i := range r.columns {
		v, from := &r.columns[i], &batch.Vectors[i]
		if from.Type != v.Type || from.Scale != v.Scale {
			return problem.New(problem.Invalid, "Column %q of the batch is of type %s, not %s.", r.spec.Columns[i].Name,
				from.Type, v.Type)
		}
		if len(v.Bytes)+len(from.Bytes) > math.MaxInt32 || len(r.seqs)+batch.Rows > math.MaxInt32 {
			return problem.New(problem.TooLarge, "Column %q has more than 2 GiB in one run.", r.spec.Columns[i].Name)
		}
	}
	for i := range r.columns {
		r.size += r.columns[i].AppendRows(&batch.Vectors[i], 0, batch.Rows)
		r.nulls[i] = r.nulls[i] || slices.Contains(batch.Vectors[i].Nulls[:batch.Rows], true)
	}
	for i := range batch.Rows {
		r.seqs = append(r.seqs, firstSeq+int64(i))
	}
	r.size += int64(batch.Rows) * 12 // the number, and the place in the order
	r.order = nil
	return nil
}

// Rows returns the number of rows.
func (r *Run) Rows() int {
	if r.order != nil {
		return len(r.order)
	}
	return len(r.seqs)
}

// Size returns the size of the rows in memory in bytes.
func (r *Run) Size() int64 { return r.size }

// Reset empties the run and keeps its memory.
func (r *Run) Reset() {
	for i := range r.columns {
		r.columns[i].Reset()
	}
	clear(r.nulls)
	r.updated, r.loads = dataset.Vector{}, dataset.Vector{}
	r.seqs, r.order, r.size = r.seqs[:0], nil, 0
}

// Tuple appends the index of row i, by its place after [Run.Sort], to dst.
// Tuples compare by [bytes.Compare] in the order of the rows. Rows with equal
// tuples are duplicates and come in the order of their numbers.
func (r *Run) Tuple(dst []byte, i int) []byte {
	for _, p := range r.spec.parts() {
		dst = appendPart(dst, &r.columns[p], int(r.order[i]))
	}
	return dst
}

// Same reports whether the rows i and j, by their places after [Run.Sort],
// have the same index.
func (r *Run) Same(i, j int) bool {
	a, b := int(r.order[i]), int(r.order[j])
	for _, p := range [3]int{r.spec.Key, r.spec.Subkey, r.spec.Date} {
		if p >= 0 && compareValues(&r.columns[p], a, &r.columns[p], b) != 0 {
			return false
		}
	}
	return true
}

// Seq returns the number of row i, by its place after [Run.Sort].
func (r *Run) Seq(i int) int64 { return r.seqs[r.order[i]] }

// Drop removes rows, by their places after [Run.Sort]. The following rows
// move up.
func (r *Run) Drop(rows *roaring.Bitmap) {
	kept := r.order[:0]
	for i, row := range r.order {
		if !rows.Contains(uint32(i)) {
			kept = append(kept, row)
		}
	}
	r.order = kept
}

// compareValues compares two values of the same type; null is greater than
// any value.
func compareValues(a *dataset.Vector, i int, b *dataset.Vector, j int) int {
	if a.Nulls[i] || b.Nulls[j] {
		return compareBools(a.Nulls[i], b.Nulls[j])
	}
	switch a.Type {
	case dataset.Number:
		return compareOrdered(a.Floats[i], b.Floats[j])
	case dataset.Integer, dataset.Boolean, dataset.Date, dataset.DateTime:
		return compareOrdered(a.Ints[i], b.Ints[j])
	case dataset.Decimal:
		return a.Wide[i].Compare(b.Wide[j])
	default:
		return bytes.Compare(a.BytesAt(i), b.BytesAt(j))
	}
}

func compareOrdered[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
