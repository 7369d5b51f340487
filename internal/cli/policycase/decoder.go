package policycase

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// decoder reads the JSON of one case. It leaves the content of policies to the
// policy engine, which reports duplicate names and invalid UTF-8 itself.
type decoder struct{ json *jsontext.Decoder }

func newDecoder(r io.Reader) *jsontext.Decoder {
	return jsontext.NewDecoder(r, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

func (d *decoder) errorf(format string, args ...any) error {
	return fmt.Errorf("at byte %d: %w", d.json.InputOffset(), fmt.Errorf(format, args...))
}

// peek returns the kind of the next token; 0 at the end or before invalid text.
func (d *decoder) peek() jsontext.Kind { return d.json.PeekKind() }

// object calls member for each name; member reads the value.
func (d *decoder) object(member func(name string) error) error {
	return d.enclosed('{', '}', "an object", func() error {
		name, err := d.json.ReadToken()
		if err != nil {
			return d.syntax(err)
		}
		return member(name.String())
	})
}

// array calls element before each value; element reads it.
func (d *decoder) array(element func() error) error {
	return d.enclosed('[', ']', "an array", element)
}

func (d *decoder) enclosed(opening, closing jsontext.Kind, what string, item func() error) error {
	if d.peek() != opening {
		return d.errorf("expected %s", what)
	}
	for first := true; first || d.peek() != closing; first = false {
		if first {
			if _, err := d.json.ReadToken(); err != nil {
				return d.syntax(err)
			}
			if d.peek() == closing {
				break
			}
		}
		if err := item(); err != nil {
			return err
		}
	}
	_, err := d.json.ReadToken()
	return d.syntax(err)
}

// str reads a string; null leaves value as it is.
func (d *decoder) str(value *string) error {
	switch d.peek() {
	case 'n':
		return d.skip()
	case '"':
		token, err := d.json.ReadToken()
		if err != nil {
			return d.syntax(err)
		}
		*value = token.String()
		return nil
	}
	return d.errorf("expected a string")
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
func (d *decoder) skip() error { return d.syntax(d.json.SkipValue()) }

// raw returns a value as written.
func (d *decoder) raw() (string, error) {
	value, err := d.json.ReadValue()
	return string(value), d.syntax(err)
}

// end checks that nothing follows.
func (d *decoder) end() error {
	if _, err := d.json.ReadToken(); !errors.Is(err, io.EOF) {
		return d.errorf("unexpected text after the case")
	}
	return nil
}

// syntax adds the place to a syntax error.
func (d *decoder) syntax(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return d.errorf("the case ends in the middle: %w", err)
	}
	var invalid *jsontext.SyntacticError
	if errors.As(err, &invalid) {
		return fmt.Errorf("at byte %d: %w", invalid.ByteOffset, invalid.Err)
	}
	return err
}
