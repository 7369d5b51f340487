package chunk

import (
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// The limits of a batch. The first one that is reached ends it.
const (
	MaxRows       = 8192
	MaxBatchBytes = 4 << 20 // of texts
	maxCells      = 1 << 20 // rows × columns
)

// MaxValueChars limits the stored characters of a rejected value.
const MaxValueChars = 200

// Builder collects rows, and the rows that were rejected. Append a value to each
// of Batch.Vectors, then call EndRow, or DropRow when one was not accepted.
type Builder struct {
	Columns  []cell.Column
	Batch    dataset.Batch
	Rejected []dataset.Rejected
	// Evidence has the evidence from this batch for each strict column, and
	// Misfits the values that such a column doesn't accept. Evidence is nil
	// if no column is strict.
	Evidence []infer.Evidence
	Misfits  []Misfit
	// Unknown has the evidence of members without a column, by name, if one of
	// the columns is strict.
	Unknown map[string]*infer.Evidence
	// Present marks the columns that a record of JSON has; nil for other formats.
	Present []bool
	maxRows int
	kept    int // bytes of the rejected rows
}

// MaxRowBytes limits the stored bytes of a rejected record.
const MaxRowBytes = 64 << 10

// Rejection describes why a row is rejected.
type Rejection struct {
	Column int    // with the fault; -1 if it isn't in one column
	Value  []byte // the offending value
	Code   dataset.RejectCode
	Reason string // in the platform's words
	Raw    []byte // the whole record; nil for typed files
}

// Misfit is a value that a guessed column doesn't accept. Its row was
// rejected, and must be read again after the column is widened.
type Misfit struct {
	Column int
	Line   int64
}

// NewBuilder returns an empty builder of these columns.
func NewBuilder(columns []cell.Column) *Builder {
	b := &Builder{Columns: columns, maxRows: min(MaxRows, max(1, maxCells/max(1, len(columns))))}
	for _, c := range columns {
		if c.Strict && b.Evidence == nil {
			b.Evidence = make([]infer.Evidence, len(columns))
		}
		b.Batch.Vectors = append(b.Batch.Vectors, dataset.NewVectorOf(c.Column, 0))
	}
	return b
}

// Reset empties the builder and keeps its memory.
func (b *Builder) Reset() {
	for i := range b.Batch.Vectors {
		b.Batch.Vectors[i].Reset()
	}
	clear(b.Rejected)
	b.Batch.Rows, b.Batch.Lines, b.Rejected, b.kept = 0, b.Batch.Lines[:0], b.Rejected[:0], 0
	clear(b.Evidence)
	clear(b.Unknown)
	clear(b.Present)
	b.Misfits = b.Misfits[:0]
}

// LearnText adds a field of delimited text to the evidence of a strict column.
// fault is the result of casting it to the column.
func (b *Builder) LearnText(column int, text []byte, line int64, fault cell.Fault) {
	if b.passes(column, line, fault) {
		return
	}
	settings := b.Columns[column].Settings()
	if fault == cell.OK && settings.Markers == nil && b.Evidence[column].AddSettled(&b.Columns[column].Column, text) {
		return
	}
	b.Evidence[column].TextOf(settings, text, line)
	b.misfit(column, line, fault)
}

// LearnJSON is like [Builder.LearnText] for a value of JSON.
func (b *Builder) LearnJSON(column int, kind cell.JSONKind, raw, text []byte, line int64, fault cell.Fault) {
	if b.passes(column, line, fault) {
		return
	}
	if fault == cell.OK && kind == cell.JSONString && b.Evidence[column].AddSettled(&b.Columns[column].Column, text) {
		b.Evidence[column].Kinds[kind]++
		return
	}
	b.Evidence[column].JSON(kind, raw, text, line)
	b.misfit(column, line, fault)
}

// LearnWord is like [Builder.LearnText] for a text in a typed file, which stays text.
func (b *Builder) LearnWord(column int, text []byte, line int64, fault cell.Fault) {
	if b.passes(column, line, fault) {
		return
	}
	b.Evidence[column].Word(text, line)
	b.misfit(column, line, fault)
}

// maxUnknown limits the members without a column for which a batch has evidence.
const maxUnknown = infer.MaxColumns

// LearnUnknown adds a member of JSON that has no column to the evidence.
func (b *Builder) LearnUnknown(name []byte, kind cell.JSONKind, raw, text []byte, line int64) {
	if b.Unknown == nil {
		b.Unknown = map[string]*infer.Evidence{}
	}
	e := b.Unknown[string(name)]
	if e == nil {
		if len(b.Unknown) >= maxUnknown {
			return
		}
		e = &infer.Evidence{}
		b.Unknown[string(name)] = e
	}
	e.JSON(kind, raw, text, line)
}

// LearnValue is like [Builder.LearnText] for a value of a typed file.
func (b *Builder) LearnValue(column int, line int64, null, fits bool) {
	switch {
	case null:
		b.Evidence[column].Nulls++
	case fits || !b.Columns[column].Fixed:
		b.Evidence[column].Values++
	}
	if !fits {
		b.Misfits = append(b.Misfits, Misfit{column, line})
	}
}

// passes reports whether a value adds no evidence, because its column has a fixed
// type that doesn't accept it.
func (b *Builder) passes(column int, line int64, fault cell.Fault) bool {
	if !b.Columns[column].Fixed || fault == cell.OK {
		return false
	}
	b.misfit(column, line, fault)
	return true
}

// SetPresent marks a column that a record has.
func (b *Builder) SetPresent(column int) {
	if b.Present == nil {
		b.Present = make([]bool, len(b.Columns))
	}
	b.Present[column] = true
}

func (b *Builder) misfit(column int, line int64, fault cell.Fault) {
	switch fault {
	case cell.WrongType, cell.WrongForm, cell.TooLarge:
		b.Misfits = append(b.Misfits, Misfit{column, line})
	default:
	}
}

// EndRow ends a row after all its values were added.
func (b *Builder) EndRow(line int64) {
	b.Batch.Rows++
	b.Batch.Lines = append(b.Batch.Lines, line)
}

// DropRow removes the values that were appended since the last EndRow.
func (b *Builder) DropRow() {
	for i := range b.Batch.Vectors {
		truncate(&b.Batch.Vectors[i], b.Batch.Rows)
	}
}

// Reject drops the row and records why.
func (b *Builder) Reject(line int64, why Rejection) {
	b.DropRow()
	b.Note(line, why)
}

// Note records why a row is rejected without storing the row.
func (b *Builder) Note(line int64, why Rejection) {
	r := why.At(line)
	if why.Column >= 0 {
		r.Column = b.Columns[why.Column].Name
	}
	b.Rejected = append(b.Rejected, r)
	b.kept += rejectedBytes(&r)
}

// At returns the rejected row of a line, without its column.
func (w Rejection) At(line int64) dataset.Rejected {
	return dataset.Rejected{
		Line: line, Value: Cut(w.Value), Code: w.Code, Reason: w.Reason,
		Raw: strings.ToValidUTF8(string(w.Raw[:min(len(w.Raw), MaxRowBytes)]), "\uFFFD"),
	}
}

// Empty reports whether there are no rows and no rejected rows.
func (b *Builder) Empty() bool { return b.Batch.Rows == 0 && len(b.Rejected) == 0 }

// Keep removes the rows for which keep returns false. All vectors must have
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

// move copies a value to an earlier place.
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

// Full reports whether the batch has reached its bounds.
func (b *Builder) Full() bool {
	if b.Batch.Rows+len(b.Rejected) >= b.maxRows || b.kept >= MaxBatchBytes {
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

// Size returns roughly how many bytes the builder uses.
func (b *Builder) Size() int {
	return b.texts() + b.Batch.Rows*(8+9*len(b.Batch.Vectors)) + b.kept
}

func rejectedBytes(r *dataset.Rejected) int { return len(r.Value) + len(r.Reason) + len(r.Raw) + 150 }

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
