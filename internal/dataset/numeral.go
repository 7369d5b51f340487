package dataset

import "bytes"

// Numeral is a number as written: digits, possibly with a point and an
// exponent. It refers to the text it was scanned from.
type Numeral struct {
	Negative bool
	Whole    []byte // the digits before the point
	Fraction []byte // the digits after it
	Point    bool   // whether there is a point
	// Exponent is limited to ±2²⁰. It is 0 if the text has none.
	Exponent       int
	HasExponent    bool
	SignedExponent bool // as in 1e+3 and 1e-3
}

const maxExponent = 1 << 20

// ScanNumeral scans a number such as "-12.50", ".5", "+7" or "1.25e3". It
// returns false for any other text.
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

// scanExponent scans "e", a sign and digits, up to the end of b.
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

// Digits returns the number of digits before and after the point if the number
// is written without an exponent. Leading zeros don't count.
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

// Trim removes zeros that don't change the value. Afterwards Whole followed
// by Fraction are the fewest digits d such that the value is d·10^e. Trim
// returns e. Zero has no digits.
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
