package cell

import (
	"bytes"
	"math"
	"time"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Constant is the value of a column for a missing property.
type Constant struct {
	Kind ConstantKind
	Text []byte
	Time time.Time
}

// ConstantKind is the kind of a constant.
type ConstantKind uint8

// The kinds.
const (
	NoValue   ConstantKind = iota // null
	FieldText                     // a text, cast like a field of delimited text
	Literal                       // a text, for a string
	Moment                        // a time, for a date-time
	Counted                       // a number, for an integer, that is set later: see [Uncounted]
)

// Uncounted is the placeholder of a number that is set later.
const Uncounted = math.MinInt64

// append appends the constant.
func (k *Constant) append(c *Column, v *dataset.Vector) Fault {
	switch k.Kind {
	case FieldText:
		return c.AppendText(v, k.Text)
	case Literal:
		if c.Type != dataset.String || c.Format != "" || bytes.IndexByte(k.Text, 0) >= 0 {
			return WrongType
		}
		return c.appendBytes(v, k.Text)
	case Moment:
		if c.Type != dataset.DateTime {
			return WrongType
		}
		v.AppendInt(k.Time.UnixMicro())
		return OK
	case Counted:
		if c.Type != dataset.Integer {
			return WrongType
		}
		v.AppendInt(Uncounted)
		return OK
	default:
		return c.AppendNull(v)
	}
}

// Supplies reports whether a missing property has a value all the same.
func (c *Column) Supplies() bool { return c.Constant != nil }

// Needs reports whether the column can't be missing in a file.
func (c *Column) Needs() bool { return c.Required && c.Constant == nil }
