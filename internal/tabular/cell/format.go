package cell

import (
	"bytes"
	"strings"

	"github.com/windlass-io/windlass/internal/problem"
)

// NumberFormat is the format of numbers in a text file: the decimal point,
// and the separator between groups of three digits.
type NumberFormat struct {
	Example string // the name: 1234.5 in the format
	point   byte
	group   byte // 0 for none; a blank also means NBSP and U+202F
}

// NumberFormats has all formats, in the order in which they are guessed. The
// first one is plain, which is a column's empty format.
var NumberFormats = [...]NumberFormat{
	{"1234.5", '.', 0},
	{"1,234.5", '.', ','},
	{"1234,5", ',', 0},
	{"1.234,5", ',', '.'},
	{"1 234,5", ',', ' '},
	{"1 234.5", '.', ' '},
	{"1'234.5", '.', '\''},
}

// ParseNumberFormat returns the format with this example. The empty one is the
// plain format.
func ParseNumberFormat(example string) (*NumberFormat, error) {
	if example == "" {
		return &NumberFormats[0], nil
	}
	var examples []string
	for i := range NumberFormats {
		if NumberFormats[i].Example == example {
			return &NumberFormats[i], nil
		}
		examples = append(examples, NumberFormats[i].Example)
	}
	return nil, problem.New(problem.Invalid, "Unknown number format %q.", example).
		WithHint("Use one of %s.", strings.Join(examples, "; "))
}

// isPlain reports whether texts in the format are already plain numbers.
func (f *NumberFormat) isPlain() bool { return f == &NumberFormats[0] }

// AppendPlain appends a number of the format to dst as a plain number, without
// group separators and with "." as its point. It reports false for a text that
// is not of the format. Digits are checked, the rest of the syntax is not.
func (f *NumberFormat) AppendPlain(dst, text []byte) ([]byte, bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		dst, text = append(dst, text[0]), text[1:]
	}
	n := digitsAt(text)
	dst, text = append(dst, text[:n]...), text[n:]
	grouped := false
	for first := n; ; grouped = true {
		width := f.separator(text)
		if width == 0 {
			break
		}
		if text = text[width:]; first < 1 || first > 3 || digitsAt(text) != 3 {
			return dst, false
		}
		dst, text = append(dst, text[:3]...), text[3:]
	}
	if len(text) > 0 && text[0] == f.point {
		fraction := digitsAt(text[1:])
		dst = append(append(dst, '.'), text[1:1+fraction]...)
		text = text[1+fraction:]
	}
	if len(text) > 0 && (grouped || text[0]|0x20 != 'e') {
		return dst, false
	}
	return append(dst, text...), true
}

var wideBlanks = [][]byte{[]byte("\u00a0"), []byte("\u202f")}

// separator returns the length of the group separator that text begins with.
func (f *NumberFormat) separator(text []byte) int {
	if len(text) == 0 || f.group == 0 {
		return 0
	}
	if text[0] == f.group {
		return 1
	}
	if f.group == ' ' {
		for _, blank := range wideBlanks {
			if bytes.HasPrefix(text, blank) {
				return len(blank)
			}
		}
	}
	return 0
}

// IsCode reports whether a plain number is more likely a code, of which a
// digit or a sign would be lost: "00501", "00.5" and "+4930123".
func IsCode(plain []byte) bool { return HasPlus(plain) || HasLeadingZero(plain) }

// HasPlus reports whether a text begins with a plus sign.
func HasPlus(text []byte) bool { return len(text) > 0 && text[0] == '+' }

// HasLeadingZero reports whether a number has a zero before another digit of
// its integer part.
func HasLeadingZero(plain []byte) bool {
	if len(plain) > 0 && (plain[0] == '-' || plain[0] == '+') {
		plain = plain[1:]
	}
	return len(plain) > 1 && plain[0] == '0' && plain[1]-'0' <= 9
}
