package parquetfile

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
)

// A tuple is the index of a row (key, subkey, date) in a form that compares by
// [bytes.Compare] in the order of the rows. Equal values have equal forms
// whatever their type: the integer 5, the number 5.0 and the decimal 5.00 are
// one key, and a date is the first moment of its day. Each part begins with a
// tag and ends so that no part is a prefix of another.
const (
	tagNegative = 0x10
	tagZero     = 0x11
	tagPositive = 0x12
	tagFalse    = 0x20
	tagTrue     = 0x21
	tagTime     = 0x30
	tagText     = 0x40
	tagNull     = 0xF0 // nulls come last
)

// dayMicros is a day in microseconds.
const dayMicros = 86_400_000_000

// appendPart adds value i of a vector to a tuple.
func appendPart(b []byte, v *dataset.Vector, i int) []byte {
	if v.Nulls[i] {
		return append(b, tagNull)
	}
	switch v.Type {
	case dataset.Integer:
		return appendInteger(b, v.Ints[i])
	case dataset.Number:
		return appendFloat(b, v.Floats[i])
	case dataset.Boolean:
		return append(b, tagFalse+byte(v.Ints[i]&1))
	case dataset.Date:
		return appendTime(b, v.Ints[i]*dayMicros)
	case dataset.DateTime:
		return appendTime(b, v.Ints[i])
	case dataset.Decimal:
		return appendWide(b, v.Wide[i], v.Scale)
	default:
		return appendText(b, v.BytesAt(i))
	}
}

// appendText adds a text: NUL becomes NUL FF, and NUL 01 ends it.
func appendText(b, text []byte) []byte {
	b = append(b, tagText)
	for {
		at := bytes.IndexByte(text, 0)
		if at < 0 {
			return append(append(b, text...), 0, 1)
		}
		b = append(append(b, text[:at]...), 0, 0xFF)
		text = text[at+1:]
	}
}

func appendTime(b []byte, micros int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, tagTime), uint64(micros)^1<<63)
}

func appendInteger(b []byte, n int64) []byte {
	var text [20]byte
	if n < 0 {
		return appendDigits(b, true, strconv.AppendUint(text[:0], -uint64(n), 10), 0)
	}
	return appendDigits(b, false, strconv.AppendUint(text[:0], uint64(n), 10), 0)
}

// appendWide adds the decimal x / 10^scale.
func appendWide(b []byte, x dataset.Int128, scale int) []byte {
	var text [40]byte
	digits := dataset.AppendDecimal(text[:0], x, 0)
	if digits[0] == '-' {
		return appendDigits(b, true, digits[1:], -scale)
	}
	return appendDigits(b, false, digits, -scale)
}

// appendFloat adds a double by its shortest text, so that 0.1 equals the
// decimal 0.1. Infinities come first and last.
func appendFloat(b []byte, x float64) []byte {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		if x < 0 {
			return append(b, tagNegative, 0, 0)
		}
		return append(b, tagPositive, 0xFF, 0xFF)
	}
	var text [32]byte
	t := strconv.AppendFloat(text[:0], x, 'e', -1, 64) // d.ddde±dd
	negative := t[0] == '-'
	if negative {
		t = t[1:]
	}
	e := bytes.IndexByte(t, 'e')
	exponent, _ := strconv.Atoi(string(t[e+1:]))
	digits := append([]byte(nil), t[0])
	if e > 2 {
		digits = append(digits, t[2:e]...)
	}
	return appendDigits(b, negative, digits, exponent-len(digits)+1)
}

// appendDigits adds the number ±digits × 10^exponent: the sign, the place of
// the first digit, and the digits in pairs without the zeros at the end. All
// bytes after the sign are inverted in a negative number.
func appendDigits(b []byte, negative bool, digits []byte, exponent int) []byte {
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	place := exponent + len(digits) // the number is 0.digits × 10^place
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		return append(b, tagZero)
	}
	tag := byte(tagPositive)
	if negative {
		tag = tagNegative
	}
	b = append(b, tag)
	from := len(b)
	b = binary.BigEndian.AppendUint16(b, uint16(place+1<<14))
	for i := 0; i < len(digits); i += 2 {
		pair := (digits[i] - '0') * 10
		if i+1 < len(digits) {
			pair += digits[i+1] - '0'
		}
		b = append(b, pair+1)
	}
	b = append(b, 0)
	if negative {
		for i := from; i < len(b); i++ {
			b[i] = ^b[i]
		}
	}
	return b
}

// appendPagePart adds value i of a page to a tuple.
func appendPagePart(b []byte, p *page, c *dataset.Column, i int) []byte {
	if p.null(i) {
		return append(b, tagNull)
	}
	switch c.Type {
	case dataset.Integer:
		return appendInteger(b, p.ints[i])
	case dataset.Number:
		return appendFloat(b, p.floats[i])
	case dataset.Boolean:
		return append(b, tagFalse+byte(p.ints[i]&1))
	case dataset.Date:
		return appendTime(b, p.ints[i]*dayMicros)
	case dataset.DateTime:
		return appendTime(b, p.ints[i])
	case dataset.Decimal:
		return appendWide(b, p.wide[i], c.Scale)
	default:
		return appendText(b, p.text(i))
	}
}

func compareTuples(a, b []byte) int { return bytes.Compare(a, b) }
