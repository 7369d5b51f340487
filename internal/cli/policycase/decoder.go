package policycase

import (
	"encoding/json"
	"fmt"
	"strings"
)

// decoder reads the JSON of one case. It returns substrings of the text, and
// leaves the content of policies to the policy engine.
type decoder struct {
	text string
	at   int
}

func (d *decoder) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %w", d.at, fmt.Errorf(format, args...))
}

// peek returns the first byte of the next value; 0 at the end.
func (d *decoder) peek() byte {
	for d.at < len(d.text) {
		switch c := d.text[d.at]; c {
		case ' ', '\t', '\r', '\n':
			d.at++
		default:
			return c
		}
	}
	return 0
}

func (d *decoder) take(c byte) bool {
	if d.peek() != c {
		return false
	}
	d.at++
	return true
}

// object calls member for each name; member reads the value.
func (d *decoder) object(member func(name string) error) error {
	if !d.take('{') {
		return d.errorf("expected an object")
	}
	for first := true; !d.take('}'); first = false {
		if !first && !d.take(',') {
			return d.errorf("expected a comma or }")
		}
		var name string
		if err := d.str(&name); err != nil {
			return err
		}
		if !d.take(':') {
			return d.errorf("expected a colon after %q", name)
		}
		if err := member(name); err != nil {
			return err
		}
	}
	return nil
}

// array calls element before each value; element reads it.
func (d *decoder) array(element func() error) error {
	if !d.take('[') {
		return d.errorf("expected an array")
	}
	for first := true; !d.take(']'); first = false {
		if !first && !d.take(',') {
			return d.errorf("expected a comma or ]")
		}
		if err := element(); err != nil {
			return err
		}
	}
	return nil
}

// str reads a string; null leaves value as it is.
func (d *decoder) str(value *string) error {
	if d.peek() == 'n' {
		return d.skip()
	}
	if d.peek() != '"' {
		return d.errorf("expected a string")
	}
	token, plain, err := d.quoted()
	if err != nil {
		return err
	}
	if plain {
		*value = token[1 : len(token)-1]
		return nil
	}
	if err := json.Unmarshal([]byte(token), value); err != nil {
		return d.errorf("reading a string: %w", err)
	}
	return nil
}

// quoted returns a string as written, and whether it is plain: without escapes
// or characters that need checking.
func (d *decoder) quoted() (token string, plain bool, err error) {
	start := d.at
	plain = true
	for i := start + 1; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			d.at = i + 1
			return d.text[start:d.at], plain, nil
		case c == '\\':
			plain = false
			i++
		case c < ' ' || c >= 0x80:
			plain = false // let the JSON decoder check it
		}
	}
	return "", false, d.errorf("a string has no closing quote")
}

// scalar reads a string, or a number or boolean as written.
func (d *decoder) scalar(value *string) error {
	switch d.peek() {
	case '"':
		return d.str(value)
	case '{', '[', 'n':
		return d.errorf("expected a string, number or boolean")
	}
	text, err := d.raw()
	*value = text
	return err
}

// skip steps over a value.
func (d *decoder) skip() error {
	_, err := d.raw()
	return err
}

// raw returns a value as written. It only checks brackets and strings inside.
func (d *decoder) raw() (string, error) {
	c := d.peek()
	start := d.at
	switch c {
	case '"':
		token, _, err := d.quoted()
		return token, err
	case '{', '[':
		return d.bracketed()
	}
	for d.at < len(d.text) && strings.IndexByte(",:]} \t\r\n\"", d.text[d.at]) < 0 {
		d.at++
	}
	text := d.text[start:d.at]
	if !json.Valid([]byte(text)) {
		d.at = start
		return "", d.errorf("expected a value")
	}
	return text, nil
}

func (d *decoder) bracketed() (string, error) {
	start := d.at
	depth := 0
	for d.at < len(d.text) {
		switch d.text[d.at] {
		case '"':
			if _, _, err := d.quoted(); err != nil {
				return "", err
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				d.at++
				return d.text[start:d.at], nil
			}
		}
		d.at++
	}
	d.at = start
	return "", d.errorf("unclosed bracket")
}

// end checks that nothing follows.
func (d *decoder) end() error {
	if d.peek() != 0 {
		return d.errorf("unexpected text after the case")
	}
	return nil
}
