package rowtext_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/windlass-io/windlass/internal/rowtext"
)

// reference is AppendNumber by the standard library.
func reference(x float64) string {
	size := math.Abs(x)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "null"
	case size != 0 && (size < 1e-6 || size >= 1e21):
		return strconv.FormatFloat(x, 'e', -1, 64)
	default:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
}

func TestAppendNumber(t *testing.T) {
	t.Parallel()
	for _, x := range []float64{
		0, math.Copysign(0, -1), 1, -1, 0.1, 0.29, 0.3, 1.005, 2.675, 1e-6, 9.99e-7, 0.0000011, 1e15, 1e15 - 1,
		999999999999999.9, 1e20, 1e21, 1e22,
		123456789.123456, 0.30000000000000004, 100, 1e14 + 0.5, 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1),
		math.Inf(-1), 4503599627370496.5,
		12345678.9012345, 99999999.9999999, 0.5, 1.5, -2.25, 1234.5678, 0.00001,
	} {
		if got, want := string(rowtext.AppendNumber(nil, x)), reference(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	}
	for exponent := -20; exponent <= 70; exponent++ { // around powers of two and of ten
		for _, x := range []float64{math.Ldexp(1, exponent), math.Pow10(exponent)} {
			for _, y := range []float64{math.Nextafter(x, 0), x, math.Nextafter(x, math.Inf(1)), 5 * x, x / 3} {
				if got, want := string(rowtext.AppendNumber(nil, y)), reference(y); got != want {
					t.Errorf("%v: got %s, want %s", y, got, want)
				}
			}
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 1_000_000 {
		x := math.Float64frombits(r.Uint64())
		switch r.IntN(3) {
		case 0:
			x = float64(r.Int64N(1<<r.IntN(55)+1)) / math.Pow10(r.IntN(10))
		case 1: // as large as numbers that are written without an exponent
			x = math.Ldexp(1+r.Float64(), r.IntN(90)-20)
		}
		if got, want := string(rowtext.AppendNumber(nil, x)), reference(x); got != want {
			t.Fatalf("%v: got %s, want %s", x, got, want)
		}
	}
}

func FuzzAppendNumber(f *testing.F) {
	f.Add(0.1)
	f.Add(1234.5)
	f.Fuzz(func(t *testing.T, x float64) {
		if got, want := string(rowtext.AppendNumber(nil, x)), reference(x); got != want {
			t.Errorf("%v: got %s, want %s", x, got, want)
		}
	})
}

func TestAppendDate(t *testing.T) {
	t.Parallel()
	for day := int64(-719_162); day <= 2_932_896; day++ { // 0001-01-01 to 9999-12-31
		if day%97 != 0 && day > -719_000 && day < 2_932_000 {
			continue
		}
		want := time.Unix(day*86_400, 0).UTC().Format(time.DateOnly)
		if got := string(rowtext.AppendDate(nil, day)); got != want {
			t.Fatalf("day %d: got %s, want %s", day, got, want)
		}
	}
}

func TestAppendDateTime(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 20_000 {
		micros := r.Int64N(253_402_300_800_000_000+62_135_596_800_000_000) - 62_135_596_800_000_000
		if i%2 == 0 {
			micros -= micros % 1_000_000
		}
		want := time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
		if got := string(rowtext.AppendDateTime(nil, micros)); got != want {
			t.Fatalf("%d: got %s, want %s", micros, got, want)
		}
	}
}

func BenchmarkAppendNumber(b *testing.B) {
	for name, x := range map[string]float64{"price": 1234.56, "four decimals": 0.1234, "full": math.Pi} {
		b.Run(name, func(b *testing.B) {
			buf := make([]byte, 0, 64)
			for b.Loop() {
				buf = rowtext.AppendNumber(buf[:0], x)
			}
		})
		b.Run(name+"/strconv", func(b *testing.B) {
			buf := make([]byte, 0, 64)
			for b.Loop() {
				buf = strconv.AppendFloat(buf[:0], x, 'f', -1, 64)
			}
		})
	}
}
