package duckdb

import (
	"hash/maphash"
	"math"
	"math/bits"
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// maxFingerprints bounds what is remembered of a load, in rows: 128 MiB.
const maxFingerprints = 16 << 20

// fingerprints remembers 64 bits of each row's index, to find out whether two
// rows are equal in it. Asked of DuckDB, that is the dearest part of a load:
// grouping by the index spills to the disk where this does not.
type fingerprints struct {
	parts []int // the index's columns, by their place in the batch
	seed  maphash.Seed
	seen  []uint64
	lost  bool // there were too many
}

func newFingerprints(parts []int) *fingerprints {
	return &fingerprints{parts: parts, seed: maphash.MakeSeed()}
}

func (f *fingerprints) add(batch *dataset.Batch) {
	f.lost = f.lost || len(f.seen)+batch.Rows > maxFingerprints
	if f.lost {
		f.seen = nil
		return
	}
	at := len(f.seen)
	f.seen = slices.Grow(f.seen, batch.Rows)[:at+batch.Rows]
	rows := f.seen[at:]
	clear(rows)
	for _, p := range f.parts {
		f.mix(rows, &batch.Vectors[p])
	}
}

// mix works one column into the rows' fingerprints.
func (f *fingerprints) mix(rows []uint64, v *dataset.Vector) {
	for i := range rows {
		var part uint64
		switch {
		case v.Nulls[i]:
			part = 0x6e756c6c
		case v.Offsets != nil:
			part = maphash.Bytes(f.seed, v.BytesAt(i))
		case v.Type == dataset.Number:
			part = floatBits(v.Floats[i])
		default:
			part = uint64(v.Ints[i]) //nolint:gosec // all bits are wanted
		}
		rows[i] = scatter(bits.RotateLeft64(rows[i], 23) ^ scatter(part))
	}
}

// floatBits gives the same bits for all that DuckDB holds for equal.
func floatBits(x float64) uint64 {
	switch {
	case x == 0:
		return 0 // and not the bits of -0
	case math.IsNaN(x):
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(x)
}

// scatter is the finalizer of SplitMix64: one to one, and near inputs become
// far outputs.
func scatter(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// twice says whether two rows may be equal in the index. No is certain; yes
// is wrong once in a million loads of five million rows. known is false when
// there were too many rows.
func (f *fingerprints) twice() (twice, known bool) {
	if f.lost {
		return false, false
	}
	slices.Sort(f.seen)
	for i := 1; i < len(f.seen); i++ {
		if f.seen[i-1] == f.seen[i] {
			return true, true
		}
	}
	return false, true
}
