package parquet

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"time"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/windlass-io/windlass/internal/dataset"
)

// leaf turns the values of one leaf column into those of a type.
type leaf struct {
	typ      dataset.Type
	kind     pq.Kind
	unsigned bool
	scale    int     // of a decimal
	decimal  bool    // as bytes
	unit     int64   // nanoseconds of one unit of a timestamp or time
	clock    bool    // a time of day
	half     bool    // a float16
	uuid     bool    //
	raw      bool    // bytes that are no text
	power    float64 // 10^scale
}

func newLeaf(t pq.Type) *leaf {
	l := &leaf{kind: t.Kind(), power: 1}
	if lt := t.LogicalType(); lt != nil && l.logical(lt.Value) {
		return l
	}
	switch l.kind {
	case pq.Boolean:
		l.typ = dataset.Boolean
	case pq.Int32, pq.Int64:
		l.typ = dataset.Integer
	case pq.Int96:
		l.typ = dataset.DateTime
	case pq.Float, pq.Double:
		l.typ = dataset.Number
	case pq.ByteArray:
		l.typ = dataset.String
	default:
		l.typ, l.raw = dataset.String, true
	}
	return l
}

// logical reads the annotation. It is false for one that changes nothing.
func (l *leaf) logical(t format.LogicalTypeValue) bool {
	switch t := t.(type) {
	case *format.IntType:
		l.typ, l.unsigned = dataset.Integer, !t.IsSigned
	case *format.DateType:
		l.typ = dataset.Date
	case *format.TimestampType:
		l.typ, l.unit = dataset.DateTime, int64(t.Unit.Value.Duration())
	case *format.TimeType:
		l.typ, l.clock, l.unit = dataset.String, true, int64(t.Unit.Value.Duration())
	case *format.DecimalType:
		l.scale, l.power = int(t.Scale), math.Pow10(int(t.Scale))
		l.decimal = l.kind == pq.ByteArray || l.kind == pq.FixedLenByteArray
		l.typ = dataset.Number
		if t.Scale == 0 && t.Precision <= 18 {
			l.typ = dataset.Integer
		}
	case *format.StringType, *format.EnumType:
		l.typ = dataset.String
	case *format.UUIDType:
		l.typ, l.uuid = dataset.String, true
	case *format.JsonType:
		l.typ = dataset.Any
	case *format.Float16Type:
		l.typ, l.half = dataset.Number, true
	case *format.BsonType, *format.GeometryType, *format.GeographyType:
		l.typ, l.raw = dataset.String, true
	default:
		return false
	}
	return true
}

// value reads a value that is not null. Its bytes are in scratch, or in the
// page that it comes from.
func (l *leaf) value(x *pq.Value, scratch *[]byte) value {
	switch l.typ {
	case dataset.Boolean:
		if x.Boolean() {
			return value{int: 1}
		}
		return value{}
	case dataset.Integer:
		return l.integer(x)
	case dataset.Number:
		return l.number(x)
	case dataset.Date:
		days := int64(x.Int32())
		if days*86400*1_000_000 < earliest || days*86400*1_000_000 >= latest {
			return value{wrong: "should be a date before the year 10000"}
		}
		return value{int: days}
	case dataset.DateTime:
		return l.moment(x)
	case dataset.Any:
		if b := x.ByteArray(); json.Valid(b) {
			return value{bytes: b}
		}
		return value{bytes: x.ByteArray(), wrong: "should be JSON"}
	default:
		return l.string(x, scratch)
	}
}

func (l *leaf) whole(x *pq.Value) int64 {
	if l.kind == pq.Int32 {
		if l.unsigned {
			return int64(x.Uint32())
		}
		return int64(x.Int32())
	}
	return x.Int64()
}

func (l *leaf) integer(x *pq.Value) value {
	if l.decimal {
		n := unscaled(x.ByteArray())
		if !n.IsInt64() {
			return value{wrong: "should be integer of at most 64 bits"}
		}
		return value{int: n.Int64()}
	}
	n := l.whole(x)
	if l.unsigned && n < 0 {
		return value{int: n, wrong: "should be integer of at most 64 bits"}
	}
	return value{int: n}
}

// unscaled reads a big-endian two's complement number.
func unscaled(b []byte) *big.Int {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return n
}

func (l *leaf) number(x *pq.Value) value {
	var f float64
	switch {
	case l.half:
		f = float16(x.ByteArray())
	case l.decimal:
		f, _ = new(big.Rat).SetFrac(unscaled(x.ByteArray()), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(l.scale)), nil)).Float64()
	case l.kind == pq.Float:
		f = float64(x.Float())
	case l.kind == pq.Double:
		f = x.Double()
	default:
		f = float64(l.whole(x)) / l.power
	}
	switch {
	case math.IsNaN(f):
		return value{null: true}
	case math.IsInf(f, 0):
		return value{float: f, wrong: "should be number, is infinite"}
	}
	return value{float: f}
}

func float16(b []byte) float64 {
	if len(b) != 2 {
		return math.NaN()
	}
	bits := uint16(b[0]) | uint16(b[1])<<8
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)
	var f float64
	switch exponent {
	case 0:
		f = fraction * math.Pow(2, -24)
	case 31:
		f = math.Inf(1)
		if fraction != 0 {
			return math.NaN()
		}
	default:
		f = (1 + fraction/1024) * math.Pow(2, float64(exponent-15))
	}
	if bits&0x8000 != 0 {
		f = -f
	}
	return f
}

// The years that a date-time can be in.
var (
	earliest = time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	latest   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

func (l *leaf) moment(x *pq.Value) value {
	var micros int64
	switch {
	case l.kind == pq.Int96:
		i := x.Int96()
		nanos := int64(i[0]) | int64(i[1])<<32
		const julian = 2_440_588                                          // the day 1970-01-01
		micros = (int64(int32(i[2]))-julian)*86400*1_000_000 + nanos/1000 //nolint:gosec // days are signed
	case l.unit >= 1000: // one unit is a microsecond or more
		n := l.unit / 1000
		if micros = x.Int64(); micros > latest/n || micros < earliest/n {
			return value{int: latest, wrong: "should be a date-time before the year 10000"}
		}
		micros *= n
	default:
		micros = floorDiv(x.Int64(), 1000)
	}
	if micros < earliest || micros > latest {
		return value{int: latest, wrong: "should be a date-time before the year 10000"}
	}
	return value{int: micros}
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func (l *leaf) string(x *pq.Value, scratch *[]byte) value {
	switch {
	case l.clock:
		*scratch = appendClock((*scratch)[:0], l.whole(x)*l.unit)
		return value{bytes: *scratch}
	case l.uuid && len(x.ByteArray()) == 16:
		b := x.ByteArray()
		*scratch = fmt.Appendf((*scratch)[:0], "%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		return value{bytes: *scratch}
	case l.raw || l.uuid:
		*scratch = base64.StdEncoding.AppendEncode((*scratch)[:0], x.ByteArray())
		return value{bytes: *scratch}
	}
	return value{bytes: x.ByteArray()}
}

// appendClock writes a time of day given in nanoseconds.
func appendClock(dst []byte, nanos int64) []byte {
	t := time.Unix(0, nanos).UTC()
	return t.AppendFormat(dst, "15:04:05.999999999")
}
