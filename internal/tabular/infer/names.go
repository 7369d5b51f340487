package infer

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/problem"
)

// The limits of a dataset's columns.
const (
	MaxColumns   = 10_000
	MaxNameBytes = 255
)

// Name returns the column name for a field of a header: control characters
// become blanks, blanks at the ends are removed, and an empty name becomes
// "column_" with its place, from 1.
func Name(header string, place int) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\ufeff' {
			return ' '
		}
		return r
	}, header)
	if name = strings.TrimSpace(name); name == "" {
		return fmt.Sprintf("column_%d", place)
	}
	return name
}

// Names returns the names of the columns of a header: converted with [Name],
// and unique. A repeated name gets a number: v, v_2, v_3. Names that differ
// only by case count as repeated.
func Names(header []string) []string {
	names := make([]string, len(header))
	given, taken := map[string]bool{}, map[string]bool{}
	for i, field := range header {
		names[i] = Name(field, i+1)
		given[strings.ToLower(names[i])] = true
	}
	for i, name := range names {
		for n := 2; taken[strings.ToLower(names[i])]; n++ {
			if made := fmt.Sprintf("%s_%d", name, n); !given[strings.ToLower(made)] {
				names[i] = made
			}
		}
		taken[strings.ToLower(names[i])] = true
	}
	return names
}

// CheckNames validates the names of columns. The error lists every fault: names
// that are equal or differ only by case, too long, not UTF-8 or reserved, and too
// many of them.
func CheckNames(names []string) error {
	if len(names) > MaxColumns {
		return problem.New(problem.TooLarge, "The file has %d columns; the limit is %d.", len(names), MaxColumns)
	}
	var findings []problem.Finding
	find := func(format string, args ...any) {
		findings = append(findings, problem.Finding{Message: fmt.Sprintf(format, args...)})
	}
	places := map[string]int{}
	for i, name := range names {
		folded := strings.ToLower(name)
		first, twice := places[folded]
		switch {
		case twice && names[first] == name:
			find("Columns %d and %d are both named %q.", first+1, i+1, name)
		case twice:
			find("Columns %d and %d are named %q and %q, which differ only in case.", first+1, i+1, names[first], name)
		case !utf8.ValidString(name):
			find("The name of column %d, %q, isn't UTF-8.", i+1, name)
		case len(name) > MaxNameBytes:
			find("The name of column %d has %d bytes; the limit is %d.", i+1, len(name), MaxNameBytes)
		case strings.HasPrefix(folded, "_system"):
			find("The name of column %d, %q, begins with _system, which is reserved.", i+1, name)
		}
		if !twice {
			places[folded] = i
		}
	}
	if findings == nil {
		return nil
	}
	text := findings[0].Message
	if len(findings) > 1 {
		text += fmt.Sprintf(" More problems: %d.", len(findings)-1)
	}
	return problem.New(problem.Invalid, "%s", text).
		WithHint("Rename the columns in the file so that each name is unique.").
		WithFindings(findings...)
}
