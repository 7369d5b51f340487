package cell

var (
	months = [...]string{
		"january", "february", "march", "april", "may", "june", "july", "august", "september",
		"october", "november", "december",
	}
	weekdays = [...]string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// readMonth reads an English month, abbreviated to three letters or in full.
func (m *moment) readMonth(b []byte, whole bool) ([]byte, bool) {
	length := 3
	if whole {
		length = 0
	}
	var i int
	rest, ok := readName(b, months[:], length, &i)
	m.month = i + 1
	return rest, ok
}

// readName reads one of the names, ignoring case, and stores its index in
// which. If length isn't 0, names are abbreviated to it.
func readName(b []byte, names []string, length int, which *int) ([]byte, bool) {
	for i, name := range names {
		if length > 0 {
			name = name[:length]
		}
		if len(b) >= len(name) && isWord(b[:len(name)], name) {
			if which != nil {
				*which = i
			}
			return b[len(name):], true
		}
	}
	return nil, false
}

// daysOf counts the days from 1970-01-01 to a day of the Gregorian calendar,
// by eras of 400 years that begin in March.
func daysOf(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yearOfEra := y - era*400
	dayOfYear := (153*((m+9)%12)+2)/5 + d - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int64(era*146097 + dayOfEra - 719468)
}

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
