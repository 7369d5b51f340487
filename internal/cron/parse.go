// Package cron computes the times at which cron expressions fire, in a time zone,
// over the changes of its clock.
package cron

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // machines without a time zone database

	"github.com/robfig/cron/v3"
)

// Code identifies the fault of an expression.
type Code string

// The codes.
const (
	Fields      Code = "cron.fields"      // not five fields
	Value       Code = "cron.value"       // neither a number nor a name of the field
	Range       Code = "cron.range"       // outside the field, or a range from high to low
	Step        Code = "cron.step"        // a step that isn't a number, is 0 or exceeds the field
	Unsupported Code = "cron.unsupported" // another dialect of cron
	Never       Code = "cron.never"       // no such date within nine years
	TimeZone    Code = "cron.time_zone"   // not a name of the IANA time zone database
)

// Error reports an expression, or a time zone, that is refused.
type Error struct {
	Code    Code
	Field   string // minute, hour, day, month or weekday; empty: the whole expression
	Message string // a clause such as "has 6 fields, not 5"
}

// Error returns the message with the field in front.
func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return "the " + e.Field + " " + e.Message
}

// Expression is a cron expression with its time zone.
type Expression struct {
	fields   cron.SpecSchedule // its clock is UTC: wall-clock times without a zone
	zone     *time.Location
	wildcard bool // the minute or the hour begins with *
}

// maxLength limits an expression, in bytes.
const maxLength = 512

var macros = map[string]string{
	"@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
	"@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}

// Parse parses an expression of five fields (minute, hour, day, month, weekday)
// or a macro such as @daily, and the IANA name of a time zone; an empty name is
// UTC. Every error is an [*Error].
//
// When both day and weekday are restricted, either of them is enough. An
// expression whose minute or hour begins with * fires at each minute whose local
// time matches. Any other one fires once for each local time: a time that the
// clock skips uses the offset before the change, and a repeated time means the
// first one.
func Parse(expression, timeZone string) (*Expression, error) {
	zone, err := parseZone(timeZone)
	if err != nil {
		return nil, err
	}
	texts, err := split(expression)
	if err != nil {
		return nil, err
	}
	e := &Expression{zone: zone, wildcard: strings.HasPrefix(texts[0], "*") || strings.HasPrefix(texts[1], "*")}
	e.fields.Second, e.fields.Location = 1, time.UTC
	for i, bits := range []*uint64{&e.fields.Minute, &e.fields.Hour, &e.fields.Dom, &e.fields.Month, &e.fields.Dow} {
		if *bits, err = fields[i].parse(texts[i]); err != nil {
			return nil, err
		}
	}
	if e.Next(reference).IsZero() {
		return nil, &Error{Code: Never, Message: "names a date that doesn't exist"}
	}
	return e, nil
}

// reference is the start of the search for a first fire time. Any moment works,
// because every existing date occurs within nine years.
var reference = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func parseZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &Error{Code: TimeZone, Message: fmt.Sprintf("%.64q isn't a time zone; use a name such as "+
			"Europe/Berlin", name)}
	}
	return zone, nil
}

// split returns the five fields of an expression.
func split(expression string) ([]string, error) {
	text := strings.TrimSpace(expression)
	if strings.HasPrefix(text, "@") {
		meaning, ok := macros[strings.ToLower(text)]
		if !ok {
			return nil, &Error{Code: Unsupported, Message: fmt.Sprintf("%.64q is not supported; use five fields, or one of "+
				"@hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually", text)}
		}
		text = meaning
	}
	texts := strings.Fields(text)
	if len(texts) != len(fields) || len(text) > maxLength {
		count := fmt.Sprintf("%d fields", len(texts))
		if len(texts) == 1 {
			count = "1 field"
		}
		return nil, &Error{Code: Fields, Message: "has " + count + ", not 5: minute, hour, day, month and weekday"}
	}
	return texts, nil
}

// field is one of the five fields.
type field struct {
	name      string
	low, high int
	most      int            // the largest step
	names     map[string]int // in upper case
}

var fields = [...]field{
	{name: "minute", low: 0, high: 59, most: 60},
	{name: "hour", low: 0, high: 23, most: 24},
	{name: "day", low: 1, high: 31, most: 31},
	{name: "month", low: 1, high: 12, most: 12, names: named(1, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
	{name: "weekday", low: 0, high: 7, most: 7, names: named(0, "SUN MON TUE WED THU FRI SAT")},
}

func named(first int, names string) map[string]int {
	values := map[string]int{}
	for i, name := range strings.Fields(names) {
		values[name] = first + i
	}
	return values
}

// anyValue is the bit with which package cron marks a field without restriction.
const anyValue = 1 << 63

// parse returns a bit for each value of the field that matches.
func (f *field) parse(text string) (uint64, error) {
	if text == "?" && (f.name == "day" || f.name == "weekday") {
		text = "*"
	}
	var bits uint64
	for item := range strings.SplitSeq(text, ",") {
		more, err := f.item(item)
		if err != nil {
			return 0, err
		}
		bits |= more
	}
	if f.name == "weekday" && bits&(1<<7) != 0 { // 7 is Sunday, too
		bits = bits&^(1<<7) | 1
	}
	if text == "*" {
		bits |= anyValue
	}
	return bits, nil
}

// item parses a, a-b, *, each with a step or without.
func (f *field) item(text string) (uint64, error) {
	span, stepText, stepped := strings.Cut(text, "/")
	low, high, err := f.span(span, stepped)
	if err != nil {
		return 0, err
	}
	step := 1
	if stepped {
		if step, err = number(stepText); err != nil || step < 1 || step > f.most {
			return 0, f.refuse(Step, "has the step %.64q; use a number from 1 to %d", stepText, f.most)
		}
	}
	var bits uint64
	for value := low; value <= high; value += step {
		bits |= 1 << value
	}
	return bits, nil
}

func (f *field) span(text string, stepped bool) (low, high int, err error) {
	if text == "*" {
		return f.low, min(f.high, f.low+f.most-1), nil // weekday 7 is Sunday, like 0
	}
	from, to, ranged := strings.Cut(text, "-")
	if low, err = f.value(from); err != nil {
		return 0, 0, err
	}
	switch {
	case ranged:
		high, err = f.value(to)
	case stepped:
		high = min(f.high, f.low+f.most-1)
	default:
		high = low
	}
	if err == nil && high < low {
		err = f.refuse(Range, "has the range %.64q, which ends before it begins", text)
	}
	return low, high, err
}

// value parses a number or a name of the field.
func (f *field) value(text string) (int, error) {
	if value, ok := f.names[strings.ToUpper(text)]; ok {
		return value, nil
	}
	value, err := number(text)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && (value < f.low || value > f.high):
		return 0, f.refuse(Range, "has the value %.64q; use %d to %d", text, f.low, f.high)
	case err == nil:
		return value, nil
	case f.otherDialect(text):
		return 0, f.refuse(Unsupported, "has %.64q; L, W and # are not supported", text)
	default:
		return 0, f.refuse(Value, "has the value %.64q; use %s", text, f.values())
	}
}

// otherDialect reports whether a value is Quartz's: L, W or #.
func (f *field) otherDialect(text string) bool {
	if f.name != "day" && f.name != "weekday" {
		return false
	}
	rest := strings.TrimLeft(strings.ToUpper(text), "0123456789")
	for name := range f.names {
		rest = strings.TrimPrefix(rest, name)
	}
	return rest == "L" || rest == "W" || rest == "LW" || strings.HasPrefix(rest, "#")
}

// values describes the values of the field.
func (f *field) values() string {
	text := fmt.Sprintf("%d to %d", f.low, f.high)
	switch f.name {
	case "month":
		text += " or JAN to DEC"
	case "weekday":
		text += " or SUN to SAT"
	}
	return text
}

func (f *field) refuse(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Field: f.name, Message: fmt.Sprintf(format, args...)}
}

// number parses decimal digits, and nothing else.
func number(text string) (int, error) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(text)
}
