package totals

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/delivery/criteria"
)

// appendFrom appends a value of a vector to another of its type.
func appendFrom(to, from *dataset.Vector, i int) {
	switch {
	case from.Nulls[i]:
		to.AppendNull()
	case from.Offsets != nil:
		to.AppendBytes(from.BytesAt(i))
	case from.Type == dataset.Number:
		to.AppendFloat(from.Floats[i])
	case from.Type == dataset.Decimal:
		to.AppendWide(from.Wide[i])
	default:
		to.AppendInt(from.Ints[i])
	}
}

// appendKey appends a value in a form that compares in the order of the term.
// Equal values have equal forms, and none is a prefix of another.
func appendKey(b []byte, v *dataset.Vector, i int, term criteria.Term) []byte {
	if v.Nulls[i] {
		if term.NullsFirst {
			return append(b, 0x00)
		}
		return append(b, 0xF0)
	}
	b = append(b, 0x80)
	from := len(b)
	switch {
	case v.Offsets != nil:
		b = appendText(b, v.BytesAt(i))
	case v.Type == dataset.Number:
		b = binary.BigEndian.AppendUint64(b, doubleBits(v.Floats[i]))
	case v.Type == dataset.Decimal:
		x := v.Wide[i].Bytes()
		x[0] ^= 0x80
		b = append(b, x[:]...)
	default:
		b = binary.BigEndian.AppendUint64(b, uint64(v.Ints[i])^1<<63) //nolint:gosec // as bits
	}
	if term.Descending {
		for j := from; j < len(b); j++ {
			b[j] = ^b[j]
		}
	}
	return b
}

// appendText appends a text: NUL becomes NUL FF, and NUL 01 ends it.
func appendText(b, text []byte) []byte {
	for _, c := range text {
		if b = append(b, c); c == 0 {
			b = append(b, 0xFF)
		}
	}
	return append(b, 0, 1)
}

// doubleBits returns bits that compare like doubles. NaN is the greatest.
func doubleBits(x float64) uint64 {
	bits := math.Float64bits(x)
	switch {
	case math.IsNaN(x):
		return math.MaxUint64
	case x == 0:
		return 1 << 63 // -0 too
	case bits>>63 == 1:
		return ^bits
	default:
		return bits | 1<<63
	}
}

// startsOf returns the start of the span of time that each value is in.
func startsOf(v *dataset.Vector, unit string) dataset.Vector {
	starts := dataset.NewVector(v.Type, len(v.Nulls))
	var before, at int64
	for i, null := range v.Nulls {
		if null {
			starts.AppendNull()
			continue
		}
		if i == 0 || v.Ints[i] != before || starts.Nulls[i-1] {
			before, at = v.Ints[i], startOf(v.Type, v.Ints[i], unit)
		}
		starts.AppendInt(at)
	}
	return starts
}

// startOf returns the start of a span, in UTC. Weeks begin on Monday.
func startOf(kind dataset.Type, value int64, unit string) int64 {
	t := time.UnixMicro(value).UTC()
	if kind == dataset.Date {
		t = time.Unix(value*86_400, 0).UTC()
	}
	year, month, day := t.Date()
	switch unit {
	case "year":
		month, day = 1, 1
	case "quarter":
		month, day = (month-1)/3*3+1, 1
	case "month":
		day = 1
	case "week":
		day -= (int(t.Weekday()) + 6) % 7
	}
	start := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	switch unit {
	case "hour":
		start = start.Add(time.Duration(t.Hour()) * time.Hour)
	case "minute":
		start = start.Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
	}
	if kind == dataset.Date {
		return start.Unix() / 86_400
	}
	return start.UnixMicro()
}
