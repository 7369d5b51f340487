package delivery

import (
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
)

// jsonEncoder writes rows as an array of objects, members by name.
type jsonEncoder struct {
	plan   *plan
	names  [][]byte // `"name":` of each column
	system int      // before which column _systemRecordProperties comes; -1 for never
	quoted bool     // whether integers and decimals are written as strings
}

const systemMember = "_systemRecordProperties"

func newJSONEncoder(p *plan, q *Query) *jsonEncoder {
	e := &jsonEncoder{plan: p, system: -1, quoted: q.quoted}
	at := 0
	for _, c := range p.columns {
		if c.Name < systemMember {
			at++
		}
		e.names = append(e.names, append(appendString(nil, []byte(c.Name)), ':'))
	}
	if q.System {
		e.system = at
	}
	return e
}

func (e *jsonEncoder) begin(b []byte) []byte { return append(b, '[') }

func (e *jsonEncoder) end(b []byte) []byte { return append(b, ']') }

func (e *jsonEncoder) between() string { return "," }

func (e *jsonEncoder) fail(b []byte, n int64, code string) []byte {
	if n > 0 {
		b = append(b, ',')
	}
	return append(append(append(b, `{"_system_error":"An internal error occurred, code `...), code...), `"}]`...)
}

func (e *jsonEncoder) row(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	b = append(b, '{')
	start := len(b)
	for c := range e.names {
		if c == e.system {
			b = e.appendSystem(comma(b, start), rows, batch, i)
		}
		b = append(comma(b, start), e.names[c]...)
		b = e.value(b, &batch.Vectors[c], i)
	}
	if e.system == len(e.names) {
		b = e.appendSystem(comma(b, start), rows, batch, i)
	}
	return append(b, '}')
}

// comma appends a comma when there is something after start.
func comma(b []byte, start int) []byte {
	if len(b) > start {
		return append(b, ',')
	}
	return b
}

func (e *jsonEncoder) appendSystem(b []byte, rows engine.Rows, batch *dataset.Batch, i int) []byte {
	b = append(append(append(b, '"'), systemMember...), `":{"date":`...)
	b = strconv.AppendInt(b, e.plan.dateOf(rows, batch, i), 10)
	b = appendString(append(b, `,"id":`...), []byte(e.plan.dataset.Name))
	for _, part := range []struct {
		name string
		at   int
	}{{"key", e.plan.key}, {"subkey", e.plan.subkey}} {
		b = append(append(append(b, `,"`...), part.name...), `":`...)
		if part.at < 0 || batch.Vectors[part.at].Nulls[i] {
			b = append(b, "null"...)
		} else {
			b = appendString(b, appendText(nil, &batch.Vectors[part.at], i))
		}
	}
	b = strconv.AppendInt(append(b, `,"updated":`...), rows.Updated(i).UnixMilli(), 10)
	return append(b, '}')
}

// dateOf returns a record's date in milliseconds since 1970: that of the index,
// or the time of loading when it has none.
func (p *plan) dateOf(rows engine.Rows, batch *dataset.Batch, i int) int64 {
	if p.date < 0 || batch.Vectors[p.date].Nulls[i] {
		return rows.Updated(i).UnixMilli()
	}
	v := &batch.Vectors[p.date]
	if v.Type == dataset.Date {
		return v.Ints[i] * 86_400_000
	}
	return time.UnixMicro(v.Ints[i]).UnixMilli()
}

// value writes a value as JSON.
func (e *jsonEncoder) value(b []byte, v *dataset.Vector, i int) []byte {
	if e.quoted && (v.Type == dataset.Integer || v.Type == dataset.Decimal) && !v.Nulls[i] {
		return append(appendText(append(b, '"'), v, i), '"')
	}
	return appendValue(b, v, i)
}

// appendValue writes a value as JSON. Numbers keep every digit.
func appendValue(b []byte, v *dataset.Vector, i int) []byte {
	if v.Nulls[i] {
		return append(b, "null"...)
	}
	switch v.Type {
	case dataset.Integer:
		return strconv.AppendInt(b, v.Ints[i], 10)
	case dataset.Decimal:
		return dataset.AppendDecimal(b, v.Wide[i], v.Scale)
	case dataset.Number:
		return appendNumber(b, v.Floats[i])
	case dataset.Boolean:
		return strconv.AppendBool(b, v.Ints[i] != 0)
	case dataset.Date, dataset.DateTime:
		return append(appendText(append(b, '"'), v, i), '"')
	case dataset.Object, dataset.Array, dataset.Any:
		if text := v.BytesAt(i); json.Valid(text) {
			return append(b, text...)
		}
		return appendString(b, v.BytesAt(i))
	default:
		return appendString(b, v.BytesAt(i))
	}
}

// appendText writes a value that is not null as text: the same as in JSON,
// without quotes.
func appendText(b []byte, v *dataset.Vector, i int) []byte {
	switch v.Type {
	case dataset.Integer:
		return strconv.AppendInt(b, v.Ints[i], 10)
	case dataset.Decimal:
		return dataset.AppendDecimal(b, v.Wide[i], v.Scale)
	case dataset.Number:
		return appendNumber(b, v.Floats[i])
	case dataset.Boolean:
		return strconv.AppendBool(b, v.Ints[i] != 0)
	case dataset.Date:
		return time.Unix(v.Ints[i]*86_400, 0).UTC().AppendFormat(b, time.DateOnly)
	case dataset.DateTime:
		return time.UnixMicro(v.Ints[i]).UTC().AppendFormat(b, time.RFC3339Nano)
	default:
		return append(b, v.BytesAt(i)...)
	}
}

// appendNumber writes a number as ECMAScript does: the shortest text that reads
// back as the same number. NaN and infinities are null.
func appendNumber(b []byte, x float64) []byte {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return append(b, "null"...)
	}
	if size := math.Abs(x); size != 0 && (size < 1e-6 || size >= 1e21) {
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, x, 'f', -1, 64)
}

const hexDigits = "0123456789abcdef"

// appendString writes a text as a JSON string that is valid in a script too:
// U+2028 and U+2029 are escaped.
func appendString(b, text []byte) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				b = append(append(b, text[from:i]...), `\u`...)
				b = append(b, hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
				from = i + size
			}
			i += size
			continue
		}
		b = appendEscape(append(b, text[from:i]...), c)
		i++
		from = i
	}
	return append(append(b, text[from:]...), '"')
}

// appendEscape writes one of the characters that a JSON string must escape.
func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	default:
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}
