package postgres

import (
	"encoding/binary"
	"errors"
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
)

// The binary form of numeric: the number of digits in base 10,000, the weight
// of the first, the sign and the scale, 16 bits each; then the digits.
const (
	numericPositive = 0x0000
	numericNegative = 0x4000
)

// appendNumeric appends the decimal x / 10^scale.
func appendNumeric(b []byte, x dataset.Int128, scale int) []byte {
	var text [80]byte
	digits := dataset.AppendDecimal(text[:0], x, 0) // the unscaled integer
	sign := uint16(numericPositive)
	if digits[0] == '-' {
		sign, digits = numericNegative, digits[1:]
	}
	for n := scale; n%4 != 0; n++ { // so that groups begin at the point
		digits = append(digits, '0')
	}
	fraction := (scale + 3) / 4 // groups after the point
	lead := (4 - len(digits)%4) % 4
	var groups []uint16
	value := 0
	for i, d := range digits {
		value = value*10 + int(d-'0')
		if (i+lead)%4 == 3 {
			groups = append(groups, uint16(value)) //nolint:gosec // below 10,000
			value = 0
		}
	}
	weight := len(groups) - fraction - 1
	for len(groups) > 0 && groups[0] == 0 {
		groups, weight = groups[1:], weight-1
	}
	for len(groups) > 0 && groups[len(groups)-1] == 0 {
		groups = groups[:len(groups)-1]
	}
	if len(groups) == 0 {
		weight, sign = 0, numericPositive
	}
	for _, field := range []uint16{uint16(len(groups)), uint16(int16(weight)), sign, uint16(scale)} { //nolint:gosec // small
		b = binary.BigEndian.AppendUint16(b, field)
	}
	for _, g := range groups {
		b = binary.BigEndian.AppendUint16(b, g)
	}
	return b
}

var errNumeric = errors.New("a numeric value that no decimal has")

// readNumeric parses a decimal into its unscaled integer.
func readNumeric(b []byte, scale int) (dataset.Int128, error) {
	if len(b) < 8 || len(b)%2 != 0 || len(b) != 8+2*int(binary.BigEndian.Uint16(b)) {
		return dataset.Int128{}, errNumeric
	}
	weight := int(int16(binary.BigEndian.Uint16(b[2:]))) //nolint:gosec // two's complement
	sign := binary.BigEndian.Uint16(b[4:])
	if sign != numericPositive && sign != numericNegative {
		return dataset.Int128{}, errNumeric // NaN or infinity
	}
	text := []byte{}
	if sign == numericNegative {
		text = append(text, '-')
	}
	text = append(text, '0')
	groups := b[8:]
	for g := groups; len(g) > 0; g = g[2:] {
		n := binary.BigEndian.Uint16(g)
		text = append(text, byte('0'+n/1000%10), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
	}
	text = strconv.AppendInt(append(text, 'e'), int64(4*(weight+1-len(groups)/2)), 10)
	return dataset.ParseDecimal(text, dataset.MaxPrecision, scale)
}
