package cell

import (
	"math"
	"strconv"
	"unsafe"

	"github.com/windlass-io/windlass/internal/dataset"
)

// ParseInteger parses a whole number: an optional sign and digits. It returns
// false for anything else and for a number of more than 64 bits.
func ParseInteger(b []byte) (int64, bool) {
	negative := false
	i := 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		i = 1
	}
	if i == len(b) || len(b)-i > 19 {
		return parseLongInteger(b, i)
	}
	var x uint64
	for ; i < len(b); i++ {
		d := b[i] - '0'
		if d > 9 {
			return 0, false
		}
		x = x*10 + uint64(d)
	}
	if negative {
		if x > 1<<63 {
			return 0, false
		}
		return -int64(x), true
	}
	if x > math.MaxInt64 {
		return 0, false
	}
	return int64(x), true
}

// parseLongInteger parses a number with more digits than 64 bits need. It may
// begin with zeros.
func parseLongInteger(b []byte, i int) (int64, bool) {
	start := i
	for i < len(b)-1 && b[i] == '0' {
		i++
	}
	if i == start || len(b)-i > 19 {
		return 0, false
	}
	x, ok := ParseInteger(b[i:])
	if ok && (b[i] == '-' || b[i] == '+') {
		return 0, false
	}
	if b[0] == '-' {
		x = -x
	}
	return x, ok
}

// pow10 are the powers of ten that a double represents exactly.
var pow10 = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// ParseNumber parses a number: "12", "-0.5", ".097", "1e5". It returns false
// for anything else and for a number outside the range of doubles.
func ParseNumber(b []byte) (float64, bool) {
	var mantissa uint64
	i, digits, scale := 0, 0, 0
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		i = 1
	}
	for ; i < len(b) && b[i]-'0' <= 9; i++ {
		mantissa = mantissa*10 + uint64(b[i]-'0')
		digits++
	}
	if i < len(b) && b[i] == '.' {
		start := i + 1
		for i = start; i < len(b) && b[i]-'0' <= 9; i++ {
			mantissa = mantissa*10 + uint64(b[i]-'0')
			digits++
		}
		scale = i - start
	}
	// 15 digits and a power of ten up to 22 are exact, and so is one division
	// of the two.
	if i == len(b) && digits > 0 && digits <= 15 && scale < len(pow10) {
		x := float64(mantissa) / pow10[scale]
		if b[0] == '-' {
			x = -x
		}
		return x, true
	}
	if !isNumber(b) {
		return 0, false
	}
	x, err := strconv.ParseFloat(unsafe.String(&b[0], len(b)), 64) //nolint:gosec // ParseFloat keeps nothing of a text it accepts
	return x, err == nil
}

// isNumber reports whether b has the form of a number.
func isNumber(b []byte) bool {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	whole := digitsAt(b)
	b = b[whole:]
	fraction := 0
	if len(b) > 0 && b[0] == '.' {
		fraction = digitsAt(b[1:])
		b = b[1+fraction:]
	}
	if whole+fraction == 0 {
		return false
	}
	if len(b) == 0 {
		return true
	}
	if b[0] != 'e' && b[0] != 'E' {
		return false
	}
	b = b[1:]
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		b = b[1:]
	}
	exponent := digitsAt(b)
	return exponent > 0 && exponent == len(b)
}

// IsExactDouble reports whether a number is a double whose shortest text has
// the same value, so that no digit is lost.
func IsExactDouble(plain []byte, n dataset.Numeral) bool {
	if len(n.Whole)+len(n.Fraction) <= 15 && n.Exponent >= -290 && n.Exponent <= 290 {
		return true // doubles have 15 digits in all of this range
	}
	x, ok := ParseNumber(plain)
	if !ok {
		return false
	}
	var buffer [32]byte
	shortest, ok := dataset.ScanNumeral(strconv.AppendFloat(buffer[:0], x, 'e', -1, 64))
	if !ok {
		return false
	}
	exponent, want := shortest.Trim(), n.Trim()
	if len(n.Whole)+len(n.Fraction) == 0 {
		return true // 0, however it is written
	}
	return exponent == want && string(shortest.Whole)+string(shortest.Fraction) == string(n.Whole)+string(n.Fraction)
}

func digitsAt(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' <= 9 {
		n++
	}
	return n
}

// parseBoolean parses true and false, ignoring case, and if words is set, all
// other words for them.
func parseBoolean(b []byte, words bool) (int64, bool) {
	switch {
	case len(b) == 4 && isWord(b, "true"):
		return 1, true
	case len(b) == 5 && isWord(b, "false"):
		return 0, true
	case !words:
		return 0, false
	case len(b) == 1:
		switch b[0] {
		case '1', 't', 'T', 'y', 'Y':
			return 1, true
		case '0', 'f', 'F', 'n', 'N':
			return 0, true
		}
	case len(b) == 3 && isWord(b, "yes"):
		return 1, true
	case len(b) == 2 && isWord(b, "no"):
		return 0, true
	}
	return 0, false
}

// isWord compares b with a lower-case word, ignoring the case of b.
func isWord(b []byte, word string) bool {
	for i := range word {
		if b[i]|0x20 != word[i] {
			return false
		}
	}
	return len(b) == len(word)
}
