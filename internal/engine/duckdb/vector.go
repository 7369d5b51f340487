package duckdb

import (
	"fmt"
	"runtime"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// DuckDB's vectors are arrays in C's memory, one value after the other, beside
// a bit mask of what is not null (absent when nothing is null). A string is 16
// bytes: its length in 4, then either its at most 12 bytes, or its first 4 and
// a pointer to all of them. This file alone knows that.

const (
	stringSize   = 16
	inlineLength = 12
)

// array views a vector's values as a slice of n.
func array[T any](v bindings.Vector, n int) []T {
	return unsafe.Slice((*T)(bindings.VectorGetData(v)), n) //nolint:gosec // DuckDB's vectors hold 2048 values of the type that the column was made with
}

// validity views a vector's null mask; nil when nothing is null.
func validity(v bindings.Vector, n int) []uint64 {
	mask := (*uint64)(bindings.VectorGetValidity(v))
	if mask == nil {
		return nil
	}
	return unsafe.Slice(mask, (n+63)/64) //nolint:gosec // one bit for each value
}

// readVector copies the values [from, to) of source to the end of v.
func readVector(source bindings.Vector, from, to int, v *dataset.Vector) error {
	mask := validity(source, to)
	for i := from; i < to; i++ {
		v.Nulls = append(v.Nulls, mask != nil && mask[i/64]&(1<<(i%64)) == 0)
	}
	switch v.Type {
	case dataset.Integer, dataset.DateTime:
		v.Ints = append(v.Ints, array[int64](source, to)[from:]...)
	case dataset.Number:
		v.Floats = append(v.Floats, array[float64](source, to)[from:]...)
	case dataset.Date:
		for _, d := range array[int32](source, to)[from:] {
			v.Ints = append(v.Ints, int64(d))
		}
	case dataset.Boolean:
		for _, b := range array[uint8](source, to)[from:] {
			v.Ints = append(v.Ints, int64(b))
		}
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
		readStrings(source, from, to, v)
	case dataset.Decimal:
		return readDecimals(source, from, to, v)
	default:
		return fmt.Errorf("a column of type %q", v.Type)
	}
	return nil
}

func readStrings(source bindings.Vector, from, to int, v *dataset.Vector) {
	values := array[[stringSize]byte](source, to)
	nulls := v.Nulls[len(v.Nulls)-(to-from):]
	for i := from; i < to; i++ {
		if !nulls[i-from] {
			v.Bytes = append(v.Bytes, stringBytes(&values[i])...)
		}
		v.Offsets = append(v.Offsets, int32(len(v.Bytes))) //nolint:gosec // a result's batch is bounded far below 2 GiB
	}
}

// stringBytes views the bytes of a string in C's memory.
func stringBytes(value *[stringSize]byte) []byte {
	length := *(*uint32)(unsafe.Pointer(value)) //nolint:gosec // the layout above
	if length <= inlineLength {
		return value[4 : 4+length]
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&value[8])), length) //nolint:gosec // the layout above
}

// writeVector copies the rows [from, to) of v into target. Strings that are
// too long to stand in the vector are only pointed to: pin keeps them in place
// until the chunk is handed over.
func writeVector(target bindings.Vector, v *dataset.Vector, from, to int, pin *runtime.Pinner) {
	n := to - from
	writeNulls(target, v.Nulls[from:to])
	switch v.Type {
	case dataset.Integer, dataset.DateTime:
		copy(array[int64](target, n), v.Ints[from:to])
	case dataset.Number:
		copy(array[float64](target, n), v.Floats[from:to])
	case dataset.Date:
		days := array[int32](target, n)
		for i, d := range v.Ints[from:to] {
			days[i] = int32(d) //nolint:gosec // checked by checkVector
		}
	case dataset.Boolean:
		bools := array[uint8](target, n)
		for i, b := range v.Ints[from:to] {
			bools[i] = uint8(b & 1)
		}
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
		writeStrings(target, v, from, to, pin)
	case dataset.Decimal: // stored as text, see withoutDecimals
	}
}

func writeNulls(target bindings.Vector, nulls []bool) {
	var mask []uint64
	for i, null := range nulls {
		if !null {
			continue
		}
		if mask == nil {
			bindings.VectorEnsureValidityWritable(target)
			mask = validity(target, len(nulls))
		}
		mask[i/64] &^= 1 << (i % 64)
	}
}

func writeStrings(target bindings.Vector, v *dataset.Vector, from, to int, pin *runtime.Pinner) {
	if len(v.Bytes) > 0 {
		pin.Pin(unsafe.SliceData(v.Bytes)) //nolint:gosec // the layout above
	}
	values := array[[stringSize]byte](target, to-from)
	for i := from; i < to; i++ {
		value, text := &values[i-from], v.BytesAt(i)
		*value = [stringSize]byte{}
		*(*uint32)(unsafe.Pointer(value)) = uint32(len(text)) //nolint:gosec // the layout above; a batch is below 2 GiB
		if len(text) <= inlineLength {
			copy(value[4:], text)
			continue
		}
		copy(value[4:8], text)
		// As a number: a pointer stored in C's memory is none of the garbage
		// collector's, and what it points to is pinned.
		*(*uintptr)(unsafe.Pointer(&value[8])) = uintptr(unsafe.Pointer(unsafe.SliceData(text))) //nolint:gosec // the layout above
	}
}
