package parquet

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"sync/atomic"
	"time"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// leaf converts the values of one leaf column to those of a type.
type leaf struct {
	column   dataset.Column // the type, without a name
	kind     pq.Kind
	unsigned bool
	scale    int            // of a decimal
	unit     int64          // nanoseconds of one unit of a timestamp or a time
	local    bool           // a timestamp is in the time zone of the source
	zone     *time.Location // nil: UTC
	beyond   beyond
	read     func(l *leaf, x *pq.Value, scratch *[]byte) value
	losses   losses
}

// losses counts values that couldn't be stored exactly. It is atomic because
// notes are written while another goroutine may still read.
type losses struct {
	notFinite atomic.Int64 // NaN and infinities, which became null
	cut       atomic.Int64 // timestamps that lost digits below a microsecond
}

// newLeaf returns the leaf of a schema element. The library doesn't support
// all logical types, so newLeaf reads the type from the element itself.
func newLeaf(t pq.Type, element *format.SchemaElement) (*leaf, error) {
	l := &leaf{kind: t.Kind()}
	if element.Type.Valid {
		l.kind = pq.Kind(element.Type.V) //nolint:gosec // an unknown type is refused by the library
	}
	lt := element.LogicalType.Value
	if lt == nil && t.LogicalType() != nil {
		lt = t.LogicalType().Value // of a legacy converted type
	}
	if element.ConvertedType.Valid && element.ConvertedType.V == deprecated.Interval {
		l.set(dataset.Column{Type: dataset.Object}, (*leaf).interval)
		return l, nil
	}
	if d, ok := lt.(*format.DecimalType); ok {
		return l, l.setDecimal(element.Name, int(d.Precision), int(d.Scale))
	}
	if lt == nil || !l.setLogical(lt) {
		l.setPhysical()
	}
	return l, nil
}

func (l *leaf) set(c dataset.Column, read func(*leaf, *pq.Value, *[]byte) value) {
	l.column, l.read = c, read
}

var base64Column = dataset.Column{Type: dataset.String, Format: "base64"}

func (l *leaf) setPhysical() {
	switch l.kind {
	case pq.Boolean:
		l.set(dataset.Column{Type: dataset.Boolean}, (*leaf).boolean)
	case pq.Int32, pq.Int64:
		l.set(dataset.Column{Type: dataset.Integer}, (*leaf).integer)
	case pq.Int96:
		l.set(dataset.Column{Type: dataset.DateTime}, (*leaf).int96)
	case pq.Float, pq.Double:
		l.set(dataset.Column{Type: dataset.Number}, (*leaf).number)
	default:
		l.set(base64Column, (*leaf).base64)
	}
}

// setLogical applies an annotation. It returns false for one that doesn't
// change the type.
func (l *leaf) setLogical(t format.LogicalTypeValue) bool {
	switch t := t.(type) {
	case *format.IntType:
		l.unsigned = !t.IsSigned
		l.set(dataset.Column{Type: dataset.Integer}, (*leaf).integer)
	case *format.DateType:
		l.set(dataset.Column{Type: dataset.Date}, (*leaf).date)
	case *format.TimestampType:
		l.unit, l.local = int64(t.Unit.Value.Duration()), !t.IsAdjustedToUTC
		l.set(dataset.Column{Type: dataset.DateTime}, (*leaf).timestamp)
	case *format.TimeType:
		l.unit = int64(t.Unit.Value.Duration())
		l.set(dataset.Column{Type: dataset.String}, (*leaf).clock)
	case *format.StringType, *format.EnumType:
		l.set(dataset.Column{Type: dataset.String}, (*leaf).text)
	case *format.UUIDType:
		l.set(dataset.Column{Type: dataset.String}, (*leaf).uuid)
	case *format.JsonType:
		l.set(dataset.Column{Type: dataset.Any}, (*leaf).any)
	case *format.Float16Type:
		l.set(dataset.Column{Type: dataset.Number}, (*leaf).half)
	case *format.NullType:
		l.set(dataset.Column{Type: dataset.Any}, (*leaf).null)
	default:
		return false
	}
	return true
}

// setDecimal sets the leaf's type to a decimal, or to a string if it has too
// many digits for a decimal.
func (l *leaf) setDecimal(name string, precision, scale int) error {
	if precision < 1 || scale < 0 || scale > precision {
		return problem.New(problem.Invalid, "Column %q has the type decimal(%d,%d), which isn't supported.", name,
			precision, scale).
			WithHint("Use a precision of at least 1 and a scale from 0 to the precision.")
	}
	l.scale = scale
	if precision > dataset.MaxPrecision {
		l.set(dataset.Column{Type: dataset.String}, (*leaf).longDecimal)
		return nil
	}
	l.set(dataset.Column{Type: dataset.Decimal, Precision: precision, Scale: scale}, (*leaf).decimal)
	return nil
}

// widen changes a 64-bit unsigned integer to a decimal, for values beyond
// int64.
func (l *leaf) widen() {
	l.set(dataset.Column{Type: dataset.Decimal, Precision: 20}, (*leaf).unsigned64)
}

// value reads a value that is not null. Its bytes are in scratch, or in the
// page that it comes from.
func (l *leaf) value(x *pq.Value, scratch *[]byte) value { return l.read(l, x, scratch) }

func (l *leaf) null(*pq.Value, *[]byte) value { return value{null: true} }

func (l *leaf) boolean(x *pq.Value, _ *[]byte) value {
	if x.Boolean() {
		return value{int: 1}
	}
	return value{}
}

func (l *leaf) whole(x *pq.Value) int64 {
	switch {
	case l.kind != pq.Int32:
		return x.Int64()
	case l.unsigned:
		return int64(x.Uint32())
	}
	return int64(x.Int32())
}

func (l *leaf) integer(x *pq.Value, scratch *[]byte) value {
	n := l.whole(x)
	if l.unsigned && n < 0 {
		*scratch = strconv.AppendUint((*scratch)[:0], x.Uint64(), 10)
		l.beyond.addDigits(*scratch)
		return value{bytes: *scratch, wrong: "should be integer of at most 64 bits"}
	}
	return value{int: n}
}

func (l *leaf) unsigned64(x *pq.Value, _ *[]byte) value {
	return value{wide: dataset.NewUint128(x.Uint64())}
}

func (l *leaf) decimal(x *pq.Value, scratch *[]byte) value {
	var wide dataset.Int128
	fits := true
	if l.kind == pq.ByteArray || l.kind == pq.FixedLenByteArray {
		wide, fits = dataset.Int128FromBytes(x.ByteArray())
	} else {
		wide = dataset.NewInt128(l.whole(x))
	}
	if !fits || !dataset.DecimalFits(wide, l.column.Precision) {
		v := l.longDecimal(x, scratch)
		l.beyond.addDigits(v.bytes)
		v.wrong = "should be " + l.column.TypeName()
		return v
	}
	return value{wide: wide}
}

// longDecimal writes a decimal of more than 38 digits.
func (l *leaf) longDecimal(x *pq.Value, scratch *[]byte) value {
	n := big.NewInt(0)
	if l.kind == pq.ByteArray || l.kind == pq.FixedLenByteArray {
		b := x.ByteArray()
		if len(b) > maxDecimalBytes {
			return value{wrong: fmt.Sprintf("should be decimal of at most %d bytes", maxDecimalBytes)}
		}
		n = unscaled(b)
	} else {
		n.SetInt64(l.whole(x))
	}
	digits := new(big.Int).Abs(n).String()
	for len(digits) <= l.scale {
		digits = "0" + digits
	}
	out := (*scratch)[:0]
	if n.Sign() < 0 {
		out = append(out, '-')
	}
	out = append(out, digits[:len(digits)-l.scale]...)
	if l.scale > 0 {
		out = append(append(out, '.'), digits[len(digits)-l.scale:]...)
	}
	*scratch = out
	return value{bytes: out}
}

// maxDecimalBytes limits decimals of more than 38 digits, because the time to
// print one grows with the square of its length.
const maxDecimalBytes = 1024

// unscaled reads a big-endian two's complement number.
func unscaled(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func (l *leaf) number(x *pq.Value, _ *[]byte) value {
	if l.kind == pq.Float {
		return l.finite(float64(x.Float()))
	}
	return l.finite(x.Double())
}

func (l *leaf) half(x *pq.Value, _ *[]byte) value { return l.finite(float16(x.ByteArray())) }

// finite returns a number, or null for NaN and infinities, which JSON doesn't have.
func (l *leaf) finite(f float64) value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		l.losses.notFinite.Add(1)
		return value{null: true}
	}
	return value{float: f}
}

func float16(b []byte) float64 {
	if len(b) != 2 {
		return math.NaN()
	}
	bits := binary.LittleEndian.Uint16(b)
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	var f float64
	switch exponent {
	case 0:
		f = fraction * math.Pow(2, -24)
	case 31:
		return math.Inf(1) // or not a number
	default:
		f = (1 + fraction/1024) * math.Pow(2, float64(exponent-15))
	}
	if bits&0x8000 != 0 {
		f = -f
	}
	return f
}

// The range of dates, in microseconds.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	latest   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

const (
	secondsOfDay = 86400
	microsOfDay  = secondsOfDay * 1_000_000
)

func (l *leaf) date(x *pq.Value, scratch *[]byte) value {
	days := int64(x.Int32())
	if days*microsOfDay < earliest || days*microsOfDay >= latest {
		l.beyond.text.Store(true)
		*scratch = time.Unix(days*secondsOfDay, 0).UTC().AppendFormat((*scratch)[:0], time.DateOnly)
		return value{bytes: *scratch, wrong: "should be a date of the years 1 to 9999"}
	}
	return value{int: days}
}

func (l *leaf) int96(x *pq.Value, scratch *[]byte) value {
	const julian = 2_440_588 // the day 1970-01-01
	i := x.Int96()
	nanos := int64(i[0]) | int64(i[1])<<32
	l.countCut(nanos)
	days := int64(int32(i[2])) //nolint:gosec // days are signed
	return l.moment((days-julian)*secondsOfDay, floorDiv(nanos, 1000), scratch)
}

func (l *leaf) timestamp(x *pq.Value, scratch *[]byte) value {
	n := x.Int64()
	if l.unit < 1000 { // nanoseconds
		l.countCut(n)
		return l.moment(0, floorDiv(n, 1000), scratch)
	}
	perSecond := int64(time.Second) / l.unit
	seconds := floorDiv(n, perSecond)
	return l.moment(seconds, (n-seconds*perSecond)*(l.unit/1000), scratch)
}

func (l *leaf) countCut(nanos int64) {
	if nanos%1000 != 0 {
		l.losses.cut.Add(1)
	}
}

// moment returns the time this many seconds and microseconds after 1970.
func (l *leaf) moment(seconds, micros int64, scratch *[]byte) value {
	carry := floorDiv(micros, 1_000_000)
	seconds, micros = seconds+carry, micros-carry*1_000_000
	if inRange(seconds) && l.local && l.zone != nil {
		seconds += cell.SecondsWest(l.zone, seconds)
	}
	if !inRange(seconds) {
		l.beyond.text.Store(true)
		*scratch = time.Unix(seconds, micros*1000).UTC().AppendFormat((*scratch)[:0], time.RFC3339Nano)
		return value{bytes: *scratch, wrong: "should be a date-time of the years 1 to 9999"}
	}
	return value{int: seconds*1_000_000 + micros}
}

func inRange(seconds int64) bool { return seconds >= earliest/1_000_000 && seconds < latest/1_000_000 }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (l *leaf) text(x *pq.Value, _ *[]byte) value { return value{bytes: x.ByteArray()} }

func (l *leaf) clock(x *pq.Value, scratch *[]byte) value {
	t := time.Unix(0, l.whole(x)*l.unit).UTC()
	*scratch = t.AppendFormat((*scratch)[:0], "15:04:05.999999999")
	return value{bytes: *scratch}
}

func (l *leaf) uuid(x *pq.Value, scratch *[]byte) value {
	b := x.ByteArray()
	if len(b) != 16 {
		return value{bytes: b, wrong: "should be a UUID of 16 bytes"}
	}
	*scratch = fmt.Appendf((*scratch)[:0], "%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	return value{bytes: *scratch}
}

func (l *leaf) base64(x *pq.Value, scratch *[]byte) value {
	*scratch = base64.StdEncoding.AppendEncode((*scratch)[:0], x.ByteArray())
	return value{bytes: *scratch}
}

// any parses JSON. A text that isn't valid JSON becomes a string.
func (l *leaf) any(x *pq.Value, scratch *[]byte) value {
	b := x.ByteArray()
	if json.Valid(b) {
		return value{bytes: b}
	}
	*scratch = appendQuoted((*scratch)[:0], b)
	return value{bytes: *scratch}
}

// interval reads three little-endian numbers: months, days and milliseconds.
func (l *leaf) interval(x *pq.Value, scratch *[]byte) value {
	b := x.ByteArray()
	if len(b) != 12 {
		return value{bytes: b, wrong: "should be an interval of 12 bytes"}
	}
	*scratch = fmt.Appendf((*scratch)[:0], `{"months":%d,"days":%d,"millis":%d}`,
		binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]))
	return value{bytes: *scratch}
}
