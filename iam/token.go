package iam

import (
	"strings"
	"unicode/utf8"
)

// tokenKind is the kind of one part of a pattern.
type tokenKind uint8

const (
	literalToken  tokenKind = iota // matches its text
	starToken                      // matches any text, including none
	questionToken                  // matches any one character
	variableToken                  // matches the variable's value
)

type token struct {
	kind     tokenKind
	text     string // of a literalToken
	variable *variable
}

// syntax selects the special characters in a policy's text.
type syntax struct {
	wildcards bool // * and ?
	variables bool // ${…}, in version 2012-10-17
}

// special returns the index of the first byte that may be special, or -1.
func (s syntax) special(text string) int {
	for i := range len(text) {
		switch text[i] {
		case '*', '?':
			if s.wildcards {
				return i
			}
		case '$':
			if s.variables {
				return i
			}
		}
	}
	return -1
}

// tokenize splits a policy's text into tokens. It joins adjacent literals and
// merges repeated stars.
func tokenize(text string, with syntax) ([]token, *fault) {
	var tokens []token
	for len(text) > 0 {
		i := with.special(text)
		if i < 0 {
			i = len(text)
		}
		tokens = appendLiteral(tokens, text[:i])
		if text = text[i:]; text == "" {
			break
		}
		read := 1
		switch {
		case text[0] == '*':
			if n := len(tokens); n == 0 || tokens[n-1].kind != starToken {
				tokens = append(tokens, token{kind: starToken})
			}
		case text[0] == '?':
			tokens = append(tokens, token{kind: questionToken})
		case strings.HasPrefix(text, "${"):
			t, n, f := parseVariable(text)
			if f != nil {
				return nil, f
			}
			read = n
			if t.kind == literalToken {
				tokens = appendLiteral(tokens, t.text)
			} else {
				tokens = append(tokens, t)
			}
		default:
			tokens = appendLiteral(tokens, text[:1])
		}
		text = text[read:]
	}
	return tokens, nil
}

func appendLiteral(tokens []token, text string) []token {
	if text == "" {
		return tokens
	}
	if n := len(tokens); n > 0 && tokens[n-1].kind == literalToken {
		tokens[n-1].text += text
		return tokens
	}
	return append(tokens, token{kind: literalToken, text: text})
}

// consume matches the token at the start of s and returns the rest. The token
// must not be a star.
func (t *token) consume(s string, c *Context) (string, bool) {
	switch t.kind {
	case questionToken:
		_, size := utf8.DecodeRuneInString(s)
		return s[size:], size > 0
	case variableToken:
		text, ok := t.variable.resolve(c)
		if !ok {
			return s, false
		}
		return strings.CutPrefix(s, text)
	case literalToken, starToken:
	}
	return strings.CutPrefix(s, t.text)
}

// consumeEnd matches the token at the end of s and returns the rest.
func (t *token) consumeEnd(s string, c *Context) (string, bool) {
	switch t.kind {
	case questionToken:
		_, size := utf8.DecodeLastRuneInString(s)
		return s[:len(s)-size], size > 0
	case variableToken:
		text, ok := t.variable.resolve(c)
		if !ok {
			return s, false
		}
		return strings.CutSuffix(s, text)
	case literalToken, starToken:
	}
	return strings.CutSuffix(s, t.text)
}
