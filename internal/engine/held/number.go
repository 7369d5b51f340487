package held

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine/segment/parquetfile"
)

// numberer assigns numbers to rows, which determine the order of rows with equal
// indexes. A number is the row's index in the result, or a hash of its values, which
// is the same every time on every node.
type numberer struct {
	ordered bool
	at      time.Time
	rows    int64
	scratch []byte
}

// twinBits is the number of bits that distinguish rows with equal values.
const twinBits = 16

func (n *numberer) next(batch *dataset.Batch) *parquetfile.System {
	system := &parquetfile.System{Loads: dataset.NewVector(dataset.String, batch.Rows)}
	for i := range batch.Rows {
		number := n.rows
		if !n.ordered {
			n.scratch = appendValues(n.scratch[:0], batch, i)
			number = int64(xxhash.Sum64(n.scratch) >> (twinBits + 1) << twinBits)
		}
		n.rows++
		system.Seqs = append(system.Seqs, number)
		system.Updated = append(system.Updated, n.at.UnixMicro())
		system.Loads.AppendBytes(nil)
	}
	return system
}

// appendValues appends the values of a row, so that different rows differ.
func appendValues(b []byte, batch *dataset.Batch, i int) []byte {
	for c := range batch.Vectors {
		v := &batch.Vectors[c]
		if v.Nulls[i] {
			b = append(b, 0)
			continue
		}
		b = append(b, 1)
		switch v.Type {
		case dataset.Number:
			b = binary.BigEndian.AppendUint64(b, math.Float64bits(v.Floats[i]))
		case dataset.Integer, dataset.Boolean, dataset.Date, dataset.DateTime:
			b = binary.BigEndian.AppendUint64(b, uint64(v.Ints[i])) //nolint:gosec // as bits
		case dataset.Decimal:
			b = binary.BigEndian.AppendUint64(b, uint64(v.Wide[i].Hi)) //nolint:gosec // as bits
			b = binary.BigEndian.AppendUint64(b, v.Wide[i].Lo)
		default:
			text := v.BytesAt(i)
			b = binary.BigEndian.AppendUint64(b, uint64(len(text)))
			b = append(b, text...)
		}
	}
	return b
}
