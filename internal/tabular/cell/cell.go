// Package cell turns the values of text and JSON files into the typed values
// of a column, or says in the platform's words why it cannot.
//
// What a type accepts:
//
//	string     any text; an empty CSV field is the empty string, never null
//	integer    a whole number of 64 bits; JSON's 5.0 and 1e3 too
//	decimal    a number; digits beyond the scale must be 0; in JSON a string of one too
//	number     digits, point and exponent; no NaN, no infinity
//	boolean    true and false in any case; in text also 1 and 0
//	date       by the column's format, else YYYY-MM-DD; see [ParseLayout]
//	date-time  by the column's format, else RFC 3339; without a zone it is UTC
//	object, array, any   JSON
//
// An empty CSV field is null for every type but string. Blanks around a value
// count only in strings.
package cell

import (
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
)

// MaxIndexBytes is the longest text that may be a part of an index.
const MaxIndexBytes = 1500

// Column is a column made ready for casting. It is used by one goroutine at a
// time; copies may be used by others.
type Column struct {
	dataset.Column
	layout   *Layout // for dates and moments
	maxBytes int     // of a text; 0 means no bound but the record's
}

// Fault says why a value was not taken. The zero value says that it was.
type Fault uint8

// The faults.
const (
	OK        Fault = iota
	Missing         // the property is required and not there
	WrongType       // the value is of another type, or null where null is not allowed
	WrongForm       // the text does not match the column's date format
	TooLarge        // a number that is outside the range of the type
	TooLong         // an index's text over MaxIndexBytes
)

// Compile makes a column ready. It fails on a format that is none.
func Compile(c dataset.Column, indexed bool) (Column, error) {
	column := Column{Column: c}
	if indexed {
		column.maxBytes = MaxIndexBytes
	}
	if c.Type == dataset.Date || c.Type == dataset.DateTime {
		layout, err := ParseLayout(c.Type, c.Format)
		if err != nil {
			return Column{}, fmt.Errorf("column %q: %w", c.Name, err)
		}
		column.layout = layout
	}
	return column, nil
}

// CompileAll makes all columns of a schema ready.
func CompileAll(s dataset.Schema) ([]Column, error) {
	columns := make([]Column, 0, len(s.Columns))
	for _, c := range s.Columns {
		column, err := Compile(c, c.Name == s.Index.Key || c.Name == s.Index.Subkey)
		if err != nil {
			return nil, err
		}
		columns = append(columns, column)
	}
	return columns, nil
}

// Reason tells a fault in the platform's words.
func (c *Column) Reason(f Fault) string {
	switch f {
	case OK:
		return ""
	case Missing:
		return fmt.Sprintf("should have required property '%s'", c.Name)
	case WrongForm:
		return fmt.Sprintf(`.%s should match format "%s"`, c.Name, c.format())
	case TooLarge:
		switch c.Type {
		case dataset.Integer:
			return fmt.Sprintf(".%s should be integer of at most 64 bits", c.Name)
		case dataset.Decimal:
			return fmt.Sprintf(".%s should be %s", c.Name, c.TypeName())
		default:
		}
		return fmt.Sprintf(".%s should be number of at most 1.8e308", c.Name)
	case TooLong:
		return fmt.Sprintf(".%s should NOT be longer than %d bytes, for it is part of the index", c.Name, c.maxBytes)
	default:
		if c.Type == dataset.Date || c.Type == dataset.DateTime {
			return fmt.Sprintf(`.%s should match format "%s"`, c.Name, c.format())
		}
		return fmt.Sprintf(".%s should be %s", c.Name, c.Type)
	}
}

func (c *Column) format() string {
	if c.Format != "" {
		return c.Format
	}
	return string(c.Type)
}

// AppendNull adds a null that stands in the data.
func (c *Column) AppendNull(v *dataset.Vector) Fault {
	if !c.AllowNull {
		return WrongType
	}
	v.AppendNull()
	return OK
}

// AppendMissing adds a null for a property that is not there.
func (c *Column) AppendMissing(v *dataset.Vector) Fault {
	if c.Required {
		return Missing
	}
	v.AppendNull()
	return OK
}

func (c *Column) appendBytes(v *dataset.Vector, b []byte) Fault {
	if c.maxBytes > 0 && len(b) > c.maxBytes {
		return TooLong
	}
	v.AppendBytes(b)
	return OK
}
