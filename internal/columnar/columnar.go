// Package columnar writes rows as an Arrow IPC stream or a Parquet file, with the
// exact types of their columns.
//
//	integer   int64             decimal   decimal128(p, s)
//	number    float64           date      date32
//	boolean   boolean           date-time timestamp in microseconds, UTC
//	string    utf8              object, array, any: JSON as utf8
package columnar

import (
	"bytes"
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Format is the form of a file.
type Format string

// The formats.
const (
	Arrow   Format = "arrow"
	Parquet Format = "parquet"
)

// ContentType returns the media type.
func (f Format) ContentType() string {
	if f == Parquet {
		return "application/vnd.apache.parquet"
	}
	return "application/vnd.apache.arrow.stream"
}

// Rows are written in groups of at most this many rows or bytes.
const (
	maxRows  = 64 << 10
	maxBytes = 2 << 20
)

// file writes groups of rows to a buffer.
type file interface {
	write(vectors []dataset.Vector, rows int) error
	close() error
}

// Encoder writes rows at the end of byte slices. It buffers a group of rows until
// it is full, so the bytes that a call appends aren't those of its row. Use it
// from one goroutine.
type Encoder struct {
	out     bytes.Buffer
	file    file
	pending []dataset.Vector
	rows    int
	bytes   int64
	err     error
}

// New returns an encoder for rows of these columns.
func New(format Format, columns []dataset.Column) *Encoder {
	e := &Encoder{}
	for _, c := range columns {
		e.pending = append(e.pending, dataset.NewVectorOf(c, 0))
	}
	if format == Parquet {
		e.file = newParquet(&e.out, columns)
	} else {
		e.file = newArrow(&e.out, columns)
	}
	return e
}

// Begin begins a row. The caller appends a value to each vector, in the order of
// the columns, and calls End.
func (e *Encoder) Begin() []dataset.Vector { return e.pending }

// End ends a row with this size in bytes, and appends completed output to b.
func (e *Encoder) End(b []byte, size int64) []byte {
	e.rows++
	e.bytes += size
	if e.rows < maxRows && e.bytes < maxBytes {
		return b
	}
	return e.flush(b)
}

// Row adds a row of a batch whose first vectors are those of the columns, and
// appends completed output to b.
func (e *Encoder) Row(b []byte, batch *dataset.Batch, i int) []byte {
	var size int64
	for c := range e.pending {
		size += e.pending[c].AppendRows(&batch.Vectors[c], i, i+1)
	}
	return e.End(b, size)
}

// flush writes the group, and appends its bytes to b.
func (e *Encoder) flush(b []byte) []byte {
	if e.rows > 0 && e.err == nil {
		e.err = e.file.write(e.pending, e.rows)
	}
	for c := range e.pending {
		e.pending[c].Reset()
	}
	e.rows, e.bytes = 0, 0
	b = append(b, e.out.Bytes()...)
	e.out.Reset()
	return b
}

// Close ends the file, and appends its last bytes to b. If it fails, the output
// so far isn't a complete file.
func (e *Encoder) Close(b []byte) ([]byte, error) {
	b = e.flush(b)
	if e.err == nil {
		e.err = e.file.close()
	}
	if e.err != nil {
		return b, fmt.Errorf("writing rows by columns: %w", e.err)
	}
	return append(b, e.out.Bytes()...), nil
}

// precisionOf returns the precision of a decimal; the maximum if it isn't known.
func precisionOf(c dataset.Column) int {
	if c.Precision <= 0 || c.Precision > dataset.MaxPrecision {
		return dataset.MaxPrecision
	}
	return c.Precision
}
