// Package criteria parses the criteria of a request for rows: conditions on
// columns, as in "close=gt.5" and "or=(close.gt.5,day.is.null)", the columns of
// "select" with their aggregates, and "order". The grammar is the subset of
// PostgREST's in docs/reading.md.
//
// A text is first parsed without a dataset and then bound to a schema: errors of
// form are found before the dataset is looked up. Every error is a problem with
// code invalid, a reason, the parameter and the position in its value.
package criteria

import (
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/clip"
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Bounds.
const (
	MaxConditions = 100  // of a request
	MaxDepth      = 8    // of logic
	MaxListed     = 1000 // values of one "in"
	MaxSelected   = 500  // names in "select"
	MaxOrdered    = 16   // columns in "order"
)

// The reasons of problems.
const (
	UnknownColumn      = "unknown_column"
	UnknownOperator    = "unknown_operator"
	OperatorNotAllowed = "operator_not_allowed"
	InvalidFilter      = "invalid_filter"
	InvalidSelect      = "invalid_select"
	InvalidOrder       = "invalid_order"
	InvalidValue       = "invalid_value"
	DuplicateName      = "duplicate_name"
	TooMany            = "too_many"
)

// shown limits how much of a request's text an error quotes.
const shown = 60

func quote(text string) string { return clip.Quote(text, shown) }

// scanner scans the value of a parameter.
type scanner struct {
	parameter string
	text      string
	at        int
	reason    string // of errors of form
}

// fail returns the error for a fault at a position in the text, in bytes.
func (s *scanner) fail(reason string, at int, format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, format, args...).WithReason(reason).WithPlace(problem.Place{
		Parameter: s.parameter, Position: utf8.RuneCountInString(s.text[:min(at, len(s.text))]) + 1,
	})
}

// malformed returns the error for a fault of form at the current position.
func (s *scanner) malformed(format string, args ...any) *problem.Error {
	return s.fail(s.reason, s.at, "%s: "+format, append([]any{s.parameter}, args...)...)
}

func (s *scanner) done() bool { return s.at >= len(s.text) }

// accept skips a character if it is next, and reports whether it was.
func (s *scanner) accept(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

// next returns the next character for an error.
func (s *scanner) next() string {
	if s.done() {
		return "the end"
	}
	_, size := utf8.DecodeRuneInString(s.text[s.at:])
	return quote(s.text[s.at : s.at+size])
}

// word skips the letters, digits and underscores that come next, and returns them.
func (s *scanner) word() string {
	from := s.at
	for s.at < len(s.text) && isWord(s.text[s.at]) {
		s.at++
	}
	return s.text[from:s.at]
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

// name parses the name of a column. Names with punctuation or spaces are quoted.
func (s *scanner) name() (string, error) {
	if s.at < len(s.text) && s.text[s.at] == '"' {
		return s.quoted()
	}
	from := s.at
	for !s.done() && !strings.ContainsRune(".,:()\" ", rune(s.text[s.at])) {
		s.at++
	}
	if s.at == from {
		return "", s.malformed("a column's name is missing before %s.", s.next()).
			WithHint("Write a column's name, in double quotes if it has . , : ( ) or a space.")
	}
	if s.at < len(s.text) && (s.text[s.at] == ' ' || s.text[s.at] == '"') {
		return "", s.malformed("a name has %s.", s.next()).
			WithHint("Put names with . , : ( ) or a space in double quotes, and leave out spaces elsewhere.")
	}
	return s.text[from:s.at], nil
}

// quoted parses a text in double quotes, in which a backslash escapes double
// quotes and backslashes.
func (s *scanner) quoted() (string, error) {
	from := s.at
	s.at++
	var b strings.Builder
	for !s.done() {
		c := s.text[s.at]
		s.at++
		switch {
		case c == '"':
			return b.String(), nil
		case c != '\\':
		case s.done() || s.text[s.at] != '"' && s.text[s.at] != '\\':
			return "", s.malformed(`a backslash in double quotes is followed by %s.`, s.next()).
				WithHint(`In double quotes write \" for a double quote and \\ for a backslash.`)
		default:
			c = s.text[s.at]
			s.at++
		}
		b.WriteByte(c)
	}
	s.at = from
	return "", s.malformed("a double quote isn't closed.").WithHint("Close it, or leave it out.")
}

// find returns a column.
func (s *scanner) find(schema *dataset.Schema, name string, at int) (dataset.Column, error) {
	c, _, ok := schema.Column(name)
	if ok {
		return c, nil
	}
	e := s.fail(UnknownColumn, at, "%s: there is no column %s.", s.parameter, quote(name))
	e.Place.Column = clip.To(name, shown)
	return c, hintColumn(e, schema, name)
}

// Unknown returns the error for a parameter that looks like a condition on a
// missing column.
func Unknown(schema *dataset.Schema, name string) error {
	e := problem.New(problem.Invalid, "There is no column %s.", quote(name)).WithReason(UnknownColumn).
		WithPlace(problem.Place{Parameter: clip.To(name, shown), Column: clip.To(name, shown)})
	return hintColumn(e, schema, name)
}

func hintColumn(e *problem.Error, schema *dataset.Schema, name string) error {
	names := make([]string, len(schema.Columns))
	for i, c := range schema.Columns {
		names[i] = c.Name
	}
	switch near := Nearest(name, names); {
	case near != "" && strings.EqualFold(near, name):
		return e.WithHint("Column names are case-sensitive: use %s.", quote(near))
	case near != "":
		return e.WithHint("Did you mean %s? Read with schema=true for all columns.", quote(near))
	default:
		return e.WithHint("Read with schema=true for all columns.")
	}
}
