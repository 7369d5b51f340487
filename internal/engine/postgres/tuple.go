package postgres

import (
	"crypto/sha256"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/manifest"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// A B-tree entry has at most 2,704 bytes, so the index has the beginning and a hash
// of longer texts. Rows with such texts are still equal only if the texts are, and
// all nodes order them alike.
const (
	longPart = 1200 // maximum bytes of a part that is stored whole
	keptPart = 1000 // bytes that are stored of a longer one
)

// tupler encodes the tuples of an index.
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
	for part[end-1] == 0 { // don't split the two bytes of an escaped NUL
		end--
	}
	// NUL 2 never occurs in a text, where NUL is followed by 1 or FF.
	tuple = append(tuple[:from+end], 0, 2)
	return append(tuple, sum[:]...)
}

// after returns the smallest tuple that follows all tuples with a prefix. A part
// begins with a tag below FF.
func after(prefix []byte) []byte { return append(append([]byte{}, prefix...), 0xFF) }
