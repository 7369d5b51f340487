package cell

import (
	"encoding/json"
	"errors"

	"github.com/windlass-io/windlass/internal/dataset"
)

// AppendText adds a field of a text file.
func (c *Column) AppendText(v *dataset.Vector, text []byte) Fault {
	if c.Type == dataset.String {
		return c.appendBytes(v, text)
	}
	text = trim(text)
	if len(text) == 0 {
		return c.appendEmpty(v)
	}
	switch c.Type {
	case dataset.Integer:
		x, ok := ParseInteger(text)
		if !ok {
			return integerFault(text)
		}
		v.AppendInt(x)
	case dataset.Number:
		x, ok := ParseNumber(text)
		if !ok {
			return numberFault(text)
		}
		v.AppendFloat(x)
	case dataset.Decimal:
		return c.appendDecimal(v, text)
	case dataset.Boolean:
		x, ok := parseBoolean(text)
		if !ok {
			return WrongType
		}
		v.AppendInt(x)
	case dataset.Date, dataset.DateTime:
		x, ok := c.layout.Parse(text)
		if !ok {
			return WrongForm
		}
		v.AppendInt(x)
	default:
		return c.appendJSONText(v, text)
	}
	return OK
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

// appendEmpty adds an empty field of another type than string: it is null.
func (c *Column) appendEmpty(v *dataset.Vector) Fault {
	if c.AllowNull && !c.Required {
		v.AppendNull()
		return OK
	}
	if c.Required {
		return Missing
	}
	return WrongType
}

// appendJSONText adds a field that should hold JSON. For the type any a text
// that is no JSON is a string.
func (c *Column) appendJSONText(v *dataset.Vector, text []byte) Fault {
	kind := kindOf(text)
	valid := json.Valid(text)
	switch {
	case valid && (c.Type == dataset.Any || c.Type == dataset.Object && kind == JSONObject || c.Type == dataset.Array && kind == JSONArray):
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

// integerFault tells a number too large from a text that is none.
func integerFault(text []byte) Fault {
	digits := text
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

// trim takes blanks from both ends.
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
