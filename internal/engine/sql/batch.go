package sql

import (
	"encoding/binary"
	"math"

	"github.com/windlass-io/windlass/internal/dataset"
)

// maxRows bounds the rows of a batch.
const maxRows = 1 << 20

// AppendBatch appends the rows [from, to) of a batch as the content of a message:
// the number of rows, then for each column one byte per row, 1 for null, and the
// values.
func AppendBatch(b []byte, batch *dataset.Batch, from, to int) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(to-from)) //nolint:gosec // a batch is small
	for i := range batch.Vectors {
		b = appendVector(b, &batch.Vectors[i], from, to)
	}
	return b
}

func appendVector(b []byte, v *dataset.Vector, from, to int) []byte {
	for _, null := range v.Nulls[from:to] {
		if null {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	switch {
	case v.Type == dataset.Decimal:
		for _, x := range v.Wide[from:to] {
			b = binary.LittleEndian.AppendUint64(b, x.Lo)
			b = binary.LittleEndian.AppendUint64(b, uint64(x.Hi)) //nolint:gosec // two's complement
		}
	case v.Type == dataset.Number:
		for _, x := range v.Floats[from:to] {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
		}
	case v.Offsets != nil:
		for i := from; i < to; i++ {
			b = binary.LittleEndian.AppendUint32(b, uint32(v.Offsets[i+1]-v.Offsets[i])) //nolint:gosec // not negative
		}
		b = append(b, v.Bytes[v.Offsets[from]:v.Offsets[to]]...)
	default:
		for _, x := range v.Ints[from:to] {
			b = binary.LittleEndian.AppendUint64(b, uint64(x)) //nolint:gosec // two's complement
		}
	}
	return b
}

// ReadBatch decodes the content of a message into a batch, whose vectors have
// the types of the columns. Malformed content is an error.
func ReadBatch(b []byte, batch *dataset.Batch) error {
	if len(b) < 4 {
		return errMessage
	}
	rows := int(binary.LittleEndian.Uint32(b))
	if rows > maxRows || rows > len(b) && len(batch.Vectors) > 0 {
		return errMessage
	}
	b, batch.Rows = b[4:], rows
	for i := range batch.Vectors {
		var ok bool
		if b, ok = readVector(b, &batch.Vectors[i], rows); !ok {
			return errMessage
		}
	}
	if len(b) > 0 {
		return errMessage
	}
	return nil
}

func readVector(b []byte, v *dataset.Vector, rows int) (rest []byte, ok bool) {
	v.Reset()
	if len(b) < rows {
		return nil, false
	}
	for _, null := range b[:rows] {
		v.Nulls = append(v.Nulls, null != 0)
	}
	b = b[rows:]
	size := 8
	switch {
	case v.Type == dataset.Decimal:
		size = 16
	case v.Offsets != nil:
		size = 4
	}
	if len(b) < rows*size {
		return nil, false
	}
	values, b := b[:rows*size], b[rows*size:]
	if v.Offsets != nil {
		return readTexts(values, b, v)
	}
	for ; len(values) > 0; values = values[size:] {
		x := binary.LittleEndian.Uint64(values)
		switch v.Type {
		case dataset.Decimal:
			high := int64(binary.LittleEndian.Uint64(values[8:])) //nolint:gosec // two's complement
			v.Wide = append(v.Wide, dataset.Int128{Hi: high, Lo: x})
		case dataset.Number:
			v.Floats = append(v.Floats, math.Float64frombits(x))
		default:
			v.Ints = append(v.Ints, int64(x)) //nolint:gosec // two's complement
		}
	}
	return b, true
}

func readTexts(lengths, b []byte, v *dataset.Vector) (rest []byte, ok bool) {
	end := 0
	for ; len(lengths) > 0; lengths = lengths[4:] {
		end += int(binary.LittleEndian.Uint32(lengths))
		if end > len(b) {
			return nil, false
		}
		v.Offsets = append(v.Offsets, int32(end)) //nolint:gosec // a message is bounded below 2 GiB
	}
	v.Bytes = append(v.Bytes, b[:end]...)
	return b[end:], true
}
