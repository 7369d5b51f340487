package xlsx

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// value is the value of a cell: the text of a string, or the JSON of other kinds.
type value struct {
	kind cell.JSONKind
	text []byte
	word bool // a text cell, which stays text whatever it looks like
}

func (v *value) raw() []byte {
	switch v.kind {
	case cell.JSONNull:
		return []byte("null")
	case cell.JSONString:
		quoted, err := json.Marshal(string(v.text))
		if err != nil { // a string always marshals
			return []byte("null")
		}
		return quoted
	default:
		return v.text
	}
}

func word(text []byte) value { return shared(bytes.Clone(text)) }

// shared returns a word whose text is immutable and shared with others.
func shared(text []byte) value {
	if len(text) == 0 {
		return value{}
	}
	return value{kind: cell.JSONString, text: text, word: true}
}

// row is a row that has a cell with a value.
type row struct {
	number int64
	cells  []value
	bytes  int  // of its values
	long   bool // it is larger than a row may be, and cells is empty
}

func (r *row) at(place int) value {
	if place < len(r.cells) {
		return r.cells[place]
	}
	return value{}
}

// filled counts the cells with a value.
func (r *row) filled() int {
	n := 0
	for i := range r.cells {
		if r.cells[i].kind != cell.JSONNull {
			n++
		}
	}
	return n
}

// letters returns the name of a column of a sheet, such as A and AB.
func letters(place int) string {
	name := ""
	for place++; place > 0; place = (place - 1) / 26 {
		name = string(rune('A'+(place-1)%26)) + name
	}
	return name
}

// exactDigits is the maximum number of digits that Excel writes. A number with more
// comes from another program and keeps all of them.
const exactDigits = 17

// number converts the text of a number cell. Excel stores doubles: 0.05 may be
// written as 5.0000000000000003E-2. The digits of a whole number are exact.
func number(text []byte, style dateStyle, date1904 bool) value {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return word(text)
	}
	if style != noDate {
		if v, ok := moment(f, style, date1904); ok {
			return v
		}
	}
	if (isWhole(text) || digits(text) > exactDigits) && json.Valid(text) {
		return value{kind: cell.JSONNumber, text: bytes.Clone(text)}
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 {
		return value{kind: cell.JSONNumber, text: strconv.AppendFloat(nil, f, 'f', -1, 64)}
	}
	return value{kind: cell.JSONNumber, text: strconv.AppendFloat(nil, f, 'g', -1, 64)}
}

// isWhole reports whether a text is a whole number without a point and an exponent.
func isWhole(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("-"))
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return len(text) > 0
}

// digits counts the digits of a number before its exponent, leading zeros aside.
func digits(text []byte) int {
	n := 0
	for _, b := range text {
		switch {
		case b == 'e' || b == 'E':
			return n
		case b >= '1' && b <= '9', b == '0' && n > 0:
			n++
		}
	}
	return n
}

// The days that serial numbers are counted from, and the last one (ECMA-376, part 1,
// section 18.17.4.1). Excel has a 29 February 1900, the day 60, which never was.
var (
	before60 = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	after60  = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	of1904   = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	last     = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
)

const millisOfDay = 86_400_000

// moment converts a serial number to a date, a date-time or a time of day. It returns
// false for other serial numbers, which stay numbers.
func moment(serial float64, style dateStyle, date1904 bool) (value, bool) {
	if serial < 0 || serial > 3_000_000 {
		return value{}, false
	}
	millis := int64(math.Round(serial * millisOfDay))
	days, rest := millis/millisOfDay, millis%millisOfDay
	start := after60
	switch {
	case date1904:
		start = of1904
	case style == timeOnly && days == 0:
	case days == 0:
		return value{}, false
	case days == 60:
		return word([]byte("1900-02-29")), true
	case days < 60:
		start = before60
	}
	t := start.AddDate(0, 0, int(days)).Add(time.Duration(rest) * time.Millisecond)
	switch {
	case !t.Before(last):
		return value{}, false
	case style == timeOnly && days == 0:
		return word([]byte(t.Format("15:04:05.999"))), true
	case style == dateOnly && rest == 0:
		return value{kind: cell.JSONString, text: t.AppendFormat(nil, time.DateOnly)}, true
	}
	return value{kind: cell.JSONString, text: t.AppendFormat(nil, "2006-01-02T15:04:05.999")}, true
}

// dateStyle is the kind of time that the number format of a cell displays.
type dateStyle uint8

const (
	noDate   dateStyle = iota
	dateOnly           // a day
	timeOnly           // a time of day
	dateTime
)

// builtIn returns the style of a format that every workbook has (section 18.8.30).
func builtIn(id int) dateStyle {
	switch {
	case id == 22:
		return dateTime
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id >= 57 && id <= 58:
		return dateOnly
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id >= 55 && id <= 56:
		return timeOnly
	}
	return noDate
}

// styleOf returns the style of a number format, by its first section (section
// 18.8.31). A duration, as in [h]:mm, is a number of days.
func styleOf(format string) dateStyle {
	day, clock, months := false, false, false
	for i := 0; i < len(format); i++ {
		switch c := format[i] | 0x20; {
		case format[i] == ';':
			i = len(format)
		case format[i] == '"':
			for i++; i < len(format) && format[i] != '"'; i++ {
			}
		case format[i] == '\\' || format[i] == '_' || format[i] == '*':
			i++
		case format[i] == '[':
			start := i + 1
			for i < len(format) && format[i] != ']' {
				i++
			}
			if start < len(format) && start < i && isElapsed(format[start:min(i, len(format))]) {
				return noDate
			}
		case c == 'y' || c == 'd':
			day = true
		case c == 'm':
			months = true
		case c == 'h' || c == 's':
			clock = true
		case c == 'g' || c == 'e': // General, and exponents
			if len(format)-i >= 7 && (format[i:i+7] == "General" || format[i:i+7] == "GENERAL") {
				i += 6
			}
		}
	}
	switch {
	case day && clock:
		return dateTime
	case day, months && !clock:
		return dateOnly
	case clock:
		return timeOnly
	}
	return noDate
}

// isElapsed reports whether a part in brackets is of a duration: [h], [mm] or [s].
func isElapsed(part string) bool {
	for i := range len(part) {
		if c := part[i] | 0x20; c != part[0]|0x20 || c != 'h' && c != 'm' && c != 's' {
			return false
		}
	}
	return part != ""
}
