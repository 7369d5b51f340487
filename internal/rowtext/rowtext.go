// Package rowtext formats the values of rows as text, for JSON and CSV, without
// boxing them in Go values.
package rowtext

import (
	"math"
	"strconv"
	"time"
)

// AppendNumber appends a double as ECMAScript writes it, the shortest text that
// reads back as the same double. What JSON has no number for becomes null.
func AppendNumber(b []byte, x float64) []byte {
	size := math.Abs(x)
	switch {
	case size < 1e15 && size >= 1e-6:
		return appendShort(b, x)
	case math.IsNaN(x) || math.IsInf(x, 0):
		return append(b, "null"...)
	case size != 0 && size < 1e-6 || size >= 1e21:
		return strconv.AppendFloat(b, x, 'e', -1, 64)
	case size == 0:
		return strconv.AppendFloat(b, x, 'f', -1, 64) // -0 has a sign
	default:
		return appendShortest(b, x)
	}
}

// scales has the numbers of decimals that appendShort tries after none.
var scales = [...]struct {
	digits int
	power  float64
	unit   uint64
}{{2, 1e2, 1e2}, {4, 1e4, 1e4}, {7, 1e7, 1e7}}

// appendShort appends a number of few digits. A double that is n / 10^k with at
// most 15 digits in n has no shorter text than those digits, because no two
// numbers of 15 digits are the same double, and the quotient of two integers
// below 2^53 is rounded correctly.
func appendShort(b []byte, x float64) []byte {
	size := math.Abs(x)
	if n := uint64(size); float64(n) == size {
		return appendUint(appendSign(b, x), n)
	}
	for i := range scales {
		scaled := size * scales[i].power
		if scaled >= 1e15 {
			break
		}
		n := uint64(scaled + 0.5)
		if float64(n)/scales[i].power != size {
			continue
		}
		b = appendUint(appendSign(b, x), n/scales[i].unit)
		return appendFraction(append(b, '.'), n%scales[i].unit, scales[i].digits)
	}
	return appendShortest(b, x)
}

func appendSign(b []byte, x float64) []byte {
	if x < 0 {
		return append(b, '-')
	}
	return b
}

// pairs has the numbers from 00 to 99.
const pairs = "00010203040506070809101112131415161718192021222324" +
	"25262728293031323334353637383940414243444546474849" +
	"50515253545556575859606162636465666768697071727374" +
	"75767778798081828384858687888990919293949596979899"

// appendUint appends a number in decimal.
func appendUint(b []byte, n uint64) []byte {
	var text [20]byte
	at := len(text)
	for n >= 100 {
		at -= 2
		pair := n % 100 * 2
		n /= 100
		text[at], text[at+1] = pairs[pair], pairs[pair+1]
	}
	if n >= 10 {
		at -= 2
		text[at], text[at+1] = pairs[n*2], pairs[n*2+1]
	} else {
		at--
		text[at] = byte('0' + n)
	}
	return append(b, text[at:]...)
}

// appendFraction appends this many digits without trailing zeros. Not all of
// them are zeros.
func appendFraction(b []byte, n uint64, digits int) []byte {
	if digits == 2 {
		b = append(b, pairs[n*2], pairs[n*2+1])
		if b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
		return b
	}
	for n%10 == 0 {
		n /= 10
		digits--
	}
	from := len(b)
	b = append(b, "000000000"[:digits]...)
	for i := from + digits - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}

// AppendDate appends a day, counted from 1970-01-01, as YYYY-MM-DD.
func AppendDate(b []byte, days int64) []byte {
	year, month, day := civil(days)
	if year < 0 || year > 9999 {
		return time.Unix(days*86_400, 0).UTC().AppendFormat(b, time.DateOnly)
	}
	return append(b,
		byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10)) //nolint:gosec // digits
}

// civil returns the date of a day in the proleptic Gregorian calendar. Years
// begin in March, so that the leap day is the last of a year.
func civil(days int64) (year, month, day int64) {
	days += 719_468 // since 0000-03-01
	era := days / 146_097
	if days < 0 {
		era = (days - 146_096) / 146_097
	}
	ofEra := days - era*146_097
	yearOfEra := (ofEra - ofEra/1460 + ofEra/36_524 - ofEra/146_096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*ofYear + 2) / 153 // months since March
	day = ofYear - (153*shifted+2)/5 + 1
	month = shifted + 3
	if month > 12 {
		month -= 12
	}
	year = yearOfEra + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

const microsPerDay = 86_400_000_000

// AppendDateTime appends a moment, in microseconds since 1970, in RFC 3339
// with as many decimals as it needs.
func AppendDateTime(b []byte, micros int64) []byte {
	days := micros / microsPerDay
	rest := micros % microsPerDay
	if rest < 0 {
		days--
		rest += microsPerDay
	}
	b = append(AppendDate(b, days), 'T')
	seconds := rest / 1_000_000
	for i, part := range [3]int64{seconds / 3600, seconds / 60 % 60, seconds % 60} {
		if i > 0 {
			b = append(b, ':')
		}
		b = append(b, byte('0'+part/10), byte('0'+part%10)) //nolint:gosec // digits
	}
	if fraction := uint64(rest % 1_000_000); fraction != 0 { //nolint:gosec // not negative
		b = appendFraction(append(b, '.'), fraction, 6)
	}
	return append(b, 'Z')
}
