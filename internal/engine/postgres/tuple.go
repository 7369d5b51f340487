package postgres

import (
	"crypto/sha256"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// An entry of a B-tree has 2,704 bytes at most: of a longer text its begin and a hash
// are in the index. Rows with such texts are still equal only if the texts are, and
// come in an order that all nodes agree on.
const (
	longPart = 1200 // bytes of a part that are kept as they are
	keptPart = 1000 // of a longer one
)

// tupler makes tuples of an index.
type tupler struct{ places []int } // of the index's columns

func newTupler(columns []dataset.Column, index manifest.Index) tupler {
	var t tupler
	for _, name := range []string{index.Key, index.Subkey, index.Date} {
		for i := range columns {
			if name != "" && columns[i].Name == name {
				t.places = append(t.places, i)
			}
		}
	}
	return t
}

// of returns the tuple of row i.
func (t tupler) of(vectors []dataset.Vector, i int) []byte {
	tuple := []byte{}
	for _, at := range t.places {
		tuple = appendPart(tuple, &vectors[at], i)
	}
	return tuple
}

// appendPart adds a value to a tuple.
func appendPart(tuple []byte, v *dataset.Vector, i int) []byte {
	from := len(tuple)
	tuple = parquetfile.AppendPart(tuple, v, i)
	part := tuple[from:]
	if len(part) <= longPart {
		return tuple
	}
	sum := sha256.Sum256(part)
	end := keptPart
	for part[end-1] == 0 { // not between the two bytes of an escaped NUL
		end--
	}
	// NUL 2 is in no text: there NUL comes before 1 or FF.
	tuple = append(tuple[:from+end], 0, 2)
	return append(tuple, sum[:]...)
}

// after returns the least tuple that is after all that begin with a prefix. A part
// begins with a tag below FF.
func after(prefix []byte) []byte { return append(append([]byte{}, prefix...), 0xFF) }
