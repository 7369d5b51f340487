package dataset

import (
	"errors"
	"math"
	"strconv"
)

// MaxPrecision is the largest number of digits of a decimal.
const MaxPrecision = 38

// Errors of [ParseDecimal].
var (
	ErrDecimalSyntax = errors.New("not a decimal number")
	ErrDecimalRange  = errors.New("more digits than the decimal has")
)

// pow10s are the powers of ten of 128 bits.
var pow10s = func() (powers [MaxPrecision + 1]Int128) {
	powers[0] = NewInt128(1)
	for i := 1; i < len(powers); i++ {
		powers[i], _ = powers[i-1].timesAdd(10, 0)
	}
	return powers
}()

// DecimalFits reports whether the unscaled integer x has at most precision
// digits.
func DecimalFits(x Int128, precision int) bool {
	limit := pow10s[precision]
	return x.Compare(limit) < 0 && x.Compare(limit.Neg()) > 0
}

// Rescale converts the unscaled integer of a decimal from one scale to
// another. It returns false if that would drop digits other than 0 or result
// in more than [MaxPrecision] digits.
func Rescale(x Int128, from, to int) (Int128, bool) {
	hi, lo := x.magnitude()
	if hi > math.MaxInt64 {
		return Int128{}, false
	}
	y := Int128{Hi: int64(hi), Lo: lo}
	for ; from < to; from++ {
		var ok bool
		if y, ok = y.timesAdd(10, 0); !ok || y.Compare(pow10s[MaxPrecision]) >= 0 {
			return Int128{}, false
		}
	}
	for ; from > to && y != (Int128{}); from-- {
		qhi, qlo, rest := quoRem(uint64(y.Hi), y.Lo, 10) //nolint:gosec // not negative
		if rest != 0 {
			return Int128{}, false
		}
		y = Int128{Hi: int64(qhi), Lo: qlo} //nolint:gosec // smaller than before
	}
	if x.Hi < 0 {
		y = y.Neg()
	}
	return y, DecimalFits(y, MaxPrecision)
}

// ParseDecimal parses a number such as "-12.50" or "1.25e3" as the unscaled
// integer of a decimal with this precision and scale. It never rounds: digits
// beyond the scale must be 0. The error is [ErrDecimalSyntax] for a text that
// is not a number and [ErrDecimalRange] for a number that does not fit.
func ParseDecimal(text []byte, precision, scale int) (Int128, error) {
	n, ok := ScanNumeral(text)
	if !ok {
		return Int128{}, ErrDecimalSyntax
	}
	x, ok := n.unscaled(scale)
	if !ok || !DecimalFits(x, precision) {
		return Int128{}, ErrDecimalRange
	}
	return x, nil
}

// chunkDigits is the number of digits that always fit in 64 bits.
const chunkDigits = 18

// appendDigits appends digits to x, which has room for them.
func appendDigits(x Int128, digits []byte) Int128 {
	for len(digits) > 0 {
		n := min(len(digits), chunkDigits)
		var chunk uint64
		for _, d := range digits[:n] {
			chunk = chunk*10 + uint64(d-'0')
		}
		x, _ = x.timesAdd(pow10s[n].Lo, chunk)
		digits = digits[n:]
	}
	return x
}

// AppendDecimal appends the decimal with this unscaled integer, with exactly
// scale fractional digits and at least one digit before the point.
func AppendDecimal(dst []byte, x Int128, scale int) []byte {
	if small, ok := x.Int64(); ok && scale == 0 {
		return strconv.AppendInt(dst, small, 10)
	}
	var buffer [2 * MaxPrecision]byte
	at := len(buffer)
	hi, lo := x.magnitude()
	for written := 0; hi|lo != 0 || written <= scale; written++ {
		if written == scale && scale > 0 {
			at--
			buffer[at] = '.'
		}
		var digit uint64
		if hi == 0 {
			lo, digit = lo/10, lo%10
		} else {
			hi, lo, digit = quoRem(hi, lo, 10)
		}
		at--
		buffer[at] = byte('0' + digit)
	}
	if x.Hi < 0 {
		dst = append(dst, '-')
	}
	return append(dst, buffer[at:]...)
}

// DecimalFloat returns the double that is nearest to the decimal.
func DecimalFloat(x Int128, scale int) float64 {
	var buffer [2*MaxPrecision + 1]byte
	f, err := strconv.ParseFloat(string(AppendDecimal(buffer[:0], x, scale)), 64)
	if err != nil { // every decimal is in the range of a double
		return math.NaN()
	}
	return f
}

// CompareDecimals compares two decimals whose scales may differ.
func CompareDecimals(x Int128, xScale int, y Int128, yScale int) int {
	if xScale < yScale {
		return -CompareDecimals(y, yScale, x, xScale)
	}
	for scale := yScale; scale < xScale; scale++ {
		wider, ok := y.timesTen()
		if !ok { // |y| is greater than any Int128
			return -y.Sign()
		}
		y = wider
	}
	return x.Compare(y)
}

func (x Int128) timesTen() (Int128, bool) {
	hi, lo := x.magnitude()
	if hi > math.MaxInt64 {
		return Int128{}, false
	}
	y, ok := Int128{Hi: int64(hi), Lo: lo}.timesAdd(10, 0)
	if x.Hi < 0 {
		y = y.Neg()
	}
	return y, ok
}
