package cell

import (
	"fmt"
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Formats that are numbers, not patterns.
const (
	EpochSeconds      = "epoch-seconds"
	EpochMilliseconds = "epoch-milliseconds"
)

// Layout parses the dates or moments of one format.
type Layout struct {
	typ      dataset.Type
	standard bool  // YYYY-MM-DD, or RFC 3339
	epoch    int64 // microseconds of one unit; 0 for patterns
	parts    []part
	zone     *time.Location // of texts without one; nil is UTC
}

// part is one piece of a pattern.
type part struct {
	kind  partKind
	text  byte   // for literal
	parts []part // for optional
}

type partKind uint8

const (
	literal    partKind = iota
	optional            // [ … ]
	year                // YYYY
	month               // MM
	shortMonth          // M: one digit or two
	monthName           // MMM: Jan
	monthFull           // MMMM: January
	day                 // DD
	shortDay            // D: one digit or two
	hour                // hh
	shortHour           // h: one digit or two
	minute              // mm
	second              // ss
	fraction            // .SSS: a point and one digit or more; a comma does too
	meridiem            // A: AM or PM, with hours from 1 to 12
	zone                // Z: Z, UTC, GMT, +hh:mm, +hhmm or +hh
	weekday             // ddd: Mon; not checked against the date
)

// tokens are tried in order, so longer ones must come first.
var tokens = []struct {
	text string
	kind partKind
}{
	{"YYYY", year},
	{"MMMM", monthFull},
	{"MMM", monthName},
	{"MM", month},
	{"M", shortMonth},
	{"DD", day},
	{"D", shortDay},
	{"ddd", weekday},
	{"hh", hour},
	{"h", shortHour},
	{"mm", minute},
	{"ss", second},
	{".SSS", fraction},
	{"A", meridiem},
	{"Z", zone},
}

// ParseLayout compiles the format of a column. An empty format, or the name of
// the type, is YYYY-MM-DD for a date and RFC 3339 for a date-time, which may have
// a blank for T, and no seconds or zone.
// [EpochSeconds] and [EpochMilliseconds] are numbers since 1970-01-01 UTC.
// Anything else is a pattern of these tokens and literal characters:
//
//	YYYY  MM M MMM MMMM  DD D  ddd  hh h  mm  ss  .SSS  A  Z  [optional]
//
// as in "MM/DD/YYYY", "D MMM YYYY" or "YYYY/MM/DD hh:mm[:ss]".
func ParseLayout(t dataset.Type, format string) (*Layout, error) {
	l := &Layout{typ: t}
	switch format {
	case "", string(t):
		l.standard = true
		return l, nil
	case EpochSeconds:
		l.epoch = 1_000_000
		return l, nil
	case EpochMilliseconds:
		l.epoch = 1_000
		return l, nil
	}
	if len(format) > 100 {
		return nil, problem.New(problem.Invalid, "The date format is longer than 100 characters.")
	}
	parts, rest, err := parsePattern(format, 0)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, problem.New(problem.Invalid, "The date format %q has a ] without a [.", format)
	}
	for _, needed := range [][]partKind{{year}, {month, shortMonth, monthName, monthFull}, {day, shortDay}} {
		if !has(parts, needed) {
			return nil, problem.New(problem.Invalid, "The date format %q lacks a year, a month or a day.", format).
				WithHint(`Write it like "MM/DD/YYYY" or "YYYY/MM/DD hh:mm[:ss]".`)
		}
	}
	l.parts = parts
	return l, nil
}

func parsePattern(format string, depth int) ([]part, string, error) {
	var parts []part
	for format != "" {
		switch format[0] {
		case ']':
			if depth == 0 {
				return parts, format, nil
			}
			return parts, format[1:], nil
		case '[':
			if depth == 3 {
				return nil, "", problem.New(problem.Invalid, "The date format nests [ ] deeper than 3.")
			}
			inner, rest, err := parsePattern(format[1:], depth+1)
			if err != nil {
				return nil, "", err
			}
			parts, format = append(parts, part{kind: optional, parts: inner}), rest
		default:
			p, width := tokenAt(format)
			parts, format = append(parts, p), format[width:]
		}
	}
	if depth > 0 {
		return nil, "", problem.New(problem.Invalid, "The date format has a [ without a ].")
	}
	return parts, "", nil
}

func tokenAt(format string) (part, int) {
	for _, t := range tokens {
		if strings.HasPrefix(format, t.text) {
			return part{kind: t.kind}, len(t.text)
		}
	}
	return part{kind: literal, text: format[0]}, 1
}

func has(parts []part, kinds []partKind) bool {
	for _, p := range parts {
		for _, k := range kinds {
			if p.kind == k {
				return true
			}
		}
	}
	return false
}

// String describes the layout, for logs.
func (l *Layout) String() string { return fmt.Sprintf("%s layout of %d parts", l.typ, len(l.parts)) }
