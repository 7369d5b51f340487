package rowtext

import (
	"math"
	"math/big"
	"math/bits"
	"sync"
)

// shortest returns the shortest decimal digits × 10^exponent that reads back as the
// same double, and of those the closest one. x is finite and above 0. The digits may
// end in zeros. It is Raffaele Giulietti's algorithm, "The Schubfach way to render
// doubles"; [strconv.AppendFloat] returns the same digits and takes longer.
func shortest(x float64) (digits uint64, exponent int) {
	fraction, biased := math.Float64bits(x)&(1<<52-1), int(math.Float64bits(x)>>52)
	c, q := fraction, -1074
	if biased != 0 {
		c, q = fraction|1<<52, biased-1075
	}
	closer := fraction == 0 && biased > 1 // to the double below than to that above
	low, middle, high := 4*c-2, 4*c, 4*c+2
	k := q * 1262611 >> 22 // floor(log10(2^q))
	if closer {
		low++
		k = (q*1262611 - 524031) >> 22 // floor(log10(3/4 × 2^q))
	}
	shift := q + (-k*1741647)>>19 + 1
	power := &powersOfTen()[-k-leastPower]
	below, at, above := product(power, low<<shift), product(power, middle<<shift), product(power, high<<shift)
	if c&1 != 0 { // the bounds read back as a neighbour
		below++
		above--
	}
	s := at / 4
	if s >= 10 {
		tens := s / 10
		down, up := below <= 40*tens, 40*tens+40 <= above
		if down != up {
			if up {
				tens++
			}
			return tens, k + 1
		}
	}
	down, up := below <= 4*s, 4*s+4 <= above
	if down != up {
		if up {
			s++
		}
		return s, k
	}
	if half := 4*s + 2; at > half || at == half && s&1 != 0 {
		s++
	}
	return s, k
}

// product returns the upper 64 bits of the 192 of power × x; its last bit is set if
// any below it is.
func product(power *[2]uint64, x uint64) uint64 {
	carried, _ := bits.Mul64(power[1], x)
	upper, lower := bits.Mul64(power[0], x)
	lower, carry := bits.Add64(lower, carried, 0)
	upper += carry
	if lower > 1 {
		upper |= 1
	}
	return upper
}

// The exponents of powersOfTen.
const (
	leastPower = -292
	mostPower  = 324
)

// powersOfTen returns the powers of ten, scaled to 128 bits and rounded up, the
// upper half first.
var powersOfTen = sync.OnceValue(func() *[mostPower - leastPower + 1][2]uint64 {
	list := new([mostPower - leastPower + 1][2]uint64)
	ten, low := big.NewInt(10), new(big.Int).SetUint64(math.MaxUint64)
	for i := range list {
		exponent := int64(i + leastPower)
		n := new(big.Int).Exp(ten, big.NewInt(max(exponent, -exponent)), nil)
		rest := new(big.Int)
		switch size := n.BitLen(); {
		case exponent < 0:
			n.DivMod(new(big.Int).Lsh(big.NewInt(1), uint(size+127)), n, rest)
		case size > 128:
			rest.And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), uint(size-128)), big.NewInt(1)))
			n.Rsh(n, uint(size-128))
		default:
			n.Lsh(n, uint(128-size))
		}
		if rest.Sign() != 0 {
			n.Add(n, big.NewInt(1))
		}
		list[i] = [2]uint64{new(big.Int).Rsh(n, 64).Uint64(), rest.And(n, low).Uint64()}
	}
	return list
})

// appendShortest appends a double from 1e-6 to below 1e21, without an exponent.
func appendShortest(b []byte, x float64) []byte {
	if x < 0 {
		b, x = append(b, '-'), -x
	}
	digits, exponent := shortest(x)
	for digits%10 == 0 {
		digits /= 10
		exponent++
	}
	from := len(b)
	b = appendUint(b, digits)
	point := len(b) - from + exponent // digits before the point
	switch {
	case exponent >= 0:
		return append(b, "000000000000000000000"[:exponent]...)
	case point > 0:
		b = append(b, 0)
		copy(b[from+point+1:], b[from+point:])
		b[from+point] = '.'
		return b
	default: // zeros after the point
		zeros := "0.00000"[:2-point]
		b = append(b, zeros...)
		copy(b[from+len(zeros):], b[from:])
		copy(b[from:], zeros)
		return b
	}
}
