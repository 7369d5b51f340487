package alter

import (
	"bytes"
	"errors"
	"math"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/rowtext"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// conversion appends value i of a vector, which isn't null, to another one. It
// reports whether the value lost something. If there is a fault, it appends
// nothing.
type conversion func(out, in *dataset.Vector, i int) (rounds bool, fault cell.Fault)

var (
	errNoConversion = errors.New("there is no conversion")
	errNeedsEpoch   = errors.New("the conversion needs an epoch format")
)

// newConversion returns the conversion of values from one column to another,
// or nil if they don't change.
func newConversion(before, after dataset.Column, indexed bool) (conversion, error) {
	target, err := cell.Compile(after, indexed)
	if err != nil {
		return nil, err
	}
	same := before.Type == after.Type && before.Precision == after.Precision && before.Scale == after.Scale
	isBase64 := after.Type == dataset.String && after.Format == cell.Base64 && before.Format != cell.Base64
	if same && !isBase64 && (!indexed || after.Type != dataset.String) {
		return nil, nil //nolint:nilnil // as they are
	}
	c := converter{before: before, after: after, target: target}
	switch before.Type {
	case dataset.String:
		return c.fromString()
	case dataset.Integer, dataset.Decimal, dataset.Number:
		return c.fromNumber()
	case dataset.Boolean:
		return c.fromBoolean()
	case dataset.Date, dataset.DateTime:
		return c.fromMoment()
	case dataset.Object, dataset.Array, dataset.Any:
		return c.fromJSON()
	}
	return nil, errNoConversion
}

// converter converts the values of one column.
type converter struct {
	before, after dataset.Column
	target        cell.Column
	text          []byte // reused
}

func (c *converter) fromString() (conversion, error) {
	switch c.after.Type {
	case dataset.Number:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			text := in.BytesAt(i)
			fault := c.target.AppendText(out, text)
			if fault != cell.OK || out.Nulls[len(out.Nulls)-1] {
				return false, fault
			}
			n, ok := dataset.ScanNumeral(bytes.TrimSpace(text))
			return ok && !cell.IsExactDouble(bytes.TrimSpace(text), n), cell.OK
		}, nil
	case dataset.String:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			return false, c.target.AppendJSON(out, cell.JSONString, nil, in.BytesAt(i))
		}, nil
	case dataset.Any:
		return c.textToAny, nil
	default:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			return false, c.target.AppendText(out, in.BytesAt(i))
		}, nil
	}
}

// textToAny converts a text that is JSON to its value, and others to a string.
func (c *converter) textToAny(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	text := in.BytesAt(i)
	if kind, content, ok := cell.ScanJSON(bytes.TrimSpace(text)); ok {
		return false, c.target.AppendJSON(out, kind, bytes.TrimSpace(text), content)
	}
	return false, c.target.AppendJSON(out, cell.JSONString, rowtext.AppendString(nil, text), text)
}

// asText converts a value via its canonical text.
func (c *converter) asText(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	c.text = c.appendText(c.text[:0], in, i)
	switch c.after.Type {
	case dataset.String:
		return false, c.target.AppendJSON(out, cell.JSONString, nil, c.text)
	case dataset.Any:
		kind := cell.JSONNumber
		switch c.before.Type {
		case dataset.Boolean:
			kind = cell.JSONBoolean
		case dataset.Date, dataset.DateTime:
			kind, c.text = cell.JSONString, rowtext.AppendString(nil, c.text)
		default:
		}
		return false, c.target.AppendJSON(out, kind, c.text, nil)
	default:
		return false, c.target.AppendText(out, c.text)
	}
}

// appendText appends the canonical text of a value: for a decimal, without
// trailing zeros.
func (c *converter) appendText(b []byte, in *dataset.Vector, i int) []byte {
	before := len(b)
	b = rowtext.AppendText(b, in, i)
	if c.before.Type == dataset.Decimal && bytes.IndexByte(b[before:], '.') >= 0 {
		b = bytes.TrimSuffix(bytes.TrimRight(b, "0"), []byte("."))
	}
	return b
}

func (c *converter) fromNumber() (conversion, error) {
	isEpoch := c.after.Format == cell.EpochSeconds || c.after.Format == cell.EpochMilliseconds
	switch c.after.Type {
	case dataset.String, dataset.Any:
		return c.asText, nil
	case dataset.Decimal:
		return c.toDecimal, nil
	case dataset.Integer:
		return c.toInteger, nil
	case dataset.Number:
		return c.toNumber, nil
	case dataset.Boolean:
		if c.before.Type == dataset.Integer {
			return integerToBoolean, nil
		}
	case dataset.DateTime, dataset.Date:
		switch {
		case c.after.Type == dataset.Date && c.before.Type != dataset.Integer:
		case !isEpoch:
			return nil, errNeedsEpoch
		default:
			return c.fromEpoch, nil
		}
	default:
	}
	return nil, errNoConversion
}

func integerToBoolean(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	if x := in.Ints[i]; x != 0 && x != 1 {
		return false, cell.WrongType
	}
	out.AppendInt(in.Ints[i])
	return false, cell.OK
}

// plain returns a number without an exponent and without the column's format.
func (c *converter) plain(in *dataset.Vector, i int) []byte {
	c.text = c.appendText(c.text[:0], in, i)
	return c.text
}

func (c *converter) toDecimal(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	x, err := dataset.ParseDecimal(c.plain(in, i), c.after.Precision, c.after.Scale)
	if err != nil {
		return false, cell.TooLarge
	}
	out.AppendWide(x)
	return false, cell.OK
}

// toInteger converts whole numbers.
func (c *converter) toInteger(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	wide, err := dataset.ParseDecimal(c.plain(in, i), dataset.MaxPrecision, 0)
	if err != nil {
		if errors.Is(err, dataset.ErrDecimalRange) && c.before.Type == dataset.Number &&
			math.Abs(in.Floats[i]) >= 1<<63 {
			return false, cell.TooLarge
		}
		return false, cell.WrongType
	}
	x, ok := wide.Int64()
	if !ok {
		return false, cell.TooLarge
	}
	out.AppendInt(x)
	return false, cell.OK
}

// toNumber converts to doubles, which may lose digits.
func (c *converter) toNumber(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	text := c.plain(in, i)
	x, ok := cell.ParseNumber(text)
	if !ok {
		return false, cell.TooLarge
	}
	out.AppendFloat(x)
	if c.before.Type == dataset.Integer { // not every integer over 2^53 loses digits
		return !isWholeDouble(x, in.Ints[i]), cell.OK
	}
	n, scanned := dataset.ScanNumeral(text)
	return scanned && !cell.IsExactDouble(text, n), cell.OK
}

// isWholeDouble reports whether a double is equal to an integer.
func isWholeDouble(x float64, want int64) bool {
	return x < 1<<63 && x >= -1<<63 && int64(x) == want
}

// fromEpoch converts a number of seconds or milliseconds since 1970.
func (c *converter) fromEpoch(out, in *dataset.Vector, i int) (bool, cell.Fault) {
	text := c.plain(in, i)
	if fault := c.target.AppendText(out, text); fault != cell.OK {
		return false, fault
	}
	if c.after.Type != dataset.Date {
		return false, cell.OK
	}
	day := int64(86_400)
	if c.after.Format == cell.EpochMilliseconds {
		day *= 1000
	}
	return in.Ints[i]%day != 0, cell.OK
}

func (c *converter) fromBoolean() (conversion, error) {
	switch c.after.Type {
	case dataset.String, dataset.Any:
		return c.asText, nil
	case dataset.Integer:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			out.AppendInt(in.Ints[i] & 1)
			return false, cell.OK
		}, nil
	case dataset.Number:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			out.AppendFloat(float64(in.Ints[i] & 1))
			return false, cell.OK
		}, nil
	case dataset.Decimal:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			x, ok := dataset.Rescale(dataset.NewInt128(in.Ints[i]&1), 0, c.after.Scale)
			if !ok || !dataset.DecimalFits(x, c.after.Precision) {
				return false, cell.TooLarge
			}
			out.AppendWide(x)
			return false, cell.OK
		}, nil
	default:
		return nil, errNoConversion
	}
}

const dayMicros = 86_400_000_000

func (c *converter) fromMoment() (conversion, error) {
	switch {
	case c.after.Type == dataset.String, c.after.Type == dataset.Any:
		return c.asText, nil
	case c.before.Type == dataset.Date && c.after.Type == dataset.DateTime:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			out.AppendInt(in.Ints[i] * dayMicros)
			return false, cell.OK
		}, nil
	case c.before.Type == dataset.DateTime && c.after.Type == dataset.Date:
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			at := in.Ints[i]
			rest := (at%dayMicros + dayMicros) % dayMicros
			out.AppendInt((at - rest) / dayMicros)
			return rest != 0, cell.OK
		}, nil
	default:
		return nil, errNoConversion
	}
}

// fromJSON converts JSON texts of the kinds that the type accepts. Others are
// faults.
func (c *converter) fromJSON() (conversion, error) {
	if c.after.Type == dataset.String {
		return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
			return false, c.target.AppendJSON(out, cell.JSONString, nil, in.BytesAt(i))
		}, nil
	}
	if c.before.Type != dataset.Any && c.after.Type != dataset.Any {
		return nil, errNoConversion
	}
	return func(out, in *dataset.Vector, i int) (bool, cell.Fault) {
		raw := in.BytesAt(i)
		kind, text, ok := cell.ScanJSON(raw)
		if !ok || !c.takes(kind) {
			return false, cell.WrongType
		}
		fault := c.target.AppendJSON(out, kind, raw, text)
		if fault != cell.OK || c.after.Type != dataset.Number {
			return false, fault
		}
		n, scanned := dataset.ScanNumeral(raw)
		return scanned && !cell.IsExactDouble(raw, n), cell.OK
	}, nil
}

// takes reports whether values of a kind of JSON convert to the type.
func (c *converter) takes(kind cell.JSONKind) bool {
	switch c.after.Type {
	case dataset.Integer, dataset.Decimal, dataset.Number:
		return kind == cell.JSONNumber
	case dataset.Boolean:
		return kind == cell.JSONBoolean
	case dataset.Date, dataset.DateTime:
		return kind == cell.JSONString
	case dataset.Object:
		return kind == cell.JSONObject
	case dataset.Array:
		return kind == cell.JSONArray
	default:
		return true
	}
}
