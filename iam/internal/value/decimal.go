// Package value parses and compares the typed values of policy conditions:
// numbers and dates in all their forms, booleans, base64 and IP addresses.
package value

import "cmp"

// Decimal is a number of any size. Comparisons are exact, unlike those of
// floating-point numbers.
type Decimal struct {
	whole bool // the number is a small integer, in small
	small int64
	text  string // as written
}

// maxDigits limits a number's length and exponent.
const maxDigits = 400

// ParseDecimal parses an integer or decimal with an optional sign and
// exponent: "10", "-0.5", "1e3".
func ParseDecimal(text string) (Decimal, bool) {
	if n, ok := parseSmall(text); ok {
		return Decimal{whole: true, small: n, text: text}, true
	}
	_, ok := expand(text)
	return Decimal{text: text}, ok
}

// expanded is a number's digits and the position of its decimal point.
type expanded struct {
	negative bool
	digits   string // without leading zeros; may have a point and trailing zeros
	point    int    // position of the decimal point, counted in digits from the first; 0 for 0.1234
}

func expand(text string) (expanded, bool) {
	if len(text) > maxDigits {
		return expanded{}, false
	}
	var d expanded
	if text != "" && (text[0] == '-' || text[0] == '+') {
		d.negative = text[0] == '-'
		text = text[1:]
	}
	count, whole, end, exponent := 0, -1, len(text), 0
scan:
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			count++
		case c == '.' && whole < 0:
			whole = count
		case c == 'e' || c == 'E':
			var ok bool
			if exponent, ok = parseExponent(text[i+1:]); !ok {
				return expanded{}, false
			}
			end = i
			break scan
		default:
			return expanded{}, false
		}
	}
	if count == 0 {
		return expanded{}, false
	}
	if whole < 0 {
		whole = count
	}
	d.normalize(text[:end], whole+exponent)
	return d, true
}

// parseSmall parses an integer of a few digits, as most numbers are.
func parseSmall(text string) (int64, bool) {
	if text == "" || len(text) > 18 {
		return 0, false
	}
	var n int64
	for i := range len(text) {
		c := text[i] - '0'
		if c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	return n, true
}

func parseExponent(text string) (int, bool) {
	sign := 1
	if text != "" && (text[0] == '-' || text[0] == '+') {
		if text[0] == '-' {
			sign = -1
		}
		text = text[1:]
	}
	n := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, false
		}
		if n = n*10 + int(text[i]-'0'); n > maxDigits {
			return 0, false
		}
	}
	return sign * n, text != ""
}

// normalize drops leading zeros. Zero has no digits at all.
func (d *expanded) normalize(text string, point int) {
	i := 0
	for ; i < len(text) && (text[i] == '0' || text[i] == '.'); i++ {
		if text[i] == '0' {
			point--
		}
	}
	d.digits, d.point = text[i:], point
	if d.digits == "" {
		*d = expanded{}
	}
}

// Compare returns -1, 0 or 1.
func (d Decimal) Compare(other Decimal) int {
	if d.whole && other.whole {
		return cmp.Compare(d.small, other.small)
	}
	a, _ := expand(d.text)
	b, _ := expand(other.text)
	if a.sign() != b.sign() {
		return cmp.Compare(a.sign(), b.sign())
	}
	return a.sign() * a.compareMagnitude(b)
}

func (d *expanded) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.negative:
		return -1
	default:
		return 1
	}
}

func (d *expanded) compareMagnitude(other expanded) int {
	if d.point != other.point {
		return cmp.Compare(d.point, other.point)
	}
	a, b := d.digits, other.digits
	for a != "" || b != "" {
		var x, y byte
		x, a = nextDigit(a)
		y, b = nextDigit(b)
		if x != y {
			return cmp.Compare(x, y)
		}
	}
	return 0
}

// nextDigit returns the first digit, or '0' after the last.
func nextDigit(digits string) (byte, string) {
	if digits != "" && digits[0] == '.' {
		digits = digits[1:]
	}
	if digits == "" {
		return '0', ""
	}
	return digits[0], digits[1:]
}
