package dataset

// Batch is a run of rows, column by column. Whoever makes it may use it again
// after the call it was handed to returns; who receives it keeps nothing of it.
type Batch struct {
	Rows    int
	Vectors []Vector // in the order of Schema.Columns
	Lines   []int64  // for each row the line, or record number, in its object; from 1
}

// Vector is one column of a batch. Which slice is filled follows from Type:
//
//	Integer, Boolean (0 or 1), Date (days since 1970-01-01), DateTime (microseconds since then, UTC): Ints
//	Number: Floats
//	String, Object, Array, Any: Offsets and Bytes; value i is Bytes[Offsets[i]:Offsets[i+1]]
type Vector struct {
	Type    Type
	Nulls   []bool // one for each row; true where the value is null
	Ints    []int64
	Floats  []float64
	Offsets []int32 // one more than rows
	Bytes   []byte
}

// Rejected is a row that was not loaded, and why.
type Rejected struct {
	Object string // key of the object
	Line   int64  // line, or record number, in the object; from 1
	Column string // empty when the whole row is at fault
	Value  string // the offending value, cut to 200 bytes on a character boundary
	Reason string // one sentence in the platform's words
}

// NewVector makes an empty vector of this type with room for n rows.
func NewVector(t Type, n int) Vector {
	v := Vector{Type: t, Nulls: make([]bool, 0, n)}
	switch t {
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
	v.Nulls, v.Ints, v.Floats, v.Bytes = v.Nulls[:0], v.Ints[:0], v.Floats[:0], v.Bytes[:0]
	if v.Offsets != nil {
		v.Offsets = append(v.Offsets[:0], 0)
	}
}

// AppendNull adds a null.
func (v *Vector) AppendNull() {
	v.Nulls = append(v.Nulls, true)
	switch v.Type {
	case Integer, Boolean, Date, DateTime:
		v.Ints = append(v.Ints, 0)
	case Number:
		v.Floats = append(v.Floats, 0)
	case String, Object, Array, Any:
		v.Offsets = append(v.Offsets, int32(len(v.Bytes))) //nolint:gosec // a batch is bounded far below 2 GiB
	}
}

// AppendInt adds a value to a vector of Ints.
func (v *Vector) AppendInt(x int64) {
	v.Nulls = append(v.Nulls, false)
	v.Ints = append(v.Ints, x)
}

// AppendFloat adds a value to a vector of Floats.
func (v *Vector) AppendFloat(x float64) {
	v.Nulls = append(v.Nulls, false)
	v.Floats = append(v.Floats, x)
}

// AppendBytes adds a value to a vector of Bytes.
func (v *Vector) AppendBytes(x []byte) {
	v.Nulls = append(v.Nulls, false)
	v.Bytes = append(v.Bytes, x...)
	v.Offsets = append(v.Offsets, int32(len(v.Bytes))) //nolint:gosec // a batch is bounded far below 2 GiB
}

// BytesAt gives value i of a vector of Bytes.
func (v *Vector) BytesAt(i int) []byte { return v.Bytes[v.Offsets[i]:v.Offsets[i+1]] }
