package postgres

import "bytes"

// PostgreSQL doesn't accept NUL in texts. Bytes 0 and 1 are stored as 1 1 and 1 2,
// which is unambiguous and preserves the order of texts.

// appendKept appends the stored form of a text.
func appendKept(b, text []byte) []byte {
	if bytes.IndexByte(text, 0) < 0 && bytes.IndexByte(text, 1) < 0 {
		return append(b, text...)
	}
	for _, c := range text {
		if c <= 1 {
			b = append(b, 1, c+1)
		} else {
			b = append(b, c)
		}
	}
	return b
}

// keptText returns the stored form of a text.
func keptText(text []byte) string { return string(appendKept(nil, text)) }

// appendText appends the original text of a stored one.
func appendText(b, kept []byte) []byte {
	for {
		at := bytes.IndexByte(kept, 1)
		if at < 0 || at+1 == len(kept) {
			return append(b, kept...)
		}
		b = append(append(b, kept[:at]...), kept[at+1]-1)
		kept = kept[at+2:]
	}
}
