package postgres

import (
	"encoding/binary"
	"math"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// PostgreSQL counts dates from 2000-01-01.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86_400_000_000
)

// The range of PostgreSQL's dates: from 4713 BC to the year 5874897. Its timestamps
// have no upper limit within 64 bits.
const (
	minDay    = -2440588
	maxDay    = 2145042905
	minMoment = -210866803200000000
)

// copyHeader begins the binary form of COPY: its name, no flags, no extension.
var copyHeader = append([]byte("PGCOPY\n\xff\r\n\x00"), make([]byte, 8)...)

// copyEnd ends it.
var copyEnd = []byte{0xFF, 0xFF}

// system has the system columns of rows to copy.
type system struct {
	tuples  [][]byte
	seqs    []int64
	updated []int64 // microseconds; nil: not written
	version int64   // 0: not written
}

// encode returns rows in the binary form of COPY: their values, followed by the
// system columns.
func encode(vectors []dataset.Vector, rows int, s *system) []byte {
	fields := len(vectors) + 2
	if s.updated != nil {
		fields++
	}
	if s.version != 0 {
		fields += 2
	}
	b := append(make([]byte, 0, 64*rows+32), copyHeader...)
	for i := range rows {
		b = binary.BigEndian.AppendUint16(b, uint16(fields)) //nolint:gosec // at most 1,600
		for j := range vectors {
			b = appendField(b, &vectors[j], i)
		}
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(s.tuples[i]))), s.tuples[i]...) //nolint:gosec // short
		b = appendInt(b, s.seqs[i])
		if s.updated != nil {
			b = appendInt(b, s.updated[i]-epochMicros)
		}
		if s.version != 0 {
			b = appendInt(appendInt(b, s.version), math.MaxInt64)
		}
	}
	return append(b, copyEnd...)
}

func appendInt(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), uint64(n)) //nolint:gosec // two's complement
}

// appendField adds a value: its length and its bytes.
func appendField(b []byte, v *dataset.Vector, i int) []byte {
	if v.Nulls[i] {
		return append(b, 0xFF, 0xFF, 0xFF, 0xFF)
	}
	switch kindOf(v.Type) {
	case kindInt:
		return appendInt(b, v.Ints[i])
	case kindFloat:
		return binary.BigEndian.AppendUint64(append(b, 0, 0, 0, 8), math.Float64bits(v.Floats[i]))
	case kindBool:
		return append(b, 0, 0, 0, 1, byte(v.Ints[i]&1))
	case kindDate:
		return binary.BigEndian.AppendUint32(append(b, 0, 0, 0, 4), uint32(v.Ints[i]-epochDays)) //nolint:gosec // checked
	case kindMoment:
		return appendInt(b, v.Ints[i]-epochMicros)
	case kindNumeric, kindText:
	}
	at := len(b)
	b = append(b, 0, 0, 0, 0)
	if v.Type == dataset.Decimal {
		b = appendNumeric(b, v.Wide[i], v.Scale)
	} else {
		b = appendKept(b, v.BytesAt(i))
	}
	binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4)) //nolint:gosec // a batch is bounded far below 2 GiB
	return b
}

// checkDates rejects dates outside PostgreSQL's range.
func checkDates(batch *dataset.Batch, columns []dataset.Column) error {
	for i := range columns {
		low, high := int64(minMoment), int64(math.MaxInt64)
		if columns[i].Type == dataset.Date {
			low, high = minDay, maxDay
		} else if columns[i].Type != dataset.DateTime {
			continue
		}
		v := &batch.Vectors[i]
		for row, x := range v.Ints {
			if !v.Nulls[row] && (x < low || x > high) {
				return problem.New(problem.Invalid, "A date in column %q is out of the range of PostgreSQL.",
					columns[i].Name)
			}
		}
	}
	return nil
}
