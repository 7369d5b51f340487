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

// Bounds.
const (
	MaxName        = 100
	MaxText        = 1000 // of titles and descriptions, in bytes
	MaxColumns     = 2000
	MaxColumnBytes = 255
)

// reserved is how no dataset and no column begins, whatever the case.
const reserved = "_system"

var nameForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// NameFault says what is wrong with the name of a dataset; empty when nothing is.
func NameFault(name string) string {
	switch {
	case name == "" || len(name) > MaxName || !nameForm.MatchString(name):
		return "is not 1 to 100 letters, digits and underscores"
	case hasReserved(name):
		return `begins with "_system"`
	case id.Has(strings.ToLower(name), "ds"):
		return "has the form of a dataset's ID"
	}
	return ""
}

func hasReserved(name string) bool {
	return len(name) >= len(reserved) && strings.EqualFold(name[:len(reserved)], reserved)
}

// CheckSchema answers a problem of code invalid with every fault of a schema,
// nil when it has none.
func CheckSchema(s *Schema) error {
	findings := columnFindings(s.Columns)
	findings = append(findings, indexFindings(s)...)
	if len(findings) > 0 {
		return problem.New(problem.Invalid, "The schema is not valid: %s %s.", findings[0].Path, findings[0].Message).WithFindings(findings...)
	}
	return nil
}

func columnFindings(columns []Column) []problem.Finding {
	var findings []problem.Finding
	if len(columns) == 0 || len(columns) > MaxColumns {
		findings = append(findings, problem.Finding{Path: "columns", Message: fmt.Sprintf("are not between 1 and %d", MaxColumns)})
	}
	seen := map[string]int{}
	for i, c := range columns {
		path := fmt.Sprintf("columns[%d]", i)
		if fault := columnFault(c); fault != "" {
			findings = append(findings, problem.Finding{Path: path, Message: fault})
		}
		if before, ok := seen[c.Name]; ok {
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf("has the name of columns[%d]", before)})
		}
		seen[c.Name] = i
	}
	return findings
}

func columnFault(c Column) string {
	switch {
	case c.Name == "" || len(c.Name) > MaxColumnBytes || !utf8.ValidString(c.Name) || strings.ContainsFunc(c.Name, unicode.IsControl):
		return "has a name that is empty, longer than 255 bytes, or has control characters"
	case hasReserved(c.Name):
		return `has a name that begins with "_system"`
	case len(c.Description) > MaxText:
		return "has a description longer than 1,000 bytes"
	}
	switch c.Type {
	case String, Integer, Number, Boolean, Date, DateTime, Object, Array, Any:
		return ""
	}
	return fmt.Sprintf("has a type %q that does not exist", c.Type)
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
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf("names %q, which is no column", name)})
		case !fits(c.Type):
			findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf("names %q, which is not of type %s", name, wanted)})
		}
	}
	isKey := func(t Type) bool { return t == String || t == Integer }
	part("index.key", s.Index.Key, isKey, "string or integer")
	part("index.subkey", s.Index.Subkey, isKey, "string or integer")
	part("index.date", s.Index.Date, func(t Type) bool { return t == Date || t == DateTime }, "date or date-time")
	if s.Index.Subkey != "" && (s.Index.Key == "" || s.Index.Subkey == s.Index.Key) {
		findings = append(findings, problem.Finding{Path: "index.subkey", Message: "needs a key, another column than itself"})
	}
	if s.Index.Unique && s.Index.Key == "" && s.Index.Date == "" {
		findings = append(findings, problem.Finding{Path: "index.unique", Message: "needs a key or a date"})
	}
	return findings
}

// requireIndex makes the index's columns required and not null: a row that
// lacks a part of its index cannot be told from others.
func requireIndex(s *Schema) {
	for i := range s.Columns {
		if name := s.Columns[i].Name; name == s.Index.Key || name == s.Index.Subkey || name == s.Index.Date {
			s.Columns[i].Required, s.Columns[i].AllowNull = true, false
		}
	}
}
