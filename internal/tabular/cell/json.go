package cell

import (
	"github.com/windlass-io/windlass/internal/dataset"
)

// JSONKind is the kind of a JSON value.
type JSONKind uint8

// The kinds.
const (
	JSONNull JSONKind = iota
	JSONBoolean
	JSONNumber
	JSONString
	JSONObject
	JSONArray
)

// kindOf returns the kind of a value by its first byte. A text that is not JSON
// is a number by this rule.
func kindOf(raw []byte) JSONKind {
	switch raw[0] {
	case 'n':
		return JSONNull
	case 't', 'f':
		return JSONBoolean
	case '"':
		return JSONString
	case '{':
		return JSONObject
	case '[':
		return JSONArray
	}
	return JSONNumber
}

// AppendJSON appends a JSON value. raw is its text, known to be valid; text is
// the content of a string, without quotes and escapes, and nil for other kinds.
func (c *Column) AppendJSON(v *dataset.Vector, kind JSONKind, raw, text []byte) Fault {
	if kind == JSONNull {
		return c.AppendNull(v)
	}
	switch c.Type {
	case dataset.String:
		if kind != JSONString {
			if c.Text {
				appendCompact(v, raw)
				return OK
			}
			return WrongType
		}
		if c.Format == Base64 && !isBase64(text) {
			return WrongForm
		}
		return c.appendBytes(v, text)
	case dataset.Integer:
		return c.appendJSONInteger(v, kind, raw)
	case dataset.Number:
		if kind != JSONNumber {
			return WrongType
		}
		x, ok := ParseNumber(raw)
		if !ok || c.Strict && !isExact(raw) {
			return TooLarge
		}
		v.AppendFloat(x)
	case dataset.Decimal:
		return c.appendJSONDecimal(v, kind, raw, text)
	case dataset.Boolean:
		if kind != JSONBoolean {
			return WrongType
		}
		v.AppendInt(int64(4 - min(len(raw), 5) + 1)) // "true" is 1, "false" 0
	case dataset.Date, dataset.DateTime:
		return c.appendJSONMoment(v, kind, raw, text)
	case dataset.Object, dataset.Array:
		if c.Type == dataset.Object != (kind == JSONObject) || c.Type == dataset.Array != (kind == JSONArray) {
			return WrongType
		}
		appendCompact(v, raw)
	case dataset.Any:
		appendCompact(v, raw)
	}
	return OK
}

// appendJSONDecimal appends a number, or a string that has one.
func (c *Column) appendJSONDecimal(v *dataset.Vector, kind JSONKind, raw, text []byte) Fault {
	switch kind {
	case JSONNumber:
		return c.appendDecimal(v, raw)
	case JSONString:
		if !c.Strict {
			return c.appendDecimal(v, trim(text))
		}
	default:
	}
	return WrongType
}

// appendJSONInteger appends a number without a fractional part: 5, 5.0 or 1e3.
func (c *Column) appendJSONInteger(v *dataset.Vector, kind JSONKind, raw []byte) Fault {
	if kind != JSONNumber {
		return WrongType
	}
	x, ok := ParseInteger(raw)
	if ok && (!c.Strict || x != 0 || raw[0] != '-') {
		v.AppendInt(x)
		return OK
	}
	if c.Strict {
		return WrongType
	}
	wide, err := dataset.ParseDecimal(raw, dataset.MaxPrecision, 0)
	if err != nil {
		if n, scanned := dataset.ScanNumeral(raw); scanned && n.Trim() >= 0 {
			return TooLarge
		}
		return WrongType
	}
	if x, ok = wide.Int64(); !ok {
		return TooLarge
	}
	v.AppendInt(x)
	return OK
}

func (c *Column) appendJSONMoment(v *dataset.Vector, kind JSONKind, raw, text []byte) Fault {
	switch {
	case kind == JSONString:
		text = trim(text)
	case kind == JSONNumber && c.layout.epoch != 0:
		text = raw
	default:
		return WrongType
	}
	x, exact, ok := c.layout.ParseExact(text)
	if !ok || c.Strict && !exact {
		return WrongForm
	}
	v.AppendInt(x)
	return OK
}

// appendCompact appends the value of a column of JSON. No index has such
// columns, so only the record limits its length.
func appendCompact(v *dataset.Vector, raw []byte) {
	v.Bytes = AppendCompact(v.Bytes, raw)
	v.AppendBytes(nil) // ends at the current end of the bytes
}

// AppendCompact appends the JSON text raw to dst without the blanks between its
// tokens.
func AppendCompact(dst, raw []byte) []byte {
	quoted := false
	for i := 0; i < len(raw); i++ {
		b := raw[i]
		switch {
		case quoted && b == '\\' && i+1 < len(raw):
			dst = append(dst, b)
			i++
			b = raw[i]
		case b == '"':
			quoted = !quoted
		case !quoted && blank(b):
			continue
		}
		dst = append(dst, b)
	}
	return dst
}
