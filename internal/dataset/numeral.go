package dataset

import "bytes"

// Numeral is a number as it is written: digits, a point somewhere among them,
// and an exponent. It refers to the text it was scanned from.
type Numeral struct {
	Negative bool
	Whole    []byte // the digits before the point
	Fraction []byte // the digits after it
	Point    bool   // whether there is a point
	// Exponent is 0 without one, and cut to ±2²⁰.
	Exponent       int
	HasExponent    bool
	SignedExponent bool // as in 1e+3 and 1e-3
}

const maxExponent = 1 << 20

// ScanNumeral reads a number such as "-12.50", ".5", "+7" or "1.25e3". It
// reports false for any other text.
func ScanNumeral(b []byte) (n Numeral, ok bool) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n.Negative = b[0] == '-'
		b = b[1:]
	}
	n.Whole, b = cutDigits(b)
	if len(b) > 0 && b[0] == '.' {
		n.Point = true
		n.Fraction, b = cutDigits(b[1:])
	}
	if len(n.Whole)+len(n.Fraction) == 0 {
		return n, false
	}
	if len(b) == 0 {
		return n, true
	}
	return n, n.scanExponent(b)
}

func cutDigits(b []byte) (digits, rest []byte) {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return b[:n], b[n:]
}

// scanExponent reads "e", a sign and digits, to the end of b.
func (n *Numeral) scanExponent(b []byte) bool {
	if b[0]|0x20 != 'e' {
		return false
	}
	b = b[1:]
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		n.SignedExponent, negative = true, b[0] == '-'
		b = b[1:]
	}
	digits, rest := cutDigits(b)
	if len(digits) == 0 || len(rest) > 0 {
		return false
	}
	for _, d := range digits {
		n.Exponent = min(n.Exponent*10+int(d-'0'), maxExponent)
	}
	if n.HasExponent = true; negative {
		n.Exponent = -n.Exponent
	}
	return true
}

// Digits returns how many digits the number has before and after the point
// when it is written without an exponent. Zeros at the beginning do not count.
func (n Numeral) Digits() (whole, fraction int) {
	fraction = max(0, len(n.Fraction)-n.Exponent)
	leading := len(n.Whole) - len(bytes.TrimLeft(n.Whole, "0"))
	if leading == len(n.Whole) {
		zeros := len(n.Fraction) - len(bytes.TrimLeft(n.Fraction, "0"))
		if leading += zeros; zeros == len(n.Fraction) {
			return 0, fraction // it is 0
		}
	}
	return max(0, len(n.Whole)+n.Exponent-leading), fraction
}

// Trim removes the zeros that do not change the value. Whole followed by
// Fraction is then the shortest digits d for which the value is d·10^e, and e
// is returned. A number without digits is 0.
func (n *Numeral) Trim() (e int) {
	n.Whole = bytes.TrimLeft(n.Whole, "0")
	n.Fraction = bytes.TrimRight(n.Fraction, "0")
	e = n.Exponent - len(n.Fraction)
	if len(n.Whole) == 0 {
		n.Fraction = bytes.TrimLeft(n.Fraction, "0")
	}
	if len(n.Fraction) == 0 {
		digits := len(n.Whole)
		n.Whole = bytes.TrimRight(n.Whole, "0")
		e += digits - len(n.Whole)
	}
	return e
}

// unscaled returns the number times 10^scale, when that is an integer of at
// most [MaxPrecision] digits.
func (n Numeral) unscaled(scale int) (Int128, bool) {
	zeros := n.Trim() + scale
	digits := len(n.Whole) + len(n.Fraction)
	switch {
	case digits == 0:
		return Int128{}, true
	case zeros < 0 || digits+zeros > MaxPrecision:
		return Int128{}, false
	}
	x := appendDigits(appendDigits(Int128{}, n.Whole), n.Fraction)
	for ; zeros > 0; zeros -= min(zeros, chunkDigits) {
		x, _ = x.timesAdd(pow10s[min(zeros, chunkDigits)].Lo, 0)
	}
	if n.Negative {
		x = x.Neg()
	}
	return x, true
}
