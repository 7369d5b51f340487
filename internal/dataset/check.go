package dataset

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/id"
	"github.com/windlass-io/windlass/internal/problem"
)

// Limits of names, texts and columns.
const (
	MaxName        = 255
	MaxText        = 1000 // of titles and descriptions, in bytes
	MaxColumns     = 10_000
	MaxColumnBytes = 255
)

// reserved is the prefix, in any case, that names of datasets and columns may
// not have.
const reserved = "_system"

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// NameFault describes what is wrong with the name of a dataset. It returns ""
// for a valid name.
func NameFault(name string) string {
	switch {
	case name == "" || len(name) > MaxName || !nameForm.MatchString(name):
		return "isn't 1 to 255 letters, digits and underscores"
	case hasReserved(name):
		return `begins with "_system"`
	case id.Has(strings.ToLower(name), "ds") || id.Has(strings.ToLower(name), "view"):
		return "has the form of a dataset's ID"
	}
	return ""
}

func hasReserved(name string) bool {
	return len(name) >= len(reserved) && strings.EqualFold(name[:len(reserved)], reserved)
}

// CheckSchema validates a schema. The error is a problem with code invalid
// and a finding for each fault.
func CheckSchema(s *Schema) error {
	findings := columnFindings(s.Columns)
	findings = append(findings, indexFindings(s)...)
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The schema isn't valid: %s %s.", findings[0].Path, findings[0].Message).
			WithFindings(findings...)
	}
	return nil
}

func columnFindings(columns []Column) []problem.Finding {
	var findings []problem.Finding
	if len(columns) == 0 || len(columns) > MaxColumns {
		findings = append(findings, problem.Finding{
			Path:    "columns",
			Message: fmt.Sprintf("must be 1 to %d", MaxColumns),
		})
	}
	seen := map[string]int{}
	for i, c := range columns {
		path := fmt.Sprintf("columns[%d]", i)
		if fault := columnFault(c); fault != "" {
			findings = append(findings, problem.Finding{Path: path, Message: fault})
		}
		if before, ok := seen[c.Name]; ok {
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf("has the name of columns[%d]",
				before)})
		}
		seen[c.Name] = i
	}
	return findings
}

func columnFault(c Column) string {
	switch {
	case c.Name == "" || len(c.Name) > MaxColumnBytes || !utf8.ValidString(c.Name) ||
		strings.ContainsFunc(c.Name, unicode.IsControl):
		return "has a name that is empty, longer than 255 bytes, or has control characters"
	case hasReserved(c.Name):
		return `has a name that begins with "_system"`
	case len(c.Description) > MaxText:
		return "has a description longer than 1,000 bytes"
	}
	switch c.Type {
	case Decimal:
		return decimalFault(c)
	case String, Integer, Number, Boolean, Date, DateTime, Object, Array, Any:
		if c.Precision != 0 || c.Scale != 0 {
			return fmt.Sprintf("has a precision or a scale, which type %s doesn't support", c.Type)
		}
		return ""
	}
	return fmt.Sprintf("has the unknown type %q", c.Type)
}

func decimalFault(c Column) string {
	if c.Precision < 1 || c.Precision > MaxPrecision {
		return fmt.Sprintf("has precision %d; a decimal has 1 to %d digits", c.Precision, MaxPrecision)
	}
	if c.Scale < 0 || c.Scale > c.Precision {
		return fmt.Sprintf("has scale %d; it must be 0 to the precision, %d", c.Scale, c.Precision)
	}
	return ""
}

func indexFindings(s *Schema) []problem.Finding {
	var findings []problem.Finding
	part := func(path, name string, fits func(Type) bool, wanted string) {
		if name == "" {
			return
		}
		c, _, ok := s.Column(name)
		switch {
		case !ok:
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf("names an unknown column, %q",
				name)})
		case !fits(c.Type):
			message := fmt.Sprintf("names %q, which isn't of type %s", name, wanted)
			findings = append(findings, problem.Finding{Path: path, Message: message})
		}
	}
	isDate := func(t Type) bool { return t == Date || t == DateTime }
	isKey := func(t Type) bool { return t == String || t == Integer || t == Decimal || isDate(t) }
	part("index.key", s.Index.Key, isKey, "string, integer, decimal, date or date-time")
	part("index.subkey", s.Index.Subkey, isKey, "string, integer, decimal, date or date-time")
	part("index.date", s.Index.Date, isDate, "date or date-time")
	if s.Index.Subkey != "" && (s.Index.Key == "" || s.Index.Subkey == s.Index.Key) {
		findings = append(findings, problem.Finding{
			Path:    "index.subkey",
			Message: "needs a key that is another column",
		})
	}
	if s.Index.Unique && s.Index.Key == "" && s.Index.Date == "" {
		findings = append(findings, problem.Finding{Path: "index.unique", Message: "needs a key or a date"})
	}
	return findings
}

// requireIndex makes the index's columns required and not null: without them a
// row cannot be identified.
func requireIndex(s *Schema) {
	for i := range s.Columns {
		name := s.Columns[i].Name
		if name == s.Index.Key || name == s.Index.Subkey || name == s.Index.Date {
			s.Columns[i].Required, s.Columns[i].AllowNull = true, false
		}
	}
}
