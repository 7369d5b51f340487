package iam

import "strings"

// arnFields is how many fields an ARN has:
// arn:partition:service:region:account:resource. The last may have colons.
const arnFields = 6

// splitARN takes an ARN apart; false where the text is none.
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

// arnField returns one field; empty where the text is no ARN.
func arnField(text string, i int) string {
	fields, ok := splitARN(text)
	if !ok {
		return ""
	}
	return fields[i]
}

// arnPattern matches ARNs field by field: a wildcard does not reach across a
// colon, except in the last field.
type arnPattern struct {
	any    bool   // the text is "*"
	whole  bool   // all of it is in tail: plain text, or plain text and a star in the last field
	head   string // where the first five fields are plain: they and their colons
	fields []pattern
	tail   pattern // where head is used: the last field
}

// newARNPattern compiles the text of a Resource element or of an ARN
// condition. A text with fewer fields than an ARN matches nothing but itself;
// with open, one that ends in a star stands for all that begin so, as in
// "arn:aws:s3*".
func newARNPattern(text string, with syntax, open bool) (arnPattern, *fault) {
	if head := plainHead(text); head > 0 {
		tail, f := compilePattern(text[head:], with)
		if tail.shape == exactShape || tail.shape == prefixShape {
			return arnPattern{whole: true, tail: pattern{shape: tail.shape, text: joined(text, head, tail.text)}}, f
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

// joined returns what stands before head and tail in one; most often they follow
// each other in text.
func joined(text string, head int, tail string) string {
	if strings.HasPrefix(text[head:], tail) {
		return text[:head+len(tail)]
	}
	return text[:head] + tail
}

// plainHead returns the length of the first five fields and their colons, 0
// where they are not plain text.
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

// splitTokens cuts at the first five colons of the literal tokens. A colon in
// a variable's name is none.
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

// match reports whether an ARN matches. A text that is no ARN matches only "*"
// and itself.
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

// variableInHead reports whether a variable stands before the fifth colon, where
// AWS does not take one in a Resource element.
func (p *arnPattern) variableInHead() bool {
	for i := range p.fields {
		if p.fields[i].hasVariables() {
			return true
		}
	}
	return false
}
