package parquet

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// beyond records the values of a leaf that its own type doesn't accept. The column
// of such a leaf gets a type that accepts them, so that no row is rejected for it.
type beyond struct {
	digits atomic.Int32 // before the point of a number; 0: no such number
	text   atomic.Bool  // a date or a time
}

// addDigits adds a number that is written with all its digits.
func (b *beyond) addDigits(number []byte) {
	whole, _, _ := bytes.Cut(bytes.TrimPrefix(number, []byte("-")), []byte("."))
	n := int32(len(whole)) //nolint:gosec // at most 2.5 digits a byte of maxDecimalBytes
	for {
		before := b.digits.Load()
		if n <= before || b.digits.CompareAndSwap(before, n) {
			return
		}
	}
}

// typeOf returns the type that accepts all values, given the leaf's type.
func (b *beyond) typeOf(c dataset.Column) dataset.Column {
	digits := int(b.digits.Load())
	switch {
	case b.text.Load():
		return dataset.Column{Type: dataset.String}
	case digits == 0:
		return c
	case c.Type == dataset.Integer:
		return dataset.Column{Type: dataset.Decimal, Precision: digits}
	case digits+c.Scale <= dataset.MaxPrecision:
		return dataset.Column{Type: dataset.Decimal, Precision: digits + c.Scale, Scale: c.Scale}
	}
	return dataset.Column{Type: dataset.String}
}

// SetZone sets the time zone of timestamps that are local.
func (f *File) SetZone(zone *time.Location) {
	for _, field := range f.fields {
		field.node.leaves(func(n *node) { n.leaf.zone = zone })
	}
}
