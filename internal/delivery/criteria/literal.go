package criteria

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// bound relates a literal to the values that a column can have: it is the
// greatest of them that isn't greater than the literal.
type bound struct {
	value dataset.Vector // one value
	exact bool           // it equals the literal
	below bool           // the literal is below every value, and value is empty
}

var (
	numberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	momentForm = regexp.MustCompile(
		`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})$`,
	)
)

// literal parses a value for a column.
func (r *reader) literal(column dataset.Column, value operand) (bound, error) {
	b := bound{value: dataset.NewVectorOf(column, 1), exact: true}
	ok := true
	switch column.Type {
	case dataset.String, dataset.Object, dataset.Array, dataset.Any:
		b.value.AppendBytes([]byte(value.text))
	case dataset.Boolean:
		b.value.AppendInt(map[string]int64{"true": 1}[value.text])
		ok = value.text == "true" || value.text == "false"
	case dataset.Date:
		var day time.Time
		day, ok = ParseDay(value.text)
		b.value.AppendInt(day.Unix() / 86_400)
	case dataset.DateTime:
		var at time.Time
		at, ok = ParseMoment(value.text)
		b.value.AppendInt(at.UnixMicro())
	default:
		if ok = numberForm.MatchString(value.text); ok {
			b.number(column, value.text)
		}
	}
	if ok {
		return b, nil
	}
	return b, r.fail(InvalidValue, value.at, "%s: %s isn't a value of type %s.", r.parameter, quote(value.text),
		column.TypeName()).WithHint("%s", forms[column.Type])
}

// forms describes how values are written.
var forms = map[dataset.Type]string{
	dataset.Boolean:  "Write true or false.",
	dataset.Date:     "Write a day as 2024-02-29 or 20240229.",
	dataset.DateTime: "Write a moment as 2024-02-29T12:30:00Z or 2024-02-29T12:30:00%2B02:00, or a day for its midnight in UTC.",
	dataset.Integer:  "Write a number as 42 or -1.5e3.",
	dataset.Decimal:  "Write a number as 42 or -1.5e3.",
	dataset.Number:   "Write a number as 42 or -1.5e3.",
}

// ParseDay parses a day such as 2024-02-29 or 20240229.
func ParseDay(text string) (time.Time, bool) {
	for _, layout := range []string{time.DateOnly, "20060102"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// ParseMoment parses a moment in RFC 3339, or a day for its midnight in UTC.
func ParseMoment(text string) (time.Time, bool) {
	if day, ok := ParseDay(text); ok {
		return day, true
	}
	if !momentForm.MatchString(text) {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

// number sets the bound for an exact number.
func (b *bound) number(column dataset.Column, text string) {
	n, _ := dataset.ScanNumeral([]byte(text)) // the form was checked
	if column.Type == dataset.Number {
		b.double(n, text)
		return
	}
	low, exact, ok := floor(n, column.Scale)
	if column.Type == dataset.Integer {
		small, fits := low.Int64()
		if ok = ok && fits; ok {
			b.value.AppendInt(small)
		} else if !n.Negative {
			b.value.AppendInt(math.MaxInt64)
		}
	} else if ok {
		b.value.AppendWide(low)
	} else if !n.Negative {
		b.value.AppendWide(dataset.Int128{Hi: math.MaxInt64, Lo: math.MaxUint64})
	}
	b.exact, b.below = exact && ok, !ok && n.Negative
}

// double sets the bound for a number among doubles. A double has the value of
// its shortest text.
func (b *bound) double(n dataset.Numeral, text string) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil { // out of range
		b.exact = false
		if n.Negative {
			b.value.AppendFloat(math.Inf(-1))
		} else {
			b.value.AppendFloat(math.MaxFloat64)
		}
		return
	}
	short, _ := dataset.ScanNumeral(strconv.AppendFloat(nil, x, 'e', -1, 64))
	c := compareNumerals(n, short)
	if c < 0 {
		x = math.Nextafter(x, math.Inf(-1))
	}
	b.exact = c == 0
	b.value.AppendFloat(x)
}

// floor returns the greatest integer of 128 bits that is not greater than the
// number times 10^scale, and whether they are equal. ok is false if the number has
// more digits than any column.
func floor(n dataset.Numeral, scale int) (low dataset.Int128, exact, ok bool) {
	exponent := n.Trim() + scale
	digits := append(append([]byte{}, n.Whole...), n.Fraction...)
	if exact = exponent >= 0 || len(digits) == 0; exact {
		if len(digits) > 0 && len(digits)+exponent > dataset.MaxPrecision {
			return low, false, false
		}
		digits = append(digits, bytes.Repeat([]byte("0"), max(0, min(exponent, dataset.MaxPrecision)))...)
	} else {
		digits = digits[:max(0, len(digits)+exponent)]
	}
	if len(digits) == 0 {
		digits = []byte("0")
	}
	low, err := dataset.ParseDecimal(digits, dataset.MaxPrecision, 0)
	if err != nil {
		return low, false, false
	}
	if n.Negative {
		low = low.Neg()
		if !exact { // towards minus infinity
			low = minusOne(low)
		}
	}
	return low, exact, true
}

// minusOne returns x-1; x must not be the smallest value.
func minusOne(x dataset.Int128) dataset.Int128 {
	if x.Lo == 0 {
		x.Hi--
	}
	x.Lo--
	return x
}

// compareNumerals compares two numbers by their digits.
func compareNumerals(a, b dataset.Numeral) int {
	aDigits, aPlace := magnitude(a)
	bDigits, bPlace := magnitude(b)
	aSign, bSign := sign(a, aDigits), sign(b, bDigits)
	if aSign != bSign || aSign == 0 {
		return aSign - bSign
	}
	c := aPlace - bPlace
	if c == 0 {
		c = bytes.Compare(aDigits, bDigits)
	}
	return c * aSign
}

// magnitude returns the digits of a number without leading and trailing
// zeros, and the decimal place of the first one.
func magnitude(n dataset.Numeral) (digits []byte, place int) {
	exponent := n.Trim()
	digits = append(append([]byte{}, n.Whole...), n.Fraction...)
	return digits, len(digits) + exponent
}

func sign(n dataset.Numeral, digits []byte) int {
	switch {
	case len(digits) == 0:
		return 0
	case n.Negative:
		return -1
	default:
		return 1
	}
}
