package dataset_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/dataset"
)

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	nines := strings.Repeat("9", 38)
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string
	}{
		{"0", 1, 0, "0"},
		{"-0", 1, 0, "0"},
		{"0.10", 19, 2, "0.10"},
		{".5", 3, 2, "0.50"},
		{"-.5", 3, 2, "-0.50"},
		{"7.", 3, 1, "7.0"},
		{"+7", 3, 1, "7.0"},
		{"007", 1, 0, "7"},
		{"1.500", 2, 1, "1.5"},
		{"12345678901234567.89", 19, 2, "12345678901234567.89"},
		{"18446744073709551615", 20, 0, "18446744073709551615"},
		{"-9223372036854775808", 19, 0, "-9223372036854775808"},
		{nines, 38, 0, nines},
		{"-" + nines, 38, 0, "-" + nines},
		{"0." + nines, 38, 38, "0." + nines},
		{"1e37", 38, 0, "1" + strings.Repeat("0", 37)},
		{"1" + strings.Repeat("0", 60) + "e-60", 1, 0, "1"},
		{"0e999999999999", 1, 0, "0"},
		{"12.5E-1", 4, 2, "1.25"},
		{"1.25e2", 3, 0, "125"},
		{"0.000", 1, 0, "0"},
	} {
		x, err := dataset.ParseDecimal([]byte(c.text), c.precision, c.scale)
		if err != nil {
			t.Errorf("%s as decimal(%d,%d): %v", c.text, c.precision, c.scale, err)
			continue
		}
		if got := string(dataset.AppendDecimal(nil, x, c.scale)); got != c.want {
			t.Errorf("%s as decimal(%d,%d): got %s, want %s", c.text, c.precision, c.scale, got, c.want)
		}
	}
}

func TestParseDecimalRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text             string
		precision, scale int
		want             error
	}{
		{"", 5, 2, dataset.ErrDecimalSyntax},
		{".", 5, 2, dataset.ErrDecimalSyntax},
		{"-", 5, 2, dataset.ErrDecimalSyntax},
		{"1e", 5, 2, dataset.ErrDecimalSyntax},
		{"1e+", 5, 2, dataset.ErrDecimalSyntax},
		{"1,5", 5, 2, dataset.ErrDecimalSyntax},
		{"1.5x", 5, 2, dataset.ErrDecimalSyntax},
		{"NaN", 5, 2, dataset.ErrDecimalSyntax},
		{"--1", 5, 2, dataset.ErrDecimalSyntax},
		{"1.234", 5, 2, dataset.ErrDecimalRange},
		{"1000", 5, 2, dataset.ErrDecimalRange},
		{"1e38", 38, 0, dataset.ErrDecimalRange},
		{"1e-1", 38, 0, dataset.ErrDecimalRange},
		{"1e999999999999", 38, 0, dataset.ErrDecimalRange},
		{"1e-999999999999", 38, 38, dataset.ErrDecimalRange},
		{strings.Repeat("1", 39), 38, 0, dataset.ErrDecimalRange},
	} {
		if _, err := dataset.ParseDecimal([]byte(c.text), c.precision, c.scale); !errors.Is(err, c.want) {
			t.Errorf("%q as decimal(%d,%d): got %v, want %v", c.text, c.precision, c.scale, err, c.want)
		}
	}
}

// wide draws an integer with a number of digits from the whole range.
func wide(t *rapid.T, name string) dataset.Int128 {
	x := dataset.Int128{Hi: rapid.Int64().Draw(t, name+" high"), Lo: rapid.Uint64().Draw(t, name+" low")}
	x, _ = dataset.Int128FromBytes(bytesOf(x)[rapid.IntRange(0, 15).Draw(t, name+" length"):])
	return x
}

func bytesOf(x dataset.Int128) []byte { b := x.Bytes(); return b[:] }

func bigOf(x dataset.Int128) *big.Int {
	b := new(big.Int).Lsh(big.NewInt(x.Hi), 64)
	return b.Add(b, new(big.Int).SetUint64(x.Lo))
}

func TestDecimalTexts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, scale := wide(t, "x"), rapid.IntRange(0, 38).Draw(t, "scale")
		text := dataset.AppendDecimal(nil, x, scale)
		ratio := new(big.Rat).SetFrac(bigOf(x), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil))
		if want := ratio.FloatString(scale); string(text) != want {
			t.Fatalf("%v with scale %d: got %s, want %s", x, scale, text, want)
		}
		back, err := dataset.ParseDecimal(text, 38, scale)
		if fits := dataset.DecimalFits(x, 38); fits != (err == nil) || fits && back != x {
			t.Fatalf("%s: got %v, %v, want %v", text, back, err, x)
		}
		if want, _ := ratio.Float64(); dataset.DecimalFloat(x, scale) != want {
			t.Fatalf("%s as a double: got %v, want %v", text, dataset.DecimalFloat(x, scale), want)
		}
	})
}

func TestInt128(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := wide(t, "x"), wide(t, "y")
		if got, want := x.Compare(y), bigOf(x).Cmp(bigOf(y)); got != want {
			t.Fatalf("%v compared with %v: got %d, want %d", x, y, got, want)
		}
		if back, ok := dataset.Int128FromBytes(bytesOf(x)); !ok || back != x {
			t.Fatalf("%v as bytes: got %v, %t", x, back, ok)
		}
		if small, ok := x.Int64(); ok != bigOf(x).IsInt64() || ok && dataset.NewInt128(small) != x {
			t.Fatalf("%v as int64: got %d, %t", x, small, ok)
		}
		xs, ys := rapid.IntRange(0, 38).Draw(t, "scale of x"), rapid.IntRange(0, 38).Draw(t, "scale of y")
		ten := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
		want := new(big.Int).Mul(bigOf(x), ten(ys)).Cmp(new(big.Int).Mul(bigOf(y), ten(xs)))
		if got := dataset.CompareDecimals(x, xs, y, ys); got != want {
			t.Fatalf("%v scale %d compared with %v scale %d: got %d, want %d", x, xs, y, ys, got, want)
		}
	})
}

func TestRescale(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := wide(t, "x")
		from, to := rapid.IntRange(0, 38).Draw(t, "from"), rapid.IntRange(0, 38).Draw(t, "to")
		want, rest := new(big.Int), new(big.Int)
		ten := func(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }
		want.QuoRem(want.Mul(bigOf(x), ten(to)), ten(from), rest)
		exact := rest.Sign() == 0 && want.CmpAbs(ten(38)) < 0
		got, ok := dataset.Rescale(x, from, to)
		if ok != exact || ok && bigOf(got).Cmp(want) != 0 {
			t.Fatalf("%v from scale %d to %d: got %v, %t, want %v, %t", x, from, to, got, ok, want, exact)
		}
	})
}

func TestInt128FromBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bytes []byte
		want  dataset.Int128
		ok    bool
	}{
		"none":               {nil, dataset.Int128{}, true},
		"one":                {[]byte{1}, dataset.NewInt128(1), true},
		"minus one":          {[]byte{0xff}, dataset.NewInt128(-1), true},
		"long, still small":  {append(make([]byte, 20), 5), dataset.NewInt128(5), true},
		"long, negative":     {append(repeat(0xff, 20), 0xfe), dataset.NewInt128(-2), true},
		"unsigned, 17 bytes": {append([]byte{0}, repeat(0xff, 16)...), dataset.Int128{}, false},
		"too large":          {append([]byte{1}, make([]byte, 16)...), dataset.Int128{}, false},
		"greatest": {
			append([]byte{0x7f}, repeat(0xff, 15)...),
			dataset.Int128{Hi: math.MaxInt64, Lo: math.MaxUint64},
			true,
		},
	} {
		if got, ok := dataset.Int128FromBytes(c.bytes); ok != c.ok || ok && got != c.want {
			t.Errorf("%s: got %v, %t, want %v, %t", name, got, ok, c.want, c.ok)
		}
	}
}

func repeat(b byte, n int) []byte { return []byte(strings.Repeat(string([]byte{b}), n)) }

func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{
		"0.10", "-12.5e3", "1e-400", "00000", ".e1",
		"99999999999999999999999999999999999999",
	} {
		f.Add([]byte(seed), uint8(38), uint8(2))
	}
	f.Fuzz(func(t *testing.T, text []byte, precision, scale uint8) {
		p := 1 + int(precision)%dataset.MaxPrecision
		s := int(scale) % (p + 1)
		x, err := dataset.ParseDecimal(text, p, s)
		if err != nil {
			return
		}
		if !dataset.DecimalFits(x, p) {
			t.Fatalf("%q: %v has more than %d digits", text, x, p)
		}
		if x.Sign() == 0 {
			return // "0e999999999" is slow to expand
		}
		want, ok := new(big.Rat).SetString(string(text))
		got, ok2 := new(big.Rat).SetString(string(dataset.AppendDecimal(nil, x, s)))
		if ok && (!ok2 || want.Cmp(got) != 0) {
			t.Fatalf("%q: got %v, want %v", text, got, want)
		}
	})
}

func BenchmarkParseDecimal(b *testing.B) {
	text := []byte("12345678901234567.89")
	for b.Loop() {
		if _, err := dataset.ParseDecimal(text, 19, 2); err != nil {
			b.Fatal(err)
		}
	}
}
