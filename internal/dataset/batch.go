package dataset

// Batch is a run of rows, stored by column. The caller may reuse it after the
// call that received it, so receivers must not keep any part of it.
type Batch struct {
	Rows    int
	Vectors []Vector // in the order of Schema.Columns
	Lines   []int64  // for each row the line, or record number, in its object; from 1
}

// Vector is one column of a batch. Type decides which slice has the values:
//
//	Integer, Boolean (0 or 1), Date (days since 1970-01-01), DateTime (microseconds since then, UTC): Ints
//	Decimal: Wide; value i is Wide[i] / 10^Scale
//	Number: Floats
//	String, Object, Array, Any: Offsets and Bytes; value i is Bytes[Offsets[i]:Offsets[i+1]]
type Vector struct {
	Type    Type
	Scale   int    // of a Decimal
	Nulls   []bool // one for each row; true where the value is null
	Ints    []int64
	Wide    []Int128
	Floats  []float64
	Offsets []int32 // one more than rows
	Bytes   []byte
}

// NewVector returns an empty vector of this type with room for n rows. For a
// Decimal, which has a scale too, use [NewVectorOf].
func NewVector(t Type, n int) Vector { return NewVectorOf(Column{Type: t}, n) }

// NewVectorOf returns an empty vector for a column, with room for n rows.
func NewVectorOf(c Column, n int) Vector {
	v := Vector{Type: c.Type, Nulls: make([]bool, 0, n)}
	switch c.Type {
	case Decimal:
		v.Scale = c.Scale
		v.Wide = make([]Int128, 0, n)
	case Integer, Boolean, Date, DateTime:
		v.Ints = make([]int64, 0, n)
	case Number:
		v.Floats = make([]float64, 0, n)
	case String, Object, Array, Any:
		v.Offsets = append(make([]int32, 0, n+1), 0)
	}
	return v
}

// Reset empties the vector and keeps its memory.
func (v *Vector) Reset() {
	v.Nulls, v.Ints, v.Floats, v.Bytes, v.Wide = v.Nulls[:0], v.Ints[:0], v.Floats[:0], v.Bytes[:0], v.Wide[:0]
	if v.Offsets != nil {
		v.Offsets = append(v.Offsets[:0], 0)
	}
}

// AppendNull appends a null.
func (v *Vector) AppendNull() {
	v.Nulls = append(v.Nulls, true)
	switch v.Type {
	case Integer, Boolean, Date, DateTime:
		v.Ints = append(v.Ints, 0)
	case Decimal:
		v.Wide = append(v.Wide, Int128{})
	case Number:
		v.Floats = append(v.Floats, 0)
	case String, Object, Array, Any:
		v.Offsets = append(v.Offsets, int32(len(v.Bytes))) //nolint:gosec // a batch is bounded far below 2 GiB
	}
}

// AppendInt appends a value to a vector of Ints.
func (v *Vector) AppendInt(x int64) {
	v.Nulls = append(v.Nulls, false)
	v.Ints = append(v.Ints, x)
}

// AppendWide appends the unscaled integer of a value to a vector of Wide.
func (v *Vector) AppendWide(x Int128) {
	v.Nulls = append(v.Nulls, false)
	v.Wide = append(v.Wide, x)
}

// Truncate removes all values after the first n.
func (v *Vector) Truncate(n int) {
	v.Nulls = v.Nulls[:n]
	switch v.Type {
	case Integer, Boolean, Date, DateTime:
		v.Ints = v.Ints[:n]
	case Decimal:
		v.Wide = v.Wide[:n]
	case Number:
		v.Floats = v.Floats[:n]
	case String, Object, Array, Any:
		v.Offsets = v.Offsets[:n+1]
		v.Bytes = v.Bytes[:v.Offsets[n]]
	}
}

// AppendFloat appends a value to a vector of Floats.
func (v *Vector) AppendFloat(x float64) {
	v.Nulls = append(v.Nulls, false)
	v.Floats = append(v.Floats, x)
}

// AppendBytes appends a value to a vector of Bytes.
func (v *Vector) AppendBytes(x []byte) {
	v.Nulls = append(v.Nulls, false)
	v.Bytes = append(v.Bytes, x...)
	v.Offsets = append(v.Offsets, int32(len(v.Bytes))) //nolint:gosec // a batch is bounded far below 2 GiB
}

// BytesAt returns value i of a vector of Bytes.
func (v *Vector) BytesAt(i int) []byte { return v.Bytes[v.Offsets[i]:v.Offsets[i+1]] }

// AppendRows appends the values [from, to) of another vector of the same type, and
// returns how many bytes they take.
func (v *Vector) AppendRows(source *Vector, from, to int) int64 {
	n := int64(to - from)
	v.Nulls = append(v.Nulls, source.Nulls[from:to]...)
	switch v.Type {
	case Number:
		v.Floats = append(v.Floats, source.Floats[from:to]...)
		return 9 * n
	case Integer, Boolean, Date, DateTime:
		v.Ints = append(v.Ints, source.Ints[from:to]...)
		return 9 * n
	case Decimal:
		v.Wide = append(v.Wide, source.Wide[from:to]...)
		return 17 * n
	default:
		first := source.Offsets[from]
		shift := int32(len(v.Bytes)) - first //nolint:gosec // a batch is bounded far below 2 GiB
		v.Bytes = append(v.Bytes, source.Bytes[first:source.Offsets[to]]...)
		for _, end := range source.Offsets[from+1 : to+1] {
			v.Offsets = append(v.Offsets, end+shift)
		}
		return 5*n + int64(source.Offsets[to]-first)
	}
}
