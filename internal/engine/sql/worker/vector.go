//go:build cgo

package worker

import (
	"encoding/base64"
	"math"
	"strconv"
	"unsafe"

	bindings "github.com/duckdb/duckdb-go-bindings"

	"github.com/windlass-io/windlass/internal/dataset"
)

// columnOf returns the column for a type of DuckDB's, without its name.
func columnOf(kind bindings.LogicalType) (dataset.Column, bool) {
	switch bindings.GetTypeId(kind) {
	case bindings.TypeBoolean:
		return dataset.Column{Type: dataset.Boolean}, true
	case bindings.TypeTinyInt, bindings.TypeSmallInt, bindings.TypeInteger, bindings.TypeBigInt, bindings.TypeUTinyInt,
		bindings.TypeUSmallInt, bindings.TypeUInteger:
		return dataset.Column{Type: dataset.Integer}, true
	case bindings.TypeUBigInt:
		return dataset.Column{Type: dataset.Decimal, Precision: 20}, true
	case bindings.TypeHugeInt:
		return dataset.Column{Type: dataset.Decimal, Precision: dataset.MaxPrecision}, true
	case bindings.TypeDecimal:
		return dataset.Column{
			Type: dataset.Decimal, Precision: int(bindings.DecimalWidth(kind)),
			Scale: int(bindings.DecimalScale(kind)),
		}, true
	case bindings.TypeFloat, bindings.TypeDouble:
		return dataset.Column{Type: dataset.Number}, true
	case bindings.TypeDate:
		return dataset.Column{Type: dataset.Date}, true
	case bindings.TypeTimestamp, bindings.TypeTimestampTZ, bindings.TypeTimestampS, bindings.TypeTimestampMS,
		bindings.TypeTimestampNS:
		return dataset.Column{Type: dataset.DateTime}, true
	case bindings.TypeVarchar:
		if isJSON(kind) {
			return dataset.Column{Type: dataset.Any}, true
		}
		return dataset.Column{Type: dataset.String}, true
	case bindings.TypeList, bindings.TypeArray, bindings.TypeStruct, bindings.TypeMap:
		return dataset.Column{Type: dataset.Any}, canNest(kind)
	default:
		return dataset.Column{Type: dataset.String}, isPlain(kind)
	}
}

// isPlain reports whether values of a type become strings.
func isPlain(kind bindings.LogicalType) bool {
	switch bindings.GetTypeId(kind) {
	case bindings.TypeTime, bindings.TypeInterval, bindings.TypeUUID, bindings.TypeBlob, bindings.TypeEnum,
		bindings.TypeSQLNull:
		return true
	default:
		return false
	}
}

// values are the values of a vector of DuckDB's, of type T.
func values[T any](v bindings.Vector, rows int) []T {
	return unsafe.Slice((*T)(bindings.VectorGetData(v)), rows) //nolint:gosec // the size of DuckDB's vector
}

// readVector reads the rows of a vector.
func readVector(v bindings.Vector, kind bindings.LogicalType, into *dataset.Vector, rows int) error {
	into.Reset()
	isNull := nullsOf(v)
	read, err := reader(v, kind, rows)
	if err != nil {
		return err
	}
	for i := range rows {
		if isNull(i) {
			into.AppendNull()
			continue
		}
		read(into, i)
		if len(into.Bytes) > maxRow*2 {
			return errTooLong
		}
	}
	return nil
}

func nullsOf(v bindings.Vector) func(row int) bool {
	mask := bindings.VectorGetValidity(v)
	if mask == nil {
		return func(int) bool { return false }
	}
	return func(row int) bool {
		word := *(*uint64)(unsafe.Add(mask, row/64*8))
		return word>>(row%64)&1 == 0
	}
}

// appendValue appends value i of a vector.
type appendValue func(into *dataset.Vector, i int)

func integers[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32](v bindings.Vector, rows int) appendValue {
	list := values[T](v, rows)
	return func(into *dataset.Vector, i int) { into.AppendInt(int64(list[i])) }
}

// days reads dates. An infinite one becomes null, as infinite numbers do in JSON.
func days(v bindings.Vector, rows int) appendValue {
	list := values[int32](v, rows)
	return func(into *dataset.Vector, i int) {
		if isInfinite(int64(list[i]), math.MaxInt32) {
			into.AppendNull()
			return
		}
		into.AppendInt(int64(list[i]))
	}
}

// isInfinite reports whether a date or timestamp is one of DuckDB's infinities.
func isInfinite(x, infinity int64) bool { return x == infinity || x == -infinity }

// moments reads timestamps. parts units are times microseconds; results are
// rounded down.
func moments(v bindings.Vector, rows int, times, parts int64) appendValue {
	list := values[int64](v, rows)
	return func(into *dataset.Vector, i int) {
		if isInfinite(list[i], math.MaxInt64) {
			into.AppendNull()
			return
		}
		x := list[i] * times
		if x%parts < 0 {
			x -= parts
		}
		into.AppendInt(x / parts)
	}
}

func reader(v bindings.Vector, kind bindings.LogicalType, rows int) (appendValue, error) {
	switch bindings.GetTypeId(kind) {
	case bindings.TypeBoolean, bindings.TypeUTinyInt:
		return integers[uint8](v, rows), nil
	case bindings.TypeTinyInt:
		return integers[int8](v, rows), nil
	case bindings.TypeSmallInt:
		return integers[int16](v, rows), nil
	case bindings.TypeInteger:
		return integers[int32](v, rows), nil
	case bindings.TypeDate:
		return days(v, rows), nil
	case bindings.TypeBigInt:
		return integers[int64](v, rows), nil
	case bindings.TypeTimestamp, bindings.TypeTimestampTZ:
		return moments(v, rows, 1, 1), nil
	case bindings.TypeUSmallInt:
		return integers[uint16](v, rows), nil
	case bindings.TypeUInteger:
		return integers[uint32](v, rows), nil
	case bindings.TypeTimestampS:
		return moments(v, rows, 1_000_000, 1), nil
	case bindings.TypeTimestampMS:
		return moments(v, rows, 1000, 1), nil
	case bindings.TypeTimestampNS:
		return moments(v, rows, 1, 1000), nil
	case bindings.TypeDouble:
		list := values[float64](v, rows)
		return func(into *dataset.Vector, i int) { into.AppendFloat(list[i]) }, nil
	case bindings.TypeFloat:
		list := values[float32](v, rows)
		return func(into *dataset.Vector, i int) { into.AppendFloat(widen(list[i])) }, nil
	case bindings.TypeUBigInt:
		list := values[uint64](v, rows)
		return func(into *dataset.Vector, i int) { into.AppendWide(dataset.NewUint128(list[i])) }, nil
	case bindings.TypeHugeInt:
		return wide(v, rows), nil
	case bindings.TypeDecimal:
		return decimals(v, kind, rows), nil
	default:
		return texts(v, kind, rows)
	}
}

// widen returns the double with the same shortest text as a float.
func widen(x float32) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	if err != nil {
		return float64(x)
	}
	return y
}

// hugeInt is a value of 128 bits, as DuckDB stores it.
type hugeInt struct {
	lower uint64
	upper int64
}

func wide(v bindings.Vector, rows int) appendValue {
	list := values[hugeInt](v, rows)
	return func(into *dataset.Vector, i int) {
		into.AppendWide(dataset.Int128{Hi: list[i].upper, Lo: list[i].lower})
	}
}

func narrow[T int16 | int32 | int64](v bindings.Vector, rows int) appendValue {
	list := values[T](v, rows)
	return func(into *dataset.Vector, i int) { into.AppendWide(dataset.NewInt128(int64(list[i]))) }
}

func decimals(v bindings.Vector, kind bindings.LogicalType, rows int) appendValue {
	switch bindings.DecimalInternalType(kind) {
	case bindings.TypeSmallInt:
		return narrow[int16](v, rows)
	case bindings.TypeInteger:
		return narrow[int32](v, rows)
	case bindings.TypeBigInt:
		return narrow[int64](v, rows)
	default:
		return wide(v, rows)
	}
}

// texts reads values that become texts, or JSON.
func texts(v bindings.Vector, kind bindings.LogicalType, rows int) (appendValue, error) {
	write, err := writer(v, kind, rows, false)
	if err != nil {
		return nil, err
	}
	return func(into *dataset.Vector, i int) {
		into.Bytes = write(into.Bytes, i)
		into.Nulls = append(into.Nulls, false)
		into.Offsets = append(into.Offsets, int32(len(into.Bytes))) //nolint:gosec // checked by readVector
	}, nil
}

// text returns the bytes of value i of a vector of strings, valid as long as the
// vector.
func text(list []stringT, i int) []byte {
	s := &list[i]
	if s.length <= uint32(len(s.inlined)) {
		return s.inlined[:s.length]
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&s.inlined[4])), s.length) //nolint:gosec // DuckDB's layout
}

// stringT is a string as DuckDB stores it: up to 12 bytes inline, longer ones as
// 4 bytes and a pointer.
type stringT struct {
	length  uint32
	inlined [12]byte
}

const microsPerSecond = 1_000_000

func appendTime(b []byte, micros int64) []byte {
	seconds := micros / microsPerSecond
	for i, part := range [3]int64{seconds / 3600, seconds / 60 % 60, seconds % 60} {
		if i > 0 {
			b = append(b, ':')
		}
		if part < 10 {
			b = append(b, '0')
		}
		b = strconv.AppendInt(b, part, 10)
	}
	if rest := micros % microsPerSecond; rest != 0 {
		fraction := strconv.FormatInt(microsPerSecond+rest, 10)[1:]
		for fraction[len(fraction)-1] == '0' {
			fraction = fraction[:len(fraction)-1]
		}
		b = append(append(b, '.'), fraction...)
	}
	return b
}

// interval is an interval as DuckDB stores it.
type interval struct {
	months, days int32
	micros       int64
}

// appendInterval appends an interval in the form of ISO 8601: P1Y2M3DT4H5M6.5S.
func appendInterval(b []byte, x interval) []byte {
	start := len(b)
	b = append(b, 'P')
	part := func(n int64, unit byte) {
		if n != 0 {
			b = append(strconv.AppendInt(b, n, 10), unit)
		}
	}
	part(int64(x.months/12), 'Y')
	part(int64(x.months%12), 'M')
	part(int64(x.days), 'D')
	if x.micros != 0 {
		b = append(b, 'T')
		part(x.micros/3_600_000_000, 'H')
		part(x.micros/60_000_000%60, 'M')
		if seconds := x.micros % 60_000_000; seconds != 0 {
			b = append(strconv.AppendFloat(b, float64(seconds)/microsPerSecond, 'f', -1, 64), 'S')
		}
	}
	if len(b) == start+1 {
		b = append(b, "T0S"...)
	}
	return b
}

func appendUUID(b []byte, x hugeInt) []byte {
	high := uint64(x.upper) ^ 1<<63 //nolint:gosec // DuckDB flips the sign, so that UUIDs sort
	const digits = "0123456789abcdef"
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		half := high
		if i >= 16 {
			half = x.lower
		}
		b = append(b, digits[half>>(60-i%16*4)&15])
	}
	return b
}

func appendBase64(b, data []byte) []byte { return base64.StdEncoding.AppendEncode(b, data) }

// isFinite reports whether JSON can represent x.
func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
