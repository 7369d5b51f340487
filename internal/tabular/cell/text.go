package cell

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/windlass-io/windlass/internal/dataset"
)

// AppendText appends a field of a text file.
func (c *Column) AppendText(v *dataset.Vector, text []byte) Fault {
	if c.Type == dataset.String {
		return c.appendString(v, text)
	}
	if text = trim(text); len(text) == 0 {
		return c.appendEmpty(v)
	}
	if c.settings.Markers != nil && c.settings.isOwn(text) {
		return c.appendEmpty(v)
	}
	if c.plain && c.appendPlain(v, text) {
		return OK
	}
	switch c.Type {
	case dataset.Object, dataset.Array, dataset.Any:
		if c.settings.IsMarker(text) {
			return c.appendEmpty(v)
		}
		return c.appendJSONText(v, text)
	default:
	}
	fault := c.appendTyped(v, text)
	if fault != OK && c.settings.IsMarker(text) {
		return c.appendEmpty(v)
	}
	return fault
}

// appendPlain is the fast path for most numbers.
func (c *Column) appendPlain(v *dataset.Vector, text []byte) bool {
	if c.Strict {
		return false
	}
	if c.Type == dataset.Integer {
		x, ok := ParseInteger(text)
		if ok {
			v.AppendInt(x)
		}
		return ok
	}
	x, ok := ParseNumber(text)
	if ok {
		v.AppendFloat(x)
	}
	return ok
}

func (c *Column) appendString(v *dataset.Vector, text []byte) Fault {
	switch {
	case c.settings.IsNullMarker(text):
		return c.appendEmpty(v)
	case c.Format == Base64 && !isBase64(text):
		return WrongForm
	}
	return c.appendBytes(v, text)
}

// isBase64 reports whether a text is base64 of the standard alphabet with its
// padding.
func isBase64(text []byte) bool {
	padding := len(text) - len(bytes.TrimRight(text, "="))
	if len(text)%4 != 0 || padding > 2 {
		return false
	}
	for _, b := range text[:len(text)-padding] {
		switch {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '+', b == '/':
		default:
			return false
		}
	}
	return true
}

// appendTyped appends a number, boolean, date or date-time.
func (c *Column) appendTyped(v *dataset.Vector, text []byte) Fault {
	switch c.Type {
	case dataset.Boolean:
		x, ok := parseBoolean(text, !c.Strict)
		if !ok {
			return WrongType
		}
		v.AppendInt(x)
		return OK
	case dataset.Date, dataset.DateTime:
		x, exact, ok := c.layout.ParseExact(text)
		if !ok || c.Strict && !exact {
			return WrongForm
		}
		v.AppendInt(x)
		return OK
	default:
	}
	if c.number.isPlain() {
		return c.appendNumber(v, text)
	}
	var buffer [64]byte
	plain, ok := c.number.AppendPlain(buffer[:0], text)
	if !ok {
		return WrongForm
	}
	return c.appendNumber(v, plain)
}

// appendNumber appends a plain number.
func (c *Column) appendNumber(v *dataset.Vector, text []byte) Fault {
	if c.Strict && IsCode(text) {
		return WrongType
	}
	switch c.Type {
	case dataset.Integer:
		x, ok := ParseInteger(text)
		if !ok || c.Strict && x == 0 && text[0] == '-' {
			return integerFault(text)
		}
		v.AppendInt(x)
	case dataset.Number:
		x, ok := ParseNumber(text)
		if !ok {
			return numberFault(text)
		}
		if c.Strict && !isExact(text) {
			return TooLarge
		}
		v.AppendFloat(x)
	default:
		return c.appendDecimal(v, text)
	}
	return OK
}

func isExact(text []byte) bool {
	if len(text) <= 15 {
		return true // no more than 15 digits; see IsExactDouble
	}
	n, ok := dataset.ScanNumeral(text)
	return ok && IsExactDouble(text, n)
}

func (c *Column) appendDecimal(v *dataset.Vector, text []byte) Fault {
	x, err := dataset.ParseDecimal(text, c.Precision, c.Scale)
	if err != nil {
		if errors.Is(err, dataset.ErrDecimalRange) {
			return TooLarge
		}
		return WrongType
	}
	v.AppendWide(x)
	return OK
}

// appendEmpty appends null for an empty field or a null marker.
func (c *Column) appendEmpty(v *dataset.Vector) Fault {
	switch {
	case c.Required:
		return Missing
	case c.key:
		return NoKey
	case !c.AllowNull:
		return Null
	}
	v.AppendNull()
	return OK
}

// appendJSONText appends a field that should have JSON. For the type any a text
// that is not JSON is a string.
func (c *Column) appendJSONText(v *dataset.Vector, text []byte) Fault {
	kind := kindOf(text)
	valid := json.Valid(text)
	switch {
	case valid && (c.Type == dataset.Any || c.Type == dataset.Object && kind == JSONObject || c.Type == dataset.Array &&
		kind == JSONArray):
		appendCompact(v, text)
		return OK
	case c.Type == dataset.Any:
		quoted, err := json.Marshal(string(text))
		if err != nil {
			return WrongType
		}
		return c.appendBytes(v, quoted)
	}
	return WrongType
}

// integerFault distinguishes a number that is too large from other texts.
func integerFault(text []byte) Fault {
	digits := text
	if len(digits) == 0 {
		return WrongType
	}
	if digits[0] == '-' || digits[0] == '+' {
		digits = digits[1:]
	}
	if len(digits) < 19 {
		return WrongType
	}
	for _, b := range digits {
		if b < '0' || b > '9' {
			return WrongType
		}
	}
	return TooLarge
}

func numberFault(text []byte) Fault {
	if isNumber(text) {
		return TooLarge
	}
	return WrongType
}

// trim removes blanks from both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && blank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && blank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func blank(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }
