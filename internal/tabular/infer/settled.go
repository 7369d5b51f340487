package infer

import (
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Bits of the ISO formats: a date is the midnight of a date-time, too.
var isoDateBit, isoDateTimeBit = bitOf(candidate{dataset.Date, ""}), bitOf(candidate{dataset.DateTime, ""})

func bitOf(c candidate) uint64 {
	for i := range candidates {
		if candidates[i] == c {
			return 1 << i
		}
	}
	return 0
}

// AddSettled adds a text that a strict column accepted if it adds no new
// evidence. If the text must be examined, Settled adds nothing and returns
// false.
func (e *Evidence) AddSettled(c *dataset.Column, text []byte) bool {
	known := false
	switch {
	case len(text) == 0 || c.Format != "":
	case c.Type == dataset.String:
		known = e.Failed != nil && e.Dead&allDead == allDead && !mayBeMarker(text[0])
	case text[0]-'0' > 9:
	case c.Type == dataset.Date:
		known = len(text) == 10 && e.Dead == allDead&^(isoDateBit|isoDateTimeBit)
	case c.Type == dataset.DateTime:
		known = len(text) > 10 && e.Dead == allDead&^isoDateTimeBit
	}
	if known {
		e.Values++
	}
	return known
}

// mayBeMarker reports whether a null marker, or a text of blanks, may begin with
// a byte.
func mayBeMarker(first byte) bool {
	return first <= ' ' || first == 'N' || first == 'n' || first == '#' || first == '\\' || first >= utf8.RuneSelf
}

// exactDigits is the number of decimal digits that every double stores.
const exactDigits = 15

// isSettledNumber reports whether a number has no more digits than those before
// it, so that it adds no new evidence.
func (e *Evidence) isSettledNumber(text []byte) bool {
	if e.Dead&(dateBits|booleanBit) != dateBits|booleanBit || e.Dead&numberBits == numberBits {
		return false
	}
	whole, fraction, ok := countDigits(text)
	switch {
	case !ok || whole+max(fraction, 0) > exactDigits:
		return false
	case fraction < 0:
		return whole <= e.Whole.Before
	}
	seen := &e.Pointed
	return e.Dead&commaBits == commaBits && e.Dead&pointGroupBit != 0 && seen.Fractional && seen.Backed &&
		whole <= seen.Before && fraction <= seen.After
}

// countDigits counts the digits before and after the point of a plain number;
// fraction is -1 without a point. It returns false for all others, and for those
// that begin with a zero.
func countDigits(text []byte) (whole, fraction int, ok bool) {
	if text[0] == '-' {
		text = text[1:]
	}
	if len(text) == 0 || text[0]-'1' > 8 {
		return 0, 0, false
	}
	fraction = -1
	for _, c := range text {
		switch {
		case c-'0' <= 9 && fraction < 0:
			whole++
		case c-'0' <= 9:
			fraction++
		case c == '.' && fraction < 0:
			fraction = 0
		default:
			return 0, 0, false
		}
	}
	return whole, fraction, true
}
