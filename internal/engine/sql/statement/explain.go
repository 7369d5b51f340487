package statement

import "strings"

// Split splits EXPLAIN, or EXPLAIN ANALYZE, from the statement that it explains,
// which begins at an offset of the text. prefix is empty for other statements.
func Split(text string) (prefix string, at int) {
	at = skip(text, 0)
	end, ok := keyword(text, at, "explain")
	if !ok {
		return "", 0
	}
	prefix, at = "EXPLAIN ", skip(text, end)
	if end, ok := keyword(text, at, "analyze"); ok {
		return "EXPLAIN ANALYZE ", skip(text, end)
	}
	return prefix, at
}

// keyword reports whether a keyword is at an offset, and where it ends.
func keyword(text string, at int, word string) (end int, ok bool) {
	end = at + len(word)
	if end > len(text) || !strings.EqualFold(text[at:end], word) {
		return at, false
	}
	return end, end == len(text) || !isWord(text[end])
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}

// skip returns the offset after white space and comments.
func skip(text string, at int) int {
	for at < len(text) {
		rest := text[at:]
		switch {
		case strings.ContainsRune(" \t\r\n\f\v", rune(text[at])):
			at++
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return len(text)
			}
			at += end + 1
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return len(text)
			}
			at += end + 4
		default:
			return at
		}
	}
	return at
}
