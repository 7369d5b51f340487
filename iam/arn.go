package iam

import "strings"

// arnFields is how many fields an ARN has:
// arn:partition:service:region:account:resource. The last may have colons.
const arnFields = 6

// arn is an ARN taken apart, once for each request.
type arn struct {
	text   string
	fields [arnFields]string
	valid  bool
}

func splitARN(text string) arn {
	a := arn{text: text}
	if !strings.HasPrefix(text, "arn:") {
		return a
	}
	for i := range arnFields - 1 {
		field, rest, ok := strings.Cut(text, ":")
		if !ok {
			return a
		}
		a.fields[i], text = field, rest
	}
	a.fields[arnFields-1], a.valid = text, true
	return a
}

// arnPattern matches ARNs field by field: a wildcard does not reach across a
// colon, save in the last field.
type arnPattern struct {
	any     bool   // the text is "*"
	head    string // where the first five fields are plain: they and their colons
	fields  []pattern
	tail    pattern // where head is used: the last field
	literal string  // a text that is not an ARN and has no wildcard: matches itself
}

// newARNPattern compiles the text of a Resource element or of an ARN
// condition. A text with fewer fields than an ARN matches nothing but itself;
// with open, one that ends in a star stands for all that begin so, as in
// "arn:aws:s3*".
func newARNPattern(text string, with syntax, open bool) (arnPattern, *fault) {
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
			return arnPattern{literal: text}, nil
		}
		for len(fields) < arnFields {
			fields = append(fields, []token{{kind: starToken}})
		}
	}
	return joinFields(fields), nil
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

// match says whether an ARN matches. A text that is no ARN matches only "*"
// and itself.
func (p *arnPattern) match(a *arn, c *Context) bool {
	switch {
	case p.any:
		return true
	case p.literal != "":
		return a.text == p.literal
	case !a.valid:
		return false
	case p.fields == nil:
		rest, ok := strings.CutPrefix(a.text, p.head)
		return ok && p.tail.match(rest, c)
	}
	for i := range p.fields {
		if !p.fields[i].match(a.fields[i], c) {
			return false
		}
	}
	return p.tail.match(a.fields[arnFields-1], c)
}

func (p *arnPattern) resolves(c *Context) bool {
	for i := range p.fields {
		if !p.fields[i].resolves(c) {
			return false
		}
	}
	return p.tail.resolves(c)
}

// variableInHead says whether a variable stands before the fifth colon, where
// AWS does not take one in a Resource element.
func (p *arnPattern) variableInHead() bool {
	for i := range p.fields {
		if len(p.fields[i].variables) > 0 {
			return true
		}
	}
	return false
}
