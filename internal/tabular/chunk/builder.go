package chunk

import (
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// The bounds of a batch: whichever is reached first.
const (
	MaxRows       = 8192
	MaxBatchBytes = 4 << 20 // of texts
	maxCells      = 1 << 20 // rows × columns
)

// MaxValueChars is how many characters are kept of a rejected value.
const MaxValueChars = 200

// Builder collects rows, and the rows that were rejected. Add a value to each
// of Batch.Vectors, then call EndRow, or DropRow when one was not taken.
type Builder struct {
	Columns  []cell.Column
	Batch    dataset.Batch
	Rejected []dataset.Rejected
	maxRows  int
}

// NewBuilder makes an empty builder of these columns.
func NewBuilder(columns []cell.Column) *Builder {
	b := &Builder{Columns: columns, maxRows: min(MaxRows, max(1, maxCells/max(1, len(columns))))}
	for _, c := range columns {
		b.Batch.Vectors = append(b.Batch.Vectors, dataset.NewVectorOf(c.Column, 0))
	}
	return b
}

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	for i := range b.Batch.Vectors {
		b.Batch.Vectors[i].Reset()
	}
	b.Batch.Rows, b.Batch.Lines, b.Rejected = 0, b.Batch.Lines[:0], b.Rejected[:0]
}

// EndRow ends a row whose values were all added.
func (b *Builder) EndRow(line int64) {
	b.Batch.Rows++
	b.Batch.Lines = append(b.Batch.Lines, line)
}

// DropRow takes back the values that were added since the last EndRow.
func (b *Builder) DropRow() {
	for i := range b.Batch.Vectors {
		truncate(&b.Batch.Vectors[i], b.Batch.Rows)
	}
}

// Reject drops the row and keeps why. column is the number of the column at
// fault, or -1.
func (b *Builder) Reject(line int64, column int, value []byte, reason string) {
	b.DropRow()
	b.Note(line, column, Cut(value), reason)
}

// Note keeps why a row is rejected that is dropped otherwise.
func (b *Builder) Note(line int64, column int, value, reason string) {
	r := dataset.Rejected{Line: line, Value: value, Reason: reason}
	if column >= 0 {
		r.Column = b.Columns[column].Name
	}
	b.Rejected = append(b.Rejected, r)
}

// Empty says whether there is neither a row nor a rejected one.
func (b *Builder) Empty() bool { return b.Batch.Rows == 0 && len(b.Rejected) == 0 }

// Keep leaves only the rows that keep says yes to. All vectors must have
// Batch.Rows values.
func (b *Builder) Keep(keep func(row int) bool) {
	rows := 0
	for i := range b.Batch.Rows {
		if !keep(i) {
			continue
		}
		for j := range b.Batch.Vectors {
			move(&b.Batch.Vectors[j], rows, i)
		}
		b.Batch.Lines[rows] = b.Batch.Lines[i]
		rows++
	}
	b.Batch.Rows, b.Batch.Lines = rows, b.Batch.Lines[:rows]
	for j := range b.Batch.Vectors {
		truncate(&b.Batch.Vectors[j], rows)
	}
}

// move puts value from in the place of value to, which is not after it.
func move(v *dataset.Vector, to, from int) {
	v.Nulls[to] = v.Nulls[from]
	switch {
	case v.Offsets != nil:
		start := v.Offsets[to]
		n := copy(v.Bytes[start:], v.BytesAt(from))
		v.Offsets[to+1] = start + int32(n) //nolint:gosec // no more than there was
	case v.Type == dataset.Number:
		v.Floats[to] = v.Floats[from]
	case v.Type == dataset.Decimal:
		v.Wide[to] = v.Wide[from]
	default:
		v.Ints[to] = v.Ints[from]
	}
}

// Full says whether the batch is as large as it may be.
func (b *Builder) Full() bool {
	if b.Batch.Rows+len(b.Rejected) >= b.maxRows {
		return true
	}
	if b.Batch.Rows%64 != 0 { // looking at every column costs more than a row
		return false
	}
	return b.texts() >= MaxBatchBytes
}

func (b *Builder) texts() int {
	total := 0
	for i := range b.Batch.Vectors {
		total += len(b.Batch.Vectors[i].Bytes)
	}
	return total
}

// Size is about how many bytes the builder holds.
func (b *Builder) Size() int {
	return b.texts() + b.Batch.Rows*(8+9*len(b.Batch.Vectors)) + b.rejectedBytes()
}

func (b *Builder) rejectedBytes() int {
	total := 0
	for i := range b.Rejected {
		total += len(b.Rejected[i].Value) + len(b.Rejected[i].Reason) + 100
	}
	return total
}

func truncate(v *dataset.Vector, rows int) {
	if len(v.Nulls) != rows {
		v.Truncate(rows)
	}
}

// Cut returns a value as a rejected row shows it: its first MaxValueChars
// characters, with bytes that are not UTF-8 replaced.
func Cut(value []byte) string {
	end := 0
	for n := 0; n < MaxValueChars && end < len(value); n++ {
		_, size := utf8.DecodeRune(value[end:])
		end += size
	}
	return strings.ToValidUTF8(string(value[:end]), "\uFFFD")
}
