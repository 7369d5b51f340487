package iam

import "strings"

// arnFields is the number of fields in an ARN:
// arn:partition:service:region:account:resource. The resource may contain
// colons.
const arnFields = 6

// splitARN splits an ARN into its fields. ok is false if the text isn't an
// ARN.
func splitARN(text string) (fields [arnFields]string, ok bool) {
	if !strings.HasPrefix(text, "arn:") {
		return fields, false
	}
	for i := range arnFields - 1 {
		colon := strings.IndexByte(text, ':')
		if colon < 0 {
			return fields, false
		}
		fields[i], text = text[:colon], text[colon+1:]
	}
	fields[arnFields-1] = text
	return fields, true
}

// arnField returns one field of an ARN, or "" if the text isn't an ARN.
func arnField(text string, i int) string {
	fields, ok := splitARN(text)
	if !ok {
		return ""
	}
	return fields[i]
}

// arnPattern matches ARNs field by field: a wildcard doesn't match a colon,
// except in the last field.
type arnPattern struct {
	any    bool   // the pattern is "*"
	whole  bool   // tail has the whole pattern: plain text, or plain text and a star in the last field
	head   string // the first five fields with their colons, if they are plain text
	fields []pattern
	tail   pattern // the last field, if head is set
}

// newARNPattern compiles the text of a Resource element or ARN condition. A
// text with fewer fields than an ARN only matches itself, unless open is true
// and it ends in a star: then it matches every ARN with that prefix, as in
// "arn:aws:s3*".
func newARNPattern(text string, with syntax, open bool) (arnPattern, *fault) {
	if head := plainHead(text); head > 0 {
		tail, f := compilePattern(text[head:], with)
		if tail.shape == exactShape || tail.shape == prefixShape {
			return arnPattern{whole: true, tail: pattern{shape: tail.shape, text: join(text, head, tail.text)}}, f
		}
		return arnPattern{head: text[:head], tail: tail}, f
	}
	tokens, f := tokenize(text, with)
	if f != nil {
		return arnPattern{}, f
	}
	if len(tokens) == 1 && tokens[0].kind == starToken {
		return arnPattern{any: true}, nil
	}
	fields := splitTokens(tokens)
	if len(fields) < arnFields {
		last := fields[len(fields)-1]
		if !open || len(last) == 0 || last[len(last)-1].kind != starToken {
			return arnPattern{whole: true, tail: pattern{shape: exactShape, text: text}}, nil
		}
		for len(fields) < arnFields {
			fields = append(fields, []token{{kind: starToken}})
		}
	}
	return joinFields(fields), nil
}

// join returns head and tail as one string. It avoids the concatenation when
// they are adjacent in text.
func join(text string, head int, tail string) string {
	if strings.HasPrefix(text[head:], tail) {
		return text[:head+len(tail)]
	}
	return text[:head] + tail
}

// plainHead returns the length of the first five fields with their colons, or
// 0 if they aren't plain text.
func plainHead(text string) int {
	if !strings.HasPrefix(text, "arn:") {
		return 0
	}
	colons := 0
	for i := range len(text) {
		switch text[i] {
		case '*', '?', '$':
			return 0
		case ':':
			if colons++; colons == arnFields-1 {
				return i + 1
			}
		}
	}
	return 0
}

func joinFields(fields [][]token) arnPattern {
	var p arnPattern
	plain := true
	for _, field := range fields[:arnFields-1] {
		compiled := newPattern(field)
		plain = plain && compiled.shape == exactShape
		p.head += compiled.text + ":"
		p.fields = append(p.fields, compiled)
	}
	p.tail = newPattern(fields[arnFields-1])
	if plain {
		p.fields = nil
	}
	return p
}

// splitTokens splits at the first five colons of the literal tokens. Colons in
// variable names don't count.
func splitTokens(tokens []token) [][]token {
	fields := [][]token{nil}
	for _, t := range tokens {
		for t.kind == literalToken && len(fields) < arnFields {
			before, after, ok := strings.Cut(t.text, ":")
			if !ok {
				break
			}
			last := len(fields) - 1
			fields[last] = appendLiteral(fields[last], before)
			fields = append(fields, nil)
			t.text = after
		}
		if t.kind != literalToken || t.text != "" {
			fields[len(fields)-1] = append(fields[len(fields)-1], t)
		}
	}
	return fields
}

// match reports whether an ARN matches. A text that isn't an ARN only matches
// "*" and itself.
func (p *arnPattern) match(text string, c *Context) bool {
	switch {
	case p.any:
		return true
	case p.whole:
		return p.tail.matchPlain(text)
	case p.fields == nil:
		return strings.HasPrefix(text, p.head) && p.tail.match(text[len(p.head):], c)
	}
	fields, ok := splitARN(text)
	for i := range p.fields {
		ok = ok && p.fields[i].match(fields[i], c)
	}
	return ok && p.tail.match(fields[arnFields-1], c)
}

func (p *arnPattern) resolves(c *Context) bool {
	for i := range p.fields {
		if !p.fields[i].resolves(c) {
			return false
		}
	}
	return p.tail.resolves(c)
}

func (p *arnPattern) hasVariables() bool { return p.tail.hasVariables() || p.variableInHead() }

// variableInHead reports whether a variable comes before the fifth colon,
// where AWS doesn't support variables in a Resource element.
func (p *arnPattern) variableInHead() bool {
	for i := range p.fields {
		if p.fields[i].hasVariables() {
			return true
		}
	}
	return false
}
