package engine

import (
	"unicode"
	"unicode/utf8"
)

// Pattern matches texts. "*" and "%" match any text, "_" matches one
// character, and "\" quotes the next character.
type Pattern struct {
	tokens []token
	fold   bool
}

// token is a character or a wildcard.
type token struct {
	kind tokenKind
	char rune
}

type tokenKind int

const (
	character tokenKind = iota
	one
	anyText
)

// ParsePattern parses a pattern. It returns false if the pattern ends in "\".
// With fold, the pattern ignores case (Unicode simple folding).
func ParsePattern(text string, fold bool) (*Pattern, bool) {
	p := &Pattern{fold: fold}
	escaped := false
	for _, r := range text {
		switch {
		case escaped:
			p.tokens = append(p.tokens, token{character, p.folded(r)})
			escaped = false
		case r == '\\':
			escaped = true
		case r == '_':
			p.tokens = append(p.tokens, token{kind: one})
		case r != '*' && r != '%':
			p.tokens = append(p.tokens, token{character, p.folded(r)})
		case len(p.tokens) == 0 || p.tokens[len(p.tokens)-1].kind != anyText:
			p.tokens = append(p.tokens, token{kind: anyText})
		}
	}
	return p, !escaped
}

// folded returns the smallest character that differs from r only in case.
func (p *Pattern) folded(r rune) rune {
	if !p.fold {
		return r
	}
	if r < utf8.RuneSelf && r != 'k' && r != 'K' && r != 's' && r != 'S' { // these have equivalents beyond ASCII
		if 'a' <= r && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// Match reports whether the pattern matches the whole text. It only backtracks to
// the last wildcard for text, so the time is at most proportional to the product
// of both lengths.
func (p *Pattern) Match(text []byte) bool {
	if n := len(p.tokens); !p.fold && n > 0 && p.tokens[0].kind == character { // fail fast: most texts differ here
		if r, _ := utf8.DecodeRune(text); len(text) == 0 || r != p.tokens[0].char {
			return false
		}
	}
	at, from := 0, 0          // places in tokens and text
	retry, retryFrom := -1, 0 // after the last "any text", and the end of its match
	for from < len(text) {
		r, size := utf8.DecodeRune(text[from:])
		switch {
		case at < len(p.tokens) && p.tokens[at].kind == anyText:
			at++
			retry, retryFrom = at, from
		case at < len(p.tokens) && (p.tokens[at].kind == one || p.tokens[at].char == p.folded(r)):
			at++
			from += size
		case retry >= 0:
			_, skipped := utf8.DecodeRune(text[retryFrom:])
			retryFrom += skipped
			at, from = retry, retryFrom
		default:
			return false
		}
	}
	for at < len(p.tokens) && p.tokens[at].kind == anyText {
		at++
	}
	return at == len(p.tokens)
}

// Each calls a function for each part of the pattern: letters with the characters
// that match (several if case is ignored), one for any character, or text for any
// text.
func (p *Pattern) Each(letters func([]rune), one, text func()) {
	for _, t := range p.tokens {
		switch t.kind {
		case character:
			list := []rune{t.char}
			if p.fold {
				for next := unicode.SimpleFold(t.char); next != t.char; next = unicode.SimpleFold(next) {
					list = append(list, next)
				}
			}
			letters(list)
		case anyText:
			text()
		default:
			one()
		}
	}
}
