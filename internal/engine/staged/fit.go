package staged

import (
	"slices"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/engine"
	"github.com/windlass-io/windlass/internal/problem"
)

// CheckSpec validates the specification of a load.
func CheckSpec(spec *engine.LoadSpec) error {
	if spec.Duplicates != engine.Ignore && spec.Duplicates != engine.Replace {
		return problem.New(problem.Invalid, "Duplicates can be %q or %q, not %q.", engine.Ignore, engine.Replace,
			spec.Duplicates)
	}
	if n := len(spec.Schema.Columns); n == 0 || n > dataset.MaxColumns {
		return problem.New(problem.Invalid, "A dataset must have 1 to %d columns, not %d.", dataset.MaxColumns, n)
	}
	for i := range spec.Schema.Columns {
		c := &spec.Schema.Columns[i]
		if !storable(c.Type) || !utf8.ValidString(c.Name) {
			return problem.New(problem.Invalid, "Column %q has the type %q, which can't be stored.", c.Name, c.Type)
		}
	}
	return nil
}

func storable(t dataset.Type) bool {
	switch t {
	case dataset.String, dataset.Integer, dataset.Decimal, dataset.Number, dataset.Boolean, dataset.Date,
		dataset.DateTime,
		dataset.Object, dataset.Array, dataset.Any:
		return true
	default:
		return false
	}
}

// Fit returns a dataset's columns extended for a load: it appends new columns, and widens types
// if the load needs it. If a column can't be widened, the error is a problem with code
// conflict. A column in noValues can get any type, and its texts become null.
func Fit(have, wanted []dataset.Column, noValues []string) ([]dataset.Column, error) {
	fitted := slices.Clone(have)
	places := make(map[string]int, len(have))
	for i, c := range have {
		places[c.Name] = i
	}
	seen := make(map[string]bool, len(wanted))
	for _, c := range wanted {
		if seen[c.Name] {
			return nil, problem.New(problem.Invalid, "The schema has column %q twice.", c.Name)
		}
		seen[c.Name] = true
		at, known := places[c.Name]
		if !known {
			fitted = append(fitted, dataset.Column{Name: c.Name, Type: c.Type, Precision: c.Precision, Scale: c.Scale})
			continue
		}
		wide, ok := widen(fitted[at], c)
		if !ok && slices.Contains(noValues, c.Name) {
			wide, ok = dataset.Column{Name: c.Name, Type: c.Type, Precision: c.Precision, Scale: c.Scale}, true
		}
		if !ok {
			return nil, problem.New(problem.Conflict, "Column %q holds %s values; %s values can't be added to it.",
				c.Name, fitted[at].Type, c.Type).WithHint(
				"Restore the column's old type, or load into a new dataset.")
		}
		fitted[at] = wide
	}
	return fitted, nil
}

// integerDigits is the maximum number of digits of a 64-bit integer.
const integerDigits = 19

// widen returns a column that can store the values of both columns unchanged.
func widen(have, want dataset.Column) (dataset.Column, bool) {
	switch {
	case want.Type == dataset.String && !isText(have.Type):
		return dataset.Column{Name: have.Name, Type: dataset.String}, true
	case have.Type == dataset.Decimal && want.Type == dataset.Number:
		return dataset.Column{Name: have.Name, Type: dataset.Number}, true
	case have.Type == dataset.Number && want.Type == dataset.Decimal:
		return dataset.Column{
			Name: have.Name, Type: want.Type, Precision: want.Precision, Scale: want.Scale,
		}, true
	case want.Type == dataset.Any && have.Type != dataset.String:
		return dataset.Column{Name: have.Name, Type: dataset.Any}, true
	case have.Type == dataset.Decimal || want.Type == dataset.Decimal:
		return widenDecimal(have, want)
	case have.Type == want.Type, isText(have.Type) && isText(want.Type), have.Type == dataset.Number &&
		want.Type == dataset.Integer:
		return have, true
	case have.Type == dataset.Integer && want.Type == dataset.Number,
		have.Type == dataset.Date && want.Type == dataset.DateTime:
		have.Type = want.Type
		return have, true
	default:
		return have, false
	}
}

// widenDecimal widens two columns: one is a decimal, and the other a decimal or
// an integer.
func widenDecimal(have, want dataset.Column) (dataset.Column, bool) {
	digits := func(c dataset.Column) (whole, fractional int, ok bool) {
		if c.Type == dataset.Integer {
			return integerDigits, 0, true
		}
		return c.Precision - c.Scale, c.Scale, c.Type == dataset.Decimal
	}
	a, b, known := digits(have)
	c, d, ok := digits(want)
	have.Type, have.Scale = dataset.Decimal, max(b, d)
	have.Precision = max(a, c) + have.Scale
	return have, known && ok && have.Precision <= dataset.MaxPrecision
}

func isText(t dataset.Type) bool {
	return t == dataset.String || t == dataset.Object || t == dataset.Array || t == dataset.Any
}
