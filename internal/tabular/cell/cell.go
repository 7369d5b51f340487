// Package cell converts the values of text and JSON files to the typed values of
// a column, and describes in the platform's words why a value doesn't fit.
//
// What a type accepts:
//
//	string     any text; an empty CSV field is the empty string, never null
//	           in the format base64 only padded base64 of the standard alphabet
//	integer    a whole number of 64 bits; JSON's 5.0 and 1e3 too
//	decimal    a number; digits beyond the scale must be 0; in JSON a string of one too
//	number     digits, point and exponent; no NaN, no infinity
//	boolean    true and false in any case; in text also 1 0, t f, yes no and y n
//	date       by the column's format, else YYYY-MM-DD; see [ParseLayout]
//	date-time  by the column's format, else RFC 3339; without a zone it is UTC
//	object, array, any   JSON
//
// Numbers of a text file may have a [NumberFormat]. An empty CSV field and a
// null marker, see [IsMarker], are null for every type but string, where only
// \N is. Blanks around a value only matter in strings.
//
// A column that was guessed can be read strictly; see [Column.Strict].
package cell

import (
	"fmt"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
)

// Base64 is the format of a string of bytes.
const Base64 = "base64"

// MaxIndexBytes is the longest text that may be a part of an index.
const MaxIndexBytes = 1500

// Column is a column prepared for casting. It is safe for concurrent use.
type Column struct {
	dataset.Column
	layout   *Layout       // of dates and moments
	number   *NumberFormat // of numbers in text files
	plain    bool          // whether it is an integer or a number in the plain format
	key      bool          // whether it is a part of a declared unique index
	maxBytes int           // of a text; 0 means no limit but the record's
	settings Settings
	// Strict makes the column accept only what a guess accepts: no leading
	// zero, no plus sign, no number that loses a digit, no 1 for true. So a
	// text that would have changed the guess is never accepted just because it
	// came late.
	Strict bool
	// Text makes a string column accept every JSON value as text. It is set for
	// guessed string columns that have rows, because they can't widen any more
	// and must reject nothing.
	Text bool
	// Fixed makes a strict column keep its type: values that don't fit it leave no
	// evidence.
	Fixed bool
	// Constant is the value if a file or a record doesn't have the column; nil:
	// null.
	Constant *Constant
}

// Fault is the reason why a value was not accepted. The zero value means that it
// was.
type Fault uint8

// The faults.
const (
	OK        Fault = iota
	Missing         // the property is required and missing
	WrongType       // the value is of another type
	WrongForm       // the text does not match the column's date format
	TooLarge        // a number that is outside the range of the type
	TooLong         // an index's text over MaxIndexBytes
	Null            // null where it is not allowed
	NoKey           // null in a part of a declared unique index
)

// Compile prepares a column. It fails on an unknown format.
func Compile(c dataset.Column, indexed bool) (Column, error) {
	column := Column{Column: c}
	if indexed {
		column.maxBytes = MaxIndexBytes
	}
	var err error
	switch c.Type {
	case dataset.Date, dataset.DateTime:
		column.layout, err = ParseLayout(c.Type, c.Format)
	case dataset.Integer, dataset.Decimal, dataset.Number:
		column.number, err = ParseNumberFormat(c.Format)
		column.plain = err == nil && column.number.isPlain() && c.Type != dataset.Decimal
	case dataset.String:
		if c.Format != "" && c.Format != Base64 {
			err = problem.New(problem.Invalid, "Unknown format %q of a string.", c.Format).
				WithHint("Use base64, or no format.")
		}
	default:
	}
	if err != nil {
		return Column{}, fmt.Errorf("column %q: %w", c.Name, err)
	}
	return column, nil
}

// CompileAll prepares all columns of a schema with the default settings.
func CompileAll(s dataset.Schema) ([]Column, error) { return CompileWith(s, Settings{}) }

// CompileWith prepares all columns of a schema for a file.
func CompileWith(s dataset.Schema, settings Settings) ([]Column, error) {
	columns := make([]Column, 0, len(s.Columns))
	for _, c := range s.Columns {
		indexed := !s.Index.Guessed && (c.Name == s.Index.Key || c.Name == s.Index.Subkey)
		column, err := Compile(c, indexed)
		if err != nil {
			return nil, err
		}
		column.apply(settings)
		column.key = s.Index.Unique && (indexed || !s.Index.Guessed && c.Name == s.Index.Date)
		columns = append(columns, column)
	}
	return columns, nil
}

// Reason describes a fault in the platform's words.
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
	case NoKey:
		return fmt.Sprintf(".%s should NOT be null, for it is part of the unique index", c.Name)
	default:
		if c.Type == dataset.Date || c.Type == dataset.DateTime {
			return fmt.Sprintf(`.%s should match format "%s"`, c.Name, c.format())
		}
		return fmt.Sprintf(".%s should be %s", c.Name, c.TypeName())
	}
}

// Code returns the reject code of a fault; it is empty for OK.
func (f Fault) Code() dataset.RejectCode {
	return [...]dataset.RejectCode{
		OK: "", Missing: dataset.MissingRequired, WrongType: dataset.WrongType, WrongForm: dataset.WrongFormat,
		TooLarge: dataset.OutOfRange, TooLong: dataset.TooLong, Null: dataset.NullNotAllowed, NoKey: dataset.KeyMissing,
	}[f]
}

func (c *Column) format() string {
	if c.Type == dataset.String {
		return Base64
	}
	if c.Format != "" {
		return c.Format
	}
	if c.number != nil {
		return c.number.Example
	}
	return string(c.Type)
}

// AppendNull appends a null from the data.
func (c *Column) AppendNull(v *dataset.Vector) Fault {
	switch {
	case c.key:
		return NoKey
	case !c.AllowNull:
		return Null
	}
	v.AppendNull()
	return OK
}

// AppendMissing appends the constant, or a null, for a missing property.
func (c *Column) AppendMissing(v *dataset.Vector) Fault {
	if c.Constant != nil {
		return c.Constant.append(c, v)
	}
	if c.Required {
		return Missing
	}
	if c.key {
		return NoKey
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
