package parquetfile

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/windlass-io/windlass/internal/dataset"
)

// gather appends the values of a vector at these rows to another of the same type.
func gather(dst, src *dataset.Vector, rows []uint32) {
	for _, r := range rows {
		dst.Nulls = append(dst.Nulls, src.Nulls[r])
	}
	switch src.Type {
	case dataset.Number:
		for _, r := range rows {
			dst.Floats = append(dst.Floats, src.Floats[r])
		}
	case dataset.Integer, dataset.Boolean, dataset.Date, dataset.DateTime:
		for _, r := range rows {
			dst.Ints = append(dst.Ints, src.Ints[r])
		}
	case dataset.Decimal:
		for _, r := range rows {
			dst.Wide = append(dst.Wide, src.Wide[r])
		}
	default:
		for _, r := range rows {
			dst.Bytes = append(dst.Bytes, src.Bytes[src.Offsets[r]:src.Offsets[r+1]]...)
			dst.Offsets = append(dst.Offsets, int32(len(dst.Bytes)))
		}
	}
}

// appendLevels adds the definition levels of a page: 1 for a value, 0 for null.
// It returns the number of nulls.
func appendLevels(b []byte, nulls []bool) ([]byte, int) {
	count := countTrue(nulls)
	switch count {
	case 0:
		return append(binary.AppendUvarint(b, uint64(len(nulls))<<1), 1), 0
	case len(nulls):
		return append(binary.AppendUvarint(b, uint64(len(nulls))<<1), 0), count
	}
	groups := (len(nulls) + 7) / 8
	b = binary.AppendUvarint(b, uint64(groups)<<1|1)
	for g := range groups {
		var bits byte
		for i, null := range nulls[g*8 : min(g*8+8, len(nulls))] {
			if !null {
				bits |= 1 << i
			}
		}
		b = append(b, bits)
	}
	return b, count
}

func countTrue(list []bool) int {
	n := 0
	for _, x := range list {
		if x {
			n++
		}
	}
	return n
}

// appendPlain adds the values of a page that are not null in the encoding PLAIN.
func appendPlain(b []byte, v *dataset.Vector) []byte {
	switch v.Type {
	case dataset.Number:
		for i, x := range v.Floats {
			if !v.Nulls[i] {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(x))
			}
		}
	case dataset.Integer, dataset.DateTime:
		for i, x := range v.Ints {
			if !v.Nulls[i] {
				b = binary.LittleEndian.AppendUint64(b, uint64(x))
			}
		}
	case dataset.Date:
		for i, x := range v.Ints {
			if !v.Nulls[i] {
				b = binary.LittleEndian.AppendUint32(b, uint32(x))
			}
		}
	case dataset.Boolean:
		return appendBooleans(b, v)
	case dataset.Decimal:
		for i, x := range v.Wide {
			if !v.Nulls[i] {
				digits := x.Bytes()
				b = append(b, digits[:]...)
			}
		}
	default:
		for i, null := range v.Nulls {
			if !null {
				text := v.BytesAt(i)
				b = binary.LittleEndian.AppendUint32(b, uint32(len(text)))
				b = append(b, text...)
			}
		}
	}
	return b
}

func appendBooleans(b []byte, v *dataset.Vector) []byte {
	n := 0
	for i, x := range v.Ints {
		if v.Nulls[i] {
			continue
		}
		if n%8 == 0 {
			b = append(b, 0)
		}
		b[len(b)-1] |= byte(x&1) << (n % 8)
		n++
	}
	return b
}

// appendCodes adds the codes of a dictionary: the width, then runs of equal
// codes and groups of eight packed in bits.
func appendCodes(b []byte, codes []uint32, distinct int) []byte {
	width := bits.Len(uint(max(distinct-1, 0)))
	b = append(b, byte(width))
	for len(codes) > 0 {
		if n := equalRun(codes); n >= 8 || n == len(codes) {
			b = binary.AppendUvarint(b, uint64(n)<<1)
			for i := 0; i < width; i += 8 {
				b = append(b, byte(codes[0]>>i))
			}
			codes = codes[n:]
			continue
		}
		n := 8
		for n < len(codes) && equalRun(codes[n:min(n+8, len(codes))]) < 8 {
			n += 8
		}
		n = min(n, len(codes))
		b = binary.AppendUvarint(b, uint64((n+7)/8)<<1|1)
		b = appendPacked(b, codes[:n], width)
		codes = codes[n:]
	}
	return b
}

func equalRun(codes []uint32) int {
	n := 1
	for n < len(codes) && codes[n] == codes[0] {
		n++
	}
	return n
}

// appendPacked packs codes in bits, with zeros up to a multiple of eight.
func appendPacked(b []byte, codes []uint32, width int) []byte {
	var pending uint64
	filled := 0
	for i := range (len(codes) + 7) / 8 * 8 {
		if i < len(codes) {
			pending |= uint64(codes[i]) << filled
		}
		for filled += width; filled >= 8; filled -= 8 {
			b = append(b, byte(pending))
			pending >>= 8
		}
	}
	return b
}
