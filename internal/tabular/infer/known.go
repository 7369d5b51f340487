package infer

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// EvidenceOf returns evidence for values of a type that weren't counted: those of
// a typed file, or rows stored before evidence was. It assumes the values that
// are hardest to store exactly.
func EvidenceOf(c dataset.Column) Evidence {
	e := Evidence{Values: 1}
	switch c.Type {
	case dataset.Integer:
		e.Dead = dateBits | booleanBit
		e.Whole = numbers{Inexact: true, Before: integerDigits}
	case dataset.Number:
		e.Dead = dateBits | booleanBit | commaBits | pointGroupBit
		e.Pointed = numbers{Fractional: true, Backed: true, Before: dataset.MaxPrecision + 1}
	case dataset.Decimal:
		e.Dead = dateBits | booleanBit | commaBits | pointGroupBit
		e.Pointed = numbers{
			Fractional: c.Scale > 0, Wide: c.Scale == 0, Inexact: true, Backed: c.Scale > 0,
			Before: c.Precision - c.Scale, After: c.Scale,
		}
	case dataset.Boolean:
		e.Dead = allDead &^ booleanBit
	case dataset.Date, dataset.DateTime:
		e.Dead = allDead &^ momentBits(c)
	case dataset.Object:
		e.Kinds[cell.JSONObject] = 1
	case dataset.Array:
		e.Kinds[cell.JSONArray] = 1
	case dataset.Any:
		e.Kinds[cell.JSONObject], e.Kinds[cell.JSONArray] = 1, 1
	default:
		e.Dead = allDead
	}
	return e
}

// integerDigits is the maximum number of digits of a 64-bit integer.
const integerDigits = 19

// momentBits returns the candidates that read a column's dates. A plain date is
// the midnight of a plain date-time, too.
func momentBits(c dataset.Column) uint64 {
	var bits uint64
	for i := firstDate; i < len(candidates); i++ {
		same := candidates[i].format == c.Format
		if same && (candidates[i].typ == c.Type || c.Format == "" && candidates[i].typ == dataset.DateTime) {
			bits |= 1 << i
		}
	}
	return bits
}

// mergeKnown prepares the merge of evidence if one part is from a typed file:
// two known types become the one that accepts both, and a known type combined
// with texts becomes evidence like theirs.
func (e *Evidence) mergeKnown(later **Evidence) {
	a, b := e.Known, (*later).Known
	switch {
	case a.Type == b.Type && a.Scale == b.Scale && a.Precision == b.Precision:
	case a.Type != "" && b.Type != "":
		e.Known = takesBoth(a, b)
	case a.Type != "" && (*later).Values > 0:
		e.forgetKnown()
	case b.Type != "" && e.Values > 0:
		converted := **later
		converted.forgetKnown()
		*later = &converted
	}
}

// forgetKnown converts a known type to evidence like that of texts.
func (e *Evidence) forgetKnown() {
	made := EvidenceOf(e.Known)
	made.Values, made.Empty, made.Nulls, made.Markers = e.Values, e.Empty, e.Nulls, e.Markers
	*e = made
}

// takesBoth returns the first type that stores the values of both types exactly.
func takesBoth(a, b dataset.Column) dataset.Column {
	one, two := EvidenceOf(a), EvidenceOf(b)
	one.Merge(&two)
	g := one.Guess()
	return dataset.Column{Type: g.Type, Precision: g.Precision, Scale: g.Scale, Format: g.Format}
}
