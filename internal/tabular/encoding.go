package tabular

import (
	"bytes"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"

	"github.com/windlass-io/windlass/internal/tabular/json"
)

// Encoding is a text encoding.
type Encoding string

// The encodings. UTF16 has a byte order mark, or is little-endian without one
// unless the zero bytes say otherwise.
const (
	UTF8        Encoding = "utf-8"
	UTF16       Encoding = "utf-16"
	UTF16LE     Encoding = "utf-16le"
	UTF16BE     Encoding = "utf-16be"
	Latin1      Encoding = "latin1"
	Windows1252 Encoding = "windows-1252"
)

// Encodings returns all encodings.
func Encodings() []Encoding { return []Encoding{UTF8, UTF16, UTF16LE, UTF16BE, Latin1, Windows1252} }

// The reasons for an encoding.
const (
	whyMark      = "byte_order_mark"
	whyValid     = "valid_utf8"
	whyZeroBytes = "zero_bytes"
	whyNotUTF8   = "not_utf8"
)

var marks = []struct {
	bytes    string
	encoding Encoding
}{{"\xef\xbb\xbf", UTF8}, {"\xff\xfe", UTF16LE}, {"\xfe\xff", UTF16BE}}

// findEncoding returns the encoding of text by its beginning: by the byte order
// mark, by zero bytes, by whether it is UTF-8. JSON is always UTF-8 otherwise.
func findEncoding(head []byte, complete bool) (Encoding, string) {
	for _, m := range marks {
		if bytes.HasPrefix(head, []byte(m.bytes)) {
			return m.encoding, whyMark
		}
	}
	if e := byZeroBytes(head, complete); e != "" {
		return e, whyZeroBytes
	}
	if validUTF8(head, complete) || json.Looks(head) {
		return UTF8, whyValid
	}
	return Windows1252, whyNotUTF8
}

// zeroShare is the share of the odd or even bytes that are zero in UTF-16.
const zeroShare = 0.3

// leastOdd is the minimum length in bytes for recognizing UTF-16 text that is cut
// off within a character.
const leastOdd = 16

// byZeroBytes returns the UTF-16 encoding that the zero bytes show, or "". Text in
// UTF-16 has no character zero. Its last character may be cut off.
func byZeroBytes(head []byte, complete bool) Encoding {
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			if i%2 == 1 && head[i-1] == 0 {
				return ""
			}
			zeros[i%2]++
		}
	}
	if complete && len(head)%2 != 0 && len(head) < leastOdd {
		return ""
	}
	share := func(n int) float64 { return float64(n) / (float64(len(head)) / 2) }
	switch even, odd := share(zeros[0]), share(zeros[1]); {
	case len(head) < 2 || even > zeroShare && odd > zeroShare: // binary
		return ""
	case odd > zeroShare:
		return UTF16LE
	case even > zeroShare:
		return UTF16BE
	}
	return ""
}

// validUTF8 reports whether text is UTF-8. When more follows, its last character
// may be cut.
func validUTF8(head []byte, complete bool) bool {
	for n := 0; !complete && n < utf8.UTFMax-1 && len(head) > 0 && !utf8.Valid(head); n++ {
		head = head[:len(head)-1]
	}
	return utf8.Valid(head)
}

// trimMark removes the byte order mark of an encoding.
func trimMark(head []byte, e Encoding) []byte {
	for _, m := range marks {
		if m.encoding == e || e == UTF16 && m.encoding != UTF8 {
			head = bytes.TrimPrefix(head, []byte(m.bytes))
		}
	}
	return head
}

// endian returns the byte order of UTF-16 text whose encoding doesn't name it.
func endian(head []byte, complete bool) Encoding {
	if bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return UTF16BE
	}
	if e := byZeroBytes(head, complete); e != "" && !bytes.HasPrefix(head, []byte("\xff\xfe")) {
		return e
	}
	return UTF16LE
}

// decode returns text as UTF-8. What an encoding doesn't have becomes the byte
// 0xFF, which no text in UTF-8 has, so that the record is rejected.
func decode(text io.Reader, e Encoding) io.Reader {
	switch e {
	case UTF16LE:
		return transform.NewReader(text, utf16Decoder{})
	case UTF16BE:
		return transform.NewReader(text, utf16Decoder{big: true})
	case Latin1:
		return transform.NewReader(text, charmap.ISO8859_1.NewDecoder())
	case Windows1252:
		return transform.NewReader(text, charmap.Windows1252.NewDecoder())
	default:
		return text
	}
}

// undecodable is the byte that replaces undecodable text.
const undecodable = 0xff

// utf16Decoder is like the decoder of golang.org/x/text/encoding/unicode, but
// doesn't replace undecodable text with a valid character.
type utf16Decoder struct {
	transform.NopResetter
	big bool
}

// Transform decodes whole characters.
func (d utf16Decoder) Transform(dst, src []byte, atEOF bool) (written, read int, err error) {
	for read < len(src) {
		r, size := d.next(src[read:], atEOF)
		if size == 0 {
			return written, read, transform.ErrShortSrc
		}
		if len(dst)-written < utf8.UTFMax {
			return written, read, transform.ErrShortDst
		}
		if r < 0 {
			dst[written] = undecodable
			written++
		} else {
			written += utf8.EncodeRune(dst[written:], r)
		}
		read += size
	}
	return written, read, nil
}

// next returns the next character, or -1 for half a surrogate pair, and its
// size. The size is 0 if more bytes are needed.
func (d utf16Decoder) next(src []byte, atEOF bool) (rune, int) {
	if len(src) < 2 {
		if atEOF {
			return -1, len(src)
		}
		return 0, 0
	}
	r := d.unit(src)
	if !utf16.IsSurrogate(r) {
		return r, 2
	}
	if r >= 0xdc00 { // a second half alone
		return -1, 2
	}
	if len(src) < 4 {
		if atEOF {
			return -1, 2
		}
		return 0, 0
	}
	if whole := utf16.DecodeRune(r, d.unit(src[2:])); whole != utf8.RuneError {
		return whole, 4
	}
	return -1, 2
}

func (d utf16Decoder) unit(b []byte) rune {
	if d.big {
		return rune(b[0])<<8 | rune(b[1])
	}
	return rune(b[1])<<8 | rune(b[0])
}
