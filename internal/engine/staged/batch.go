package staged

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// MaxTwinBytes bounds the texts of the rows that Twins of a driver reads.
const MaxTwinBytes = 64 << 20

// CheckBatch validates the form and the columns of a batch, so that its
// contents can't corrupt a file.
func CheckBatch(batch *dataset.Batch, columns []dataset.Column) error {
	if len(batch.Vectors) != len(columns) {
		return fmt.Errorf("a batch of %d columns for a schema of %d", len(batch.Vectors), len(columns))
	}
	for i := range columns {
		if err := checkVector(&batch.Vectors[i], batch.Rows, &columns[i]); err != nil {
			return err
		}
	}
	return nil
}

func checkVector(v *dataset.Vector, rows int, column *dataset.Column) error {
	malformed := func() error {
		return fmt.Errorf("the vector of column %q does not have %d values", column.Name,
			rows)
	}
	if v.Type != column.Type {
		return fmt.Errorf("a vector of type %q for column %q of type %q", v.Type, column.Name, column.Type)
	}
	if len(v.Nulls) != rows {
		return malformed()
	}
	switch v.Type {
	case dataset.Integer, dataset.Boolean, dataset.DateTime, dataset.Date:
		if len(v.Ints) != rows {
			return malformed()
		}
		if v.Type == dataset.Date {
			return checkDays(v.Ints, column)
		}
	case dataset.Decimal:
		if len(v.Wide) != rows || v.Scale != column.Scale {
			return malformed()
		}
		return checkDigits(v, column)
	case dataset.Number:
		if len(v.Floats) != rows {
			return malformed()
		}
	default:
		if len(v.Offsets) != rows+1 {
			return malformed()
		}
		return checkText(v, column)
	}
	return nil
}

func checkDays(days []int64, column *dataset.Column) error {
	for _, d := range days {
		if d < math.MinInt32 || d > math.MaxInt32 {
			return problem.New(problem.Invalid, "A date in column %q is out of range.", column.Name)
		}
	}
	return nil
}

func checkDigits(v *dataset.Vector, column *dataset.Column) error {
	for _, x := range v.Wide {
		if !dataset.DecimalFits(x, column.Precision) {
			return problem.New(problem.Invalid, "A value of column %q has more than %d digits.", column.Name,
				column.Precision)
		}
	}
	return nil
}

// checkText validates all bytes at once, which is fast, and then checks that
// each value begins at a character boundary.
func checkText(v *dataset.Vector, column *dataset.Column) error {
	last := int32(0)
	for _, at := range v.Offsets {
		if at < last || int(at) > len(v.Bytes) {
			return fmt.Errorf("the offsets of column %q are not in order", column.Name)
		}
		last = at
	}
	broken := !utf8.Valid(v.Bytes[v.Offsets[0]:last])
	for _, at := range v.Offsets {
		broken = broken || at < last && !utf8.RuneStart(v.Bytes[at])
	}
	if broken {
		return problem.New(problem.Invalid, "A value of column %q is not UTF-8.", column.Name)
	}
	return nil
}
