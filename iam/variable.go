package iam

import "strings"

// variable is a reference to a condition key in a policy's text, such as
// ${aws:PrincipalTag/team, 'none'}. Its value is compared as plain text:
// wildcards and variables in it have no meaning.
type variable struct {
	hash        uint64
	key         string
	fallback    string // the value to use when the key doesn't have exactly one value
	hasFallback bool
}

// resolve returns the variable's value in a request. ok is false if it has
// none: the key is absent or has several values, and there is no default.
func (v *variable) resolve(c *Context) (string, bool) {
	if i := c.find(v.hash, v.key); i >= 0 && c.entries[i].len() == 1 {
		return c.entries[i].at(0), true
	}
	return v.fallback, v.hasFallback
}

// parseVariable parses a variable at the start of text, which begins with ${.
// It returns the token and its length, or a fault.
func parseVariable(text string) (token, int, *fault) {
	inside := text[2:]
	end := strings.IndexAny(inside, "},")
	if end < 0 {
		return token{}, 0, faultf(CodeVariableBrace, "the variable %q has no closing brace", clip(text))
	}
	name := inside[:end]
	v := &variable{hash: hashKey(name), key: name}
	read := 2 + end + 1
	if inside[end] == ',' {
		n, f := v.parseFallback(inside[end+1:], text)
		if f != nil {
			return token{}, 0, f
		}
		read += n
	}
	switch {
	case name == "*" || name == "?" || name == "$":
		return token{kind: literalToken, text: name}, read, nil
	case name == "":
		return token{}, 0, faultf(CodeVariableEmpty, "the variable %q has no condition key", clip(text[:read]))
	case strings.ContainsAny(name, " \t\r\n"):
		return token{}, 0, faultf(CodeVariableSpace, "the variable %q has a space in its name", clip(text[:read]))
	case strings.Contains(name, "${"):
		return token{}, 0, faultf(CodeVariableBrace, "the variable %q has no closing brace before the next begins",
			clip(text[:read]))
	}
	return token{kind: variableToken, variable: v}, read, nil
}

// parseFallback parses the default value after a variable's comma, in single
// quotes, and the closing brace.
func (v *variable) parseFallback(text, whole string) (int, *fault) {
	trimmed := strings.TrimLeft(text, " ")
	missing := faultf(CodeVariableQuote, "the default value in the variable %q is not in single quotes", clip(whole))
	if !strings.HasPrefix(trimmed, "'") {
		return 0, missing
	}
	closing := strings.IndexByte(trimmed[1:], '\'')
	if closing < 0 {
		return 0, missing
	}
	v.fallback, v.hasFallback = trimmed[1:1+closing], true
	rest := strings.TrimLeft(trimmed[closing+2:], " ")
	if !strings.HasPrefix(rest, "}") {
		return 0, faultf(CodeVariableBrace, "the variable %q has no closing brace after its default value", clip(whole))
	}
	return len(text) - len(rest) + 1, nil
}
