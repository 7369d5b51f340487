package parquetfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"sort"

	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// pageBounds bounds the values of the pages of a column. Parts have the form
// of a tuple. Low ones may be cut off, and high ones may be greater than every
// value.
type pageBounds struct {
	low, high       [][]byte
	null            []bool  // every value is null
	some            []bool  // a value is null
	lowInt, highInt []int64 // of dates; 0 for null
}

// boundsOf returns the bounds of a column, or nil if the file has none for it.
func (r *Reader) boundsOf(column int) (*pageBounds, error) {
	if column < 0 || len(r.groups) == 0 || r.groups[0].chunks[column].bounds.size == 0 {
		return nil, nil //nolint:nilnil // missing bounds aren't an error
	}
	return r.bounds[column].get(func() (*pageBounds, error) {
		b := &pageBounds{}
		for g := range r.groups {
			var index format.ColumnIndex
			if err := r.section(r.groups[g].chunks[column].bounds, &index); err != nil {
				return nil, err
			}
			if !b.add(r.columns[column], &index, r.isPart(column)) {
				return nil, r.damaged(errors.New("a column index"))
			}
		}
		if len(b.null) != r.pageCount() {
			return nil, r.damaged(errors.New("a column index has another number of pages"))
		}
		return b, nil
	})
}

func (r *Reader) isPart(column int) bool { return column == r.spec.Key || column == r.spec.Subkey }

// add adds the pages of a row group.
func (b *pageBounds) add(c dataset.Column, index *format.ColumnIndex, part bool) bool {
	t, n := c.Type, len(index.NullPages)
	if len(index.MinValues) != n || len(index.MaxValues) != n || len(index.NullCounts) != n {
		return false
	}
	for i, null := range index.NullPages {
		low, high := index.MinValues[i], index.MaxValues[i]
		if want := boundSize(t); !null && want > 0 && (len(low) != want || len(high) != want) {
			return false
		}
		b.null = append(b.null, null)
		b.some = append(b.some, null || index.NullCounts[i] > 0)
		if part {
			b.low = append(b.low, lowPart(c, low, null))
			b.high = append(b.high, highPart(c, high, null || index.NullCounts[i] > 0))
		} else {
			b.lowInt = append(b.lowInt, boundInt(t, low, null))
			b.highInt = append(b.highInt, boundInt(t, high, null))
		}
	}
	return true
}

// boundSize returns the size of a value in statistics in bytes, or 0 for texts.
func boundSize(t dataset.Type) int {
	switch t {
	case dataset.Integer, dataset.DateTime, dataset.Number:
		return 8
	case dataset.Date:
		return 4
	case dataset.Boolean:
		return 1
	case dataset.Decimal:
		return wideBytes
	default:
		return 0
	}
}

func boundInt(t dataset.Type, b []byte, null bool) int64 {
	switch {
	case null:
		return 0
	case t == dataset.Date:
		return int64(int32(binary.LittleEndian.Uint32(b)))
	case t == dataset.Boolean:
		return int64(b[0])
	case len(b) == 8:
		return int64(binary.LittleEndian.Uint64(b))
	default:
		return 0
	}
}

// lowPart returns the smallest value of a page as a part of a tuple.
func lowPart(c dataset.Column, b []byte, null bool) []byte {
	if null {
		return []byte{tagNull}
	}
	part := partOf(c, b)
	if boundSize(c.Type) == 0 && len(b) >= boundBytes {
		return part[:len(part)-2] // the text may be cut off; without its end mark, the part is at most the text
	}
	return part
}

func highPart(c dataset.Column, b []byte, null bool) []byte {
	if null {
		return []byte{tagNull}
	}
	return partOf(c, b)
}

// partOf converts a value from statistics to a part of a tuple.
func partOf(c dataset.Column, b []byte) []byte {
	switch t := c.Type; t {
	case dataset.Decimal:
		return appendWide(nil, wide(b), c.Scale)
	case dataset.Integer:
		return appendInteger(nil, boundInt(t, b, false))
	case dataset.Number:
		return appendFloat(nil, math.Float64frombits(binary.LittleEndian.Uint64(b)))
	case dataset.Boolean:
		return []byte{tagFalse + b[0]&1}
	case dataset.Date:
		return appendTime(nil, boundInt(t, b, false)*dayMicros)
	case dataset.DateTime:
		return appendTime(nil, boundInt(t, b, false))
	default:
		return appendText(nil, b)
	}
}

// pagesWith returns the pages [from, to) that may have rows with this part of
// the index. The pages of the file must be in the order of the part: the key,
// or the subkey within pages of one key.
func (b *pageBounds) pagesWith(part []byte, from, to int) (int, int) {
	first := from + sort.Search(to-from, func(i int) bool { return bytes.Compare(b.high[from+i], part) >= 0 })
	last := first + sort.Search(to-first, func(i int) bool { return bytes.Compare(b.low[first+i], part) > 0 })
	return first, last
}
