package avro

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// maxDepth limits the nesting of a value, as in JSON.
const maxDepth = 64

// value is a value of a file in JSON terms. text is the content of a string, or
// the JSON of other kinds.
type value struct {
	kind cell.JSONKind
	text []byte
	code dataset.RejectCode // why it isn't of its type; empty: it is
	why  string
}

func wrong(why string, text []byte) value {
	return value{cell.JSONString, text, dataset.OutOfRange, why}
}

func number(text []byte) value { return value{kind: cell.JSONNumber, text: text} }

func text(text []byte) value { return value{kind: cell.JSONString, text: text} }

// value converts a value that the library decoded.
func (k *kind) value(x any, lost *losses) value { return k.at(x, lost, 0) }

func (k *kind) at(x any, lost *losses, depth int) value {
	switch x := x.(type) {
	case bool:
		return value{kind: cell.JSONBoolean, text: strconv.AppendBool(nil, x)}
	case int32:
		return k.whole(int64(x), lost)
	case int64:
		return k.whole(x, lost)
	case float32:
		return finite(float64(x), lost)
	case float64:
		return finite(x, lost)
	case string:
		return text([]byte(x))
	case []byte:
		return k.bytes(x)
	case []any, map[string]any:
		return k.nested(x, lost, depth)
	case nil:
		return value{}
	}
	return wrong(fmt.Sprintf("should not be %T", x), nil)
}

func finite(f float64, lost *losses) value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		lost.notFinite++
		return value{}
	}
	return number(strconv.AppendFloat(nil, f, 'g', -1, 64))
}

// whole converts an int or a long.
func (k *kind) whole(n int64, lost *losses) value {
	switch k.logical {
	case "date":
		return day(n)
	case "time-millis":
		return clock(n, time.Millisecond)
	case "time-micros":
		return clock(n, time.Microsecond)
	case "timestamp-millis":
		return moment(n, 1000, "Z")
	case "local-timestamp-millis":
		return moment(n, 1000, "")
	case "timestamp-micros":
		return moment(n, 1, "Z")
	case "local-timestamp-micros":
		return moment(n, 1, "")
	case "timestamp-nanos", "local-timestamp-nanos":
		micros := n / 1000
		if n%1000 != 0 {
			lost.cut++
			if n < 0 {
				micros--
			}
		}
		if k.logical == "timestamp-nanos" {
			return moment(micros, 1, "Z")
		}
		return moment(micros, 1, "")
	}
	return number(strconv.AppendInt(nil, n, 10))
}

// The range of dates, in seconds.
var (
	earliest = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	latest   = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

const secondsOfDay = 86400

func day(days int64) value {
	if days*secondsOfDay < earliest || days*secondsOfDay >= latest {
		return wrong("should be a date of the years 1 to 9999",
			time.Unix(days*secondsOfDay, 0).UTC().AppendFormat(nil, time.DateOnly))
	}
	return text(time.Unix(days*secondsOfDay, 0).UTC().AppendFormat(nil, time.DateOnly))
}

// moment returns the time that is n units of micros microseconds after 1970.
func moment(n, micros int64, zone string) value {
	perSecond := 1_000_000 / micros
	seconds, rest := n/perSecond, n%perSecond
	if rest < 0 {
		seconds, rest = seconds-1, rest+perSecond
	}
	if seconds < earliest || seconds >= latest {
		return wrong("should be a date-time of the years 1 to 9999",
			time.Unix(seconds, rest*micros*1000).UTC().AppendFormat(nil, time.RFC3339Nano))
	}
	t := time.Unix(seconds, rest*micros*1000).UTC()
	return text(append(t.AppendFormat(nil, "2006-01-02T15:04:05.999999"), zone...))
}

func clock(n int64, unit time.Duration) value {
	if n < 0 || n >= int64(24*time.Hour/unit) {
		return wrong("should be a time of day", strconv.AppendInt(nil, n, 10))
	}
	return text(time.Unix(0, n*int64(unit)).UTC().AppendFormat(nil, "15:04:05.999999"))
}

// bytes converts bytes or a fixed.
func (k *kind) bytes(b []byte) value {
	switch {
	case k.logical == "decimal":
		return k.decimal(b)
	case k.logical == "uuid" && len(b) == 16:
		return text(fmt.Appendf(nil, "%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]))
	case k.logical == "duration" && len(b) == 12:
		return value{kind: cell.JSONObject, text: fmt.Appendf(nil, `{"months":%d,"days":%d,"millis":%d}`,
			binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:]))}
	}
	return text(base64.StdEncoding.AppendEncode(nil, b))
}

// maxDecimalBytes limits decimals with more than 38 digits, because formatting
// one takes time proportional to the square of its length.
const maxDecimalBytes = 1024

func (k *kind) decimal(b []byte) value {
	if k.digits <= dataset.MaxPrecision {
		wide, fits := dataset.Int128FromBytes(b)
		if fits && dataset.DecimalFits(wide, k.digits) {
			return number(dataset.AppendDecimal(nil, wide, k.scale))
		}
	}
	if len(b) > maxDecimalBytes {
		return wrong(fmt.Sprintf("should be decimal of at most %d bytes", maxDecimalBytes), nil)
	}
	digits := longDecimal(b, k.scale)
	if k.digits <= dataset.MaxPrecision {
		return wrong("should be "+k.column.TypeName(), digits)
	}
	return text(digits)
}

// longDecimal writes a big-endian two's complement number with a scale.
func longDecimal(b []byte, scale int) []byte {
	n := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	digits := new(big.Int).Abs(n).String()
	for len(digits) <= scale {
		digits = "0" + digits
	}
	var out []byte
	if n.Sign() < 0 {
		out = append(out, '-')
	}
	out = append(out, digits[:len(digits)-scale]...)
	if scale > 0 {
		out = append(append(out, '.'), digits[len(digits)-scale:]...)
	}
	return out
}

// nested converts an array, a map, a record, or a value of a union, which the
// library tags with its branch.
func (k *kind) nested(x any, lost *losses, depth int) value {
	if k.typ == "union" {
		tagged, _ := x.(map[string]any)
		for tag, inner := range tagged {
			if b := k.branch(tag); b != nil {
				return b.at(inner, lost, depth)
			}
		}
		return wrong("has an unknown branch of a union", nil)
	}
	if depth >= maxDepth {
		return value{cell.JSONObject, nil, dataset.TooDeep, fmt.Sprintf("nests deeper than %d levels", maxDepth)}
	}
	out := value{kind: cell.JSONObject}
	var bad value
	add := func(k *kind, x any) {
		v := k.at(x, lost, depth+1)
		if v.code != "" && bad.code == "" {
			bad = v
		}
		out.text = v.appendJSON(out.text)
	}
	switch x := x.(type) {
	case []any:
		out.kind, out.text = cell.JSONArray, append(out.text, '[')
		for i, item := range x {
			if i > 0 {
				out.text = append(out.text, ',')
			}
			add(k.items, item)
		}
		out.text = append(out.text, ']')
	case map[string]any:
		out.text = append(out.text, '{')
		for i, m := range k.members(x) {
			if i > 0 {
				out.text = append(out.text, ',')
			}
			out.text = append(appendQuoted(out.text, []byte(m.name)), ':')
			add(m.kind, x[m.name])
		}
		out.text = append(out.text, '}')
	}
	if bad.code != "" {
		return bad
	}
	return out
}

// members returns the members of a record in the order of the schema, and those of
// a map in the order of their names.
func (k *kind) members(x map[string]any) []field {
	if k.typ == "record" {
		return k.fields
	}
	var all []field
	for _, name := range slices.Sorted(maps.Keys(x)) {
		all = append(all, field{name, k.items})
	}
	return all
}

// appendJSON writes a value as JSON.
func (v *value) appendJSON(dst []byte) []byte {
	switch v.kind {
	case cell.JSONNull:
		return append(dst, "null"...)
	case cell.JSONString:
		return appendQuoted(dst, v.text)
	default:
		return append(dst, v.text...)
	}
}

func appendQuoted(dst, text []byte) []byte {
	quoted, err := json.Marshal(string(text))
	if err != nil { // a string always marshals
		return append(dst, "null"...)
	}
	return append(dst, quoted...)
}
