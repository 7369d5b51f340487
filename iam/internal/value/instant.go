package value

// Instant is a point in time, to the nanosecond.
type Instant struct {
	seconds int64 // since 1970-01-01T00:00:00Z
	nanos   int32
}

// Compare returns -1, 0 or 1.
func (t Instant) Compare(other Instant) int {
	switch {
	case t.seconds < other.seconds || t.seconds == other.seconds && t.nanos < other.nanos:
		return -1
	case t == other:
		return 0
	default:
		return 1
	}
}

// ParseInstant parses a date of the W3C profile of ISO 8601
// (https://www.w3.org/TR/NOTE-datetime), from "2024" to
// "2024-05-01T12:30:00.5+02:00"; its basic form without hyphens and colons, as
// in "20240501T123000Z"; or seconds since 1970. Four digits are a year. A time
// without a zone is UTC.
func ParseInstant(text string) (Instant, bool) {
	if isEpoch(text) {
		return parseEpoch(text)
	}
	p := dateParser{text: text, ok: true}
	t := p.date()
	return t, p.ok && p.text == ""
}

// isEpoch reports whether the text is seconds since 1970: digits, but not four
// of them, with an optional sign and fraction.
func isEpoch(text string) bool {
	digits := 0
	for i := range len(text) {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			digits++
		case c == '.' && i > 0, c == '-' && i == 0:
		default:
			return false
		}
	}
	return digits > 0 && (digits != 4 || len(text) != 4)
}

func parseEpoch(text string) (Instant, bool) {
	p := dateParser{text: text, ok: true}
	negative := p.take('-')
	var t Instant
	for digits := 0; p.text != "" && p.text[0] != '.'; digits++ {
		if digits == 12 {
			return Instant{}, false
		}
		t.seconds = t.seconds*10 + int64(p.number(1))
	}
	t.nanos = p.fraction()
	if negative {
		t.seconds = -t.seconds
		if t.nanos > 0 {
			t.seconds--
			t.nanos = 1e9 - t.nanos
		}
	}
	return t, p.ok && p.text == ""
}

// dateParser parses a date from left to right. ok becomes false at the first
// error.
type dateParser struct {
	text string
	ok   bool
}

func (p *dateParser) date() Instant {
	year, month, day := p.number(4), 1, 1
	basic := p.text != "" && p.text[0] != '-'
	whole := false // whether the date has a day
	if p.take('-') || basic {
		month = p.number(2)
		if p.take('-') || basic {
			day, whole = p.number(2), true
		}
	}
	p.check(1 <= month && month <= 12 && 1 <= day && day <= daysIn(year, month))
	if !p.ok {
		return Instant{}
	}
	t := Instant{seconds: daysSinceEpoch(year, month, day) * 86400}
	if whole && p.take('T') {
		p.clock(&t, basic)
	}
	return t
}

// clock parses the time of day and the zone.
func (p *dateParser) clock(t *Instant, basic bool) {
	hour := p.number(2)
	p.check(basic || p.take(':'))
	minute, second := p.number(2), 0
	if p.take(':') || basic && p.text != "" && '0' <= p.text[0] && p.text[0] <= '9' {
		second = p.number(2)
		t.nanos = p.fraction()
	}
	p.check(hour < 24 && minute < 60 && second < 60)
	t.seconds += int64(hour)*3600 + int64(minute)*60 + int64(second) - p.zone()
}

// zone parses the offset from UTC in seconds.
func (p *dateParser) zone() int64 {
	if p.text == "" || p.take('Z') {
		return 0
	}
	sign := int64(1)
	if p.take('-') {
		sign = -1
	} else {
		p.check(p.take('+'))
	}
	hours := p.number(2)
	p.take(':')
	minutes := p.number(2)
	p.check(hours < 24 && minutes < 60)
	return sign * (int64(hours)*3600 + int64(minutes)*60)
}

// fraction parses a fraction of a second in nanoseconds and drops digits after
// the ninth.
func (p *dateParser) fraction() int32 {
	if !p.take('.') {
		return 0
	}
	nanos, unit, digits := int32(0), int32(1e8), 0
	for ; p.text != "" && '0' <= p.text[0] && p.text[0] <= '9'; digits++ {
		nanos += unit * int32(p.text[0]-'0')
		unit /= 10
		p.text = p.text[1:]
	}
	p.check(0 < digits && digits <= 32)
	return nanos
}

func (p *dateParser) number(digits int) int {
	if len(p.text) < digits {
		p.ok = false
		return 0
	}
	n := 0
	for i := range digits {
		c := p.text[i]
		p.check('0' <= c && c <= '9')
		n = n*10 + int(c-'0')
	}
	p.text = p.text[digits:]
	return n
}

func (p *dateParser) take(c byte) bool {
	if p.text == "" || p.text[0] != c {
		return false
	}
	p.text = p.text[1:]
	return true
}

func (p *dateParser) check(fine bool) { p.ok = p.ok && fine }

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}

// daysSinceEpoch returns a day of the Gregorian calendar. It counts years from
// March, so that the leap day is the last.
func daysSinceEpoch(year, month, day int) int64 {
	if month <= 2 {
		year--
		month += 12
	}
	leaps := floorDiv(year, 4) - floorDiv(year, 100) + floorDiv(year, 400)
	return int64(365*year + leaps + (153*(month-3)+2)/5 + day - 1 - 719468)
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}
