package duckdb

import (
	"bytes"
	"cmp"

	"github.com/windlass-io/windlass/internal/dataset"
)

// order watches the rows of a load go by and finds out whether they come in
// the order of the index. Many files do; then neither sorting nor a search
// for duplicates is needed. It costs next to nothing for those that do not.
type order struct {
	parts  []int // the index's columns, by their place in the batch
	last   []value
	begun  bool
	broken bool // not in order
	equal  bool // two neighbours are equal; says nothing of the rest when broken
	nulls  bool // a part is null somewhere
}

// value is one value of the last row.
type value struct {
	number int64
	float  float64
	text   []byte
}

func newOrder(parts []int) *order {
	return &order{parts: parts, last: make([]value, len(parts))}
}

// sorted says that all rows came in the order of the index.
func (o *order) sorted() bool { return len(o.parts) > 0 && !o.broken && !o.nulls }

// distinct says that no two rows are equal in the index for certain.
func (o *order) distinct() bool { return o.sorted() && !o.equal }

func (o *order) watch(batch *dataset.Batch) {
	if batch.Rows == 0 || len(o.parts) == 0 {
		return
	}
	for _, p := range o.parts {
		if !o.nulls && anyTrue(batch.Vectors[p].Nulls) {
			o.nulls = true
		}
	}
	if !o.sorted() {
		return
	}
	if o.begun {
		o.note(o.compareLast(batch))
	}
	for i := 1; i < batch.Rows && !o.broken; i++ {
		o.note(o.compare(batch, i))
	}
	o.begun = true
	o.keep(batch)
}

func (o *order) note(c int) {
	o.broken = o.broken || c > 0
	o.equal = o.equal || c == 0
}

// compare compares row i-1 with row i.
func (o *order) compare(batch *dataset.Batch, i int) int {
	for _, p := range o.parts {
		v := &batch.Vectors[p]
		var c int
		switch {
		case v.Offsets != nil:
			c = bytes.Compare(v.BytesAt(i-1), v.BytesAt(i))
		case v.Type == dataset.Number:
			c = cmp.Compare(v.Floats[i-1], v.Floats[i])
		default:
			c = cmp.Compare(v.Ints[i-1], v.Ints[i])
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// compareLast compares the last row of the batch before with the first.
func (o *order) compareLast(batch *dataset.Batch) int {
	for i, p := range o.parts {
		v, last := &batch.Vectors[p], &o.last[i]
		var c int
		switch {
		case v.Offsets != nil:
			c = bytes.Compare(last.text, v.BytesAt(0))
		case v.Type == dataset.Number:
			c = cmp.Compare(last.float, v.Floats[0])
		default:
			c = cmp.Compare(last.number, v.Ints[0])
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func (o *order) keep(batch *dataset.Batch) {
	at := batch.Rows - 1
	for i, p := range o.parts {
		v, last := &batch.Vectors[p], &o.last[i]
		switch {
		case v.Offsets != nil:
			last.text = append(last.text[:0], v.BytesAt(at)...)
		case v.Type == dataset.Number:
			last.float = v.Floats[at]
		default:
			last.number = v.Ints[at]
		}
	}
}

func anyTrue(flags []bool) bool {
	for _, f := range flags {
		if f {
			return true
		}
	}
	return false
}
