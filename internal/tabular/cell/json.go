package cell

import (
	"math"

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

// kindOf tells a value's kind from its first byte; what is no JSON is a
// number by this rule.
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

// AppendJSON adds a JSON value. raw is its text, known to be valid; text is
// what a string says, without quotes and escapes, and nil for other kinds.
func (c *Column) AppendJSON(v *dataset.Vector, kind JSONKind, raw, text []byte) Fault {
	if kind == JSONNull {
		return c.AppendNull(v)
	}
	switch c.Type {
	case dataset.String:
		if kind != JSONString {
			return WrongType
		}
		return c.appendBytes(v, text)
	case dataset.Integer:
		return appendJSONInteger(v, kind, raw)
	case dataset.Number:
		if kind != JSONNumber {
			return WrongType
		}
		x, ok := ParseNumber(raw)
		if !ok {
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
		return c.appendDecimal(v, trim(text))
	default:
		return WrongType
	}
}

func appendJSONInteger(v *dataset.Vector, kind JSONKind, raw []byte) Fault {
	if kind != JSONNumber {
		return WrongType
	}
	if x, ok := ParseInteger(raw); ok {
		v.AppendInt(x)
		return OK
	}
	x, ok := ParseNumber(raw)
	if !ok || integerFault(raw) == TooLarge {
		return TooLarge
	}
	// JSON does not tell 5 from 5.0; above 2⁵³ a double is no whole number
	// that anyone wrote.
	if x != math.Trunc(x) || math.Abs(x) > 1<<53 {
		return WrongType
	}
	v.AppendInt(int64(x))
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
	x, ok := c.layout.Parse(text)
	if !ok {
		return WrongForm
	}
	v.AppendInt(x)
	return OK
}

// appendCompact adds the value of a column that holds JSON. No index has such
// columns, and so there is no bound on its length but the record's.
func appendCompact(v *dataset.Vector, raw []byte) {
	v.Bytes = AppendCompact(v.Bytes, raw)
	v.AppendBytes(nil) // ends where the bytes now end
}

// AppendCompact adds to dst the JSON text raw without the blanks between its
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
