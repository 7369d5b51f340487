package postgres

import (
	"bytes"
	"testing"

	"github.com/windlass-io/windlass/internal/dataset"
)

// FuzzKeptText checks that stored texts decode to the originals and have the same
// order.
func FuzzKeptText(f *testing.F) {
	for _, text := range []string{"", "a", "\x00", "\x01", "\x00\x01\x02", "a\x00b\x01c"} {
		f.Add([]byte(text), []byte("a\x00"))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		keptA, keptB := appendKept(nil, a), appendKept(nil, b)
		if bytes.IndexByte(keptA, 0) >= 0 {
			t.Errorf("%q is kept with NUL", a)
		}
		if back := appendText(nil, keptA); !bytes.Equal(back, a) {
			t.Errorf("%q came back as %q", a, back)
		}
		if bytes.Compare(a, b) != bytes.Compare(keptA, keptB) {
			t.Errorf("%q and %q are kept in another order", a, b)
		}
		appendText(nil, a) // whatever it is
	})
}

// FuzzNumeric writes decimals in PostgreSQL's form, and reads them back.
func FuzzNumeric(f *testing.F) {
	for _, x := range []int64{0, 1, -1, 10_000, -9999, 123456789} {
		f.Add(x>>63, uint64(x), 6, []byte{0, 1, 0, 0, 0, 0, 0, 0, 0, 1})
	}
	f.Add(int64(1<<60), uint64(7), 38, []byte{0xFF})
	f.Fuzz(func(t *testing.T, high int64, low uint64, scale int, other []byte) {
		_, _ = readNumeric(other, 3) // no panic
		x := dataset.Int128{Hi: high, Lo: low}
		if scale < 0 || scale > dataset.MaxPrecision || !dataset.DecimalFits(x, dataset.MaxPrecision) {
			return // no such decimal is written
		}
		back, err := readNumeric(appendNumeric(nil, x, scale), scale)
		if err != nil || back != x {
			t.Errorf("%v of scale %d came back as %v, %v", x, scale, back, err)
		}
	})
}
