package dataset

import (
	"cmp"
	"math"
	"math/bits"
)

// Int128 is a signed integer of 128 bits in two's complement. The zero value
// is 0.
type Int128 struct {
	Hi int64
	Lo uint64
}

// NewInt128 returns x.
func NewInt128(x int64) Int128 { return Int128{Hi: x >> 63, Lo: uint64(x)} } //nolint:gosec // two's complement

// NewUint128 returns x, which may be beyond int64.
func NewUint128(x uint64) Int128 { return Int128{Lo: x} }

// Int128FromBytes reads a big-endian integer in two's complement, as Parquet
// and Avro write decimals. It returns false if the value needs more than 128
// bits. An empty slice is 0.
func Int128FromBytes(b []byte) (Int128, bool) {
	var x Int128
	var fill byte
	if len(b) > 0 && b[0]&0x80 != 0 {
		x, fill = Int128{Hi: -1, Lo: math.MaxUint64}, 0xff
	}
	for len(b) > 16 {
		if b[0] != fill || b[1]&0x80 != fill&0x80 {
			return Int128{}, false
		}
		b = b[1:]
	}
	for _, digit := range b {
		x.Hi = x.Hi<<8 | int64(x.Lo>>56)
		x.Lo = x.Lo<<8 | uint64(digit)
	}
	return x, true
}

// Bytes returns x as 16 big-endian bytes in two's complement.
func (x Int128) Bytes() (b [16]byte) {
	for i := range 8 {
		b[i] = byte(x.Hi >> (56 - 8*i))   //nolint:gosec // takes eight bits
		b[8+i] = byte(x.Lo >> (56 - 8*i)) //nolint:gosec // takes eight bits
	}
	return b
}

// Int64 returns x as an int64 and reports whether it fits.
func (x Int128) Int64() (int64, bool) {
	low := int64(x.Lo) //nolint:gosec // two's complement
	return low, low>>63 == x.Hi
}

// Compare returns -1, 0 or 1 as x is less than, equal to or greater than y.
func (x Int128) Compare(y Int128) int {
	if x.Hi != y.Hi {
		return cmp.Compare(x.Hi, y.Hi)
	}
	return cmp.Compare(x.Lo, y.Lo)
}

// Sign returns -1, 0 or 1.
func (x Int128) Sign() int { return x.Compare(Int128{}) }

// Neg returns -x. The least value is its own negative.
func (x Int128) Neg() Int128 {
	low, carry := bits.Add64(^x.Lo, 1, 0)
	return Int128{Hi: ^x.Hi + int64(carry), Lo: low} //nolint:gosec // a carry is 0 or 1
}

// magnitude returns the absolute value of x as two unsigned halves.
func (x Int128) magnitude() (hi, lo uint64) {
	if x.Hi < 0 {
		x = x.Neg()
	}
	return uint64(x.Hi), x.Lo //nolint:gosec // the least value is its own magnitude
}

// timesAdd returns x·m + a for an x that is not negative, and reports whether
// the result is at most the greatest value.
func (x Int128) timesAdd(m, a uint64) (Int128, bool) {
	over, hi := bits.Mul64(uint64(x.Hi), m) //nolint:gosec // not negative
	carry, lo := bits.Mul64(x.Lo, m)
	lo, c := bits.Add64(lo, a, 0)
	hi, c1 := bits.Add64(hi, carry, c)
	return Int128{Hi: int64(hi), Lo: lo}, over == 0 && c1 == 0 && hi <= math.MaxInt64 //nolint:gosec // checked
}

// quoRem returns hi·2⁶⁴ + lo divided by d, and the remainder.
func quoRem(hi, lo, d uint64) (qhi, qlo, rest uint64) {
	qhi, rest = bits.Div64(0, hi, d)
	qlo, rest = bits.Div64(rest, lo, d)
	return qhi, qlo, rest
}
