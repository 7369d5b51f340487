package rowtext

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
)

// AppendJSON appends value i of a vector as JSON. Numbers keep every digit.
func AppendJSON(b []byte, v *dataset.Vector, i int) []byte {
	if v.Nulls[i] {
		return append(b, "null"...)
	}
	switch v.Type {
	case dataset.Number:
		return AppendNumber(b, v.Floats[i])
	case dataset.Integer, dataset.Decimal, dataset.Boolean:
		return AppendText(b, v, i)
	case dataset.Date:
		return append(AppendDate(append(b, '"'), v.Ints[i]), '"')
	case dataset.DateTime:
		return append(AppendDateTime(append(b, '"'), v.Ints[i]), '"')
	case dataset.Object, dataset.Array, dataset.Any:
		if text := v.BytesAt(i); json.Valid(text) {
			return append(b, text...)
		}
		return AppendString(b, v.BytesAt(i))
	default:
		return AppendString(b, v.BytesAt(i))
	}
}

// AppendText appends value i of a vector, which isn't null, as text: the same as
// in JSON, without quotes.
func AppendText(b []byte, v *dataset.Vector, i int) []byte {
	switch v.Type {
	case dataset.Number:
		return AppendNumber(b, v.Floats[i])
	case dataset.Integer:
		return strconv.AppendInt(b, v.Ints[i], 10)
	case dataset.Decimal:
		return dataset.AppendDecimal(b, v.Wide[i], v.Scale)
	case dataset.Boolean:
		return strconv.AppendBool(b, v.Ints[i] != 0)
	case dataset.Date:
		return AppendDate(b, v.Ints[i])
	case dataset.DateTime:
		return AppendDateTime(b, v.Ints[i])
	default:
		return append(b, v.BytesAt(i)...)
	}
}

// AppendName appends the name of a member of an object, and a colon.
func AppendName(b []byte, name string) []byte { return append(AppendString(b, []byte(name)), ':') }

const hexDigits = "0123456789abcdef"

// plain marks the bytes that aren't escaped in a JSON string.
var plain = func() (list [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		list[c] = c != '"' && c != '\\'
	}
	return list
}()

// arePlain reports whether none of eight bytes is escaped: none is above 0x7F or
// below a blank, and none is a quotation mark or a backslash. Each byte gets its
// highest bit before a subtraction. So it never borrows from the next byte, and it
// loses that bit only if the rest of it is less than the subtracted value.
func arePlain(x uint64) bool {
	const ones, highest = 0x0101010101010101, 0x8080808080808080
	least := (x | highest) - ' '*ones
	quote := (x ^ '"'*ones | highest) - ones
	backslash := (x ^ '\\'*ones | highest) - ones
	return x&highest == 0 && least&quote&backslash&highest == highest
}

// AppendString appends a text as a JSON string that is also valid in scripts:
// U+2028 and U+2029 are escaped.
func AppendString(b, text []byte) []byte {
	b = append(b, '"')
	from := 0
	for i := 0; i < len(text); {
		if len(text)-i >= 8 && arePlain(binary.LittleEndian.Uint64(text[i:])) {
			i += 8
			continue
		}
		c := text[i]
		if plain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 || r == '\u2028' || r == '\u2029' {
				b = append(append(b, text[from:i]...), `\u`...)
				b = append(b, hexDigits[r>>12&15], hexDigits[r>>8&15], hexDigits[r>>4&15], hexDigits[r&15])
				from = i + size
			}
			i += size
			continue
		}
		b = appendEscape(append(b, text[from:i]...), c)
		i++
		from = i
	}
	return append(append(b, text[from:]...), '"')
}

// appendEscape appends one of the characters that a JSON string must escape.
func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, '\\', 'n')
	case '\r':
		return append(b, '\\', 'r')
	case '\t':
		return append(b, '\\', 't')
	default:
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}
