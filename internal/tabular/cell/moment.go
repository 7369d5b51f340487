package cell

import (
	"bytes"

	"github.com/windlass-io/windlass/internal/dataset"
)

// moment is a date and a time of day while they are read.
type moment struct {
	year, month, day     int
	hour, minute, second int
	micros               int
	offset               int  // seconds east of UTC
	cut                  bool // there were digits below a microsecond
	zoned                bool // the text has a zone
	meridiem             byte
}

// Parse parses a text: days since 1970-01-01 for a date, microseconds since
// then for a date-time. Digits below a microsecond are dropped. It returns
// false for a text in another format and for a day that doesn't exist.
func (l *Layout) Parse(b []byte) (int64, bool) {
	x, _, ok := l.ParseExact(b)
	return x, ok
}

// ParseExact is like Parse and also reports whether no digits were dropped.
func (l *Layout) ParseExact(b []byte) (x int64, exact, ok bool) {
	if l.epoch != 0 {
		x, ok = l.parseEpoch(b)
		return x, true, ok
	}
	if l.standard && l.typ == dataset.Date {
		x, ok = parseISODate(b)
		return x, true, ok
	}
	m := moment{}
	if !l.read(&m, b) || !m.valid() {
		return 0, false, false
	}
	days := daysOf(m.year, m.month, m.day)
	if l.typ == dataset.Date {
		return days, true, true
	}
	seconds := days*86400 + int64(m.hour*3600+m.minute*60+m.second-m.offset)
	if l.zone != nil && !m.zoned {
		seconds += SecondsWest(l.zone, seconds)
	}
	x = seconds*1_000_000 + int64(m.micros)
	return x, !m.cut, x >= minMoment && x < maxEpoch
}

func (l *Layout) read(m *moment, b []byte) bool {
	if l.standard {
		return m.readRFC3339(b)
	}
	rest, ok := m.read(l.parts, b)
	return ok && len(rest) == 0 && m.meridian()
}

// minMoment is the beginning of the year 1 in microseconds.
const minMoment = -62_135_596_800_000_000

// maxEpoch is the end of the year 9999 in microseconds.
const maxEpoch = 253_402_300_800_000_000

func (l *Layout) parseEpoch(b []byte) (int64, bool) {
	x, ok := ParseInteger(b)
	if !ok || x > maxEpoch/l.epoch || x < -maxEpoch/l.epoch {
		return 0, false
	}
	x *= l.epoch
	if l.typ == dataset.Date {
		const day = 86400 * 1_000_000
		days := x / day
		if x%day < 0 {
			days--
		}
		return days, true
	}
	return x, true
}

func parseISODate(b []byte) (int64, bool) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(b[0:4])
	m, ok2 := digits(b[5:7])
	d, ok3 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	return daysOf(y, m, d), true
}

// readRFC3339 reads YYYY-MM-DD, then T or a blank and hh:mm, seconds, a
// fraction and a zone. Trailing parts may be missing.
func (m *moment) readRFC3339(b []byte) bool {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return false
	}
	var ok1, ok2, ok3 bool
	m.year, ok1 = digits(b[0:4])
	m.month, ok2 = digits(b[5:7])
	m.day, ok3 = digits(b[8:10])
	if !ok1 || !ok2 || !ok3 {
		return false
	}
	if b = b[10:]; len(b) == 0 {
		return true
	}
	if len(b) < 6 || b[0] != 'T' && b[0] != 't' && b[0] != ' ' || b[3] != ':' {
		return false
	}
	m.hour, ok1 = digits(b[1:3])
	m.minute, ok2 = digits(b[4:6])
	if !ok1 || !ok2 {
		return false
	}
	if b = b[6:]; len(b) >= 3 && b[0] == ':' {
		if m.second, ok1 = digits(b[1:3]); !ok1 {
			return false
		}
		if b = b[3:]; len(b) > 0 && (b[0] == '.' || b[0] == ',') {
			if b, ok1 = m.readFraction(b); !ok1 {
				return false
			}
		}
	}
	if len(b) == 0 {
		return true
	}
	if b[0] == ' ' && len(b) > 1 { // as PostgreSQL and many logs write it
		b = b[1:]
	}
	b, ok1 = m.readZone(b)
	return ok1 && len(b) == 0
}

// read reads the parts of a pattern in order and returns the rest.
func (m *moment) read(parts []part, b []byte) ([]byte, bool) {
	for i := range parts {
		var ok bool
		if parts[i].kind == optional {
			before := *m
			if rest, fits := m.read(parts[i].parts, b); fits {
				b = rest
			} else {
				*m = before
			}
			continue
		}
		if b, ok = m.readPart(&parts[i], b); !ok {
			return nil, false
		}
	}
	return b, true
}

func (m *moment) readPart(p *part, b []byte) ([]byte, bool) {
	switch p.kind {
	case literal:
		if len(b) == 0 || b[0] != p.text {
			return nil, false
		}
		return b[1:], true
	case year:
		return number(b, 4, 4, &m.year)
	case month:
		return number(b, 2, 2, &m.month)
	case shortMonth:
		return number(b, 1, 2, &m.month)
	case day:
		return number(b, 2, 2, &m.day)
	case shortDay:
		return number(b, 1, 2, &m.day)
	case hour:
		return number(b, 2, 2, &m.hour)
	case shortHour:
		return number(b, 1, 2, &m.hour)
	case minute:
		return number(b, 2, 2, &m.minute)
	case second:
		return number(b, 2, 2, &m.second)
	case fraction:
		return m.readFraction(b)
	case meridiem:
		return m.readMeridiem(b)
	case zone:
		return m.readZone(b)
	case monthName, monthFull:
		return m.readMonth(b, p.kind == monthFull)
	case weekday:
		return readName(b, weekdays[:], 3, nil)
	case optional:
	}
	return nil, false
}

// readFraction reads a point and digits. Digits below a microsecond are dropped.
func (m *moment) readFraction(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' {
		return nil, false
	}
	n := digitsAt(b[1:])
	if n == 0 {
		return nil, false
	}
	m.micros = 0
	for i := range 6 {
		m.micros *= 10
		if i < n {
			m.micros += int(b[1+i] - '0')
		}
	}
	m.cut = n > 6 && len(bytes.Trim(b[7:1+n], "0")) > 0
	return b[1+n:], true
}

func (m *moment) readMeridiem(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[1]|0x20 != 'm' {
		return nil, false
	}
	m.meridiem = b[0] | 0x20
	return b[2:], m.meridiem == 'a' || m.meridiem == 'p'
}

// readZone reads Z, UTC, GMT, +hh:mm, +hhmm or +hh.
func (m *moment) readZone(b []byte) ([]byte, bool) {
	m.offset, m.zoned = 0, true
	if len(b) >= 3 && (isWord(b[:3], "utc") || isWord(b[:3], "gmt")) {
		return b[3:], true
	}
	if len(b) >= 1 && (b[0] == 'Z' || b[0] == 'z') {
		return b[1:], true
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return nil, false
	}
	sign := 1
	if b[0] == '-' {
		sign = -1
	}
	hours, minutes := 0, 0
	b, ok := number(b[1:], 2, 2, &hours)
	if !ok {
		return nil, false
	}
	if len(b) > 0 && b[0] == ':' {
		b = b[1:]
	}
	if len(b) > 0 {
		if b, ok = number(b, 2, 2, &minutes); !ok {
			return nil, false
		}
	}
	m.offset = sign * (hours*3600 + minutes*60)
	return b, hours <= 18 && minutes < 60
}

// meridian converts the hour of a half day to the hour of the day.
func (m *moment) meridian() bool {
	if m.meridiem == 0 {
		return true
	}
	if m.hour < 1 || m.hour > 12 {
		return false
	}
	m.hour %= 12
	if m.meridiem == 'p' {
		m.hour += 12
	}
	return true
}

// valid reports whether the calendar and the clock have the moment. A leap
// second is the first second of the next minute.
func (m *moment) valid() bool {
	return m.year >= 1 && m.month >= 1 && m.month <= 12 && m.day >= 1 && m.day <= daysIn(m.year, m.month) &&
		m.hour <= 23 && m.minute <= 59 && m.second <= 60
}

// number reads at least least and at most most digits.
func number(b []byte, least, most int, into *int) ([]byte, bool) {
	n := 0
	x := 0
	for n < most && n < len(b) && b[n]-'0' <= 9 {
		x = x*10 + int(b[n]-'0')
		n++
	}
	if n < least {
		return nil, false
	}
	*into = x
	return b[n:], true
}

func digits(b []byte) (int, bool) {
	x := 0
	for _, d := range b {
		if d -= '0'; d > 9 {
			return 0, false
		}
		x = x*10 + int(d)
	}
	return x, true
}
