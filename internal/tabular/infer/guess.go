package infer

import (
	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Why is the code of the reason for a guess.
type Why string

// The reasons. All but AllFit and the last two are about the first text that
// no type took.
const (
	AllFit             Why = "all_fit"
	LeadingZero        Why = "leading_zero"
	PlusSign           Why = "plus_sign"
	ExponentAmbiguous  Why = "exponent_ambiguous"
	DigitsOver38       Why = "digits_over_38"
	SeparatorAmbiguous Why = "separator_ambiguous"
	DateAmbiguous      Why = "date_ambiguous"
	Submicrosecond     Why = "submicrosecond"
	Text               Why = "text"  // it can't be parsed as another type
	Mixed              Why = "mixed" // it has another type than the texts before it
	NoValues           Why = "no_values"
	OnlyMarkers        Why = "only_markers"
)

// Guess is the type that evidence supports.
type Guess struct {
	Type      dataset.Type
	Precision int
	Scale     int
	Format    string
	Why       Why
	Witness   *Witness // the text that Why is about, or nil
	Nulls     int64    // how many values are null with this type
}

// Final reports whether later values cannot change the type.
func (g *Guess) Final() bool {
	return (g.Type == dataset.String || g.Type == dataset.Any) && g.Why != NoValues && g.Why != OnlyMarkers
}

// Widen returns a column with the type that the evidence supports now. A
// declared column never changes, and neither does a string or any with rows
// that were committed, unless it had no values.
func (e *Evidence) Widen(c dataset.Column, committed bool) dataset.Column {
	g := e.Guess()
	isFinal := (c.Type == dataset.String || c.Type == dataset.Any) && committed && g.Why != NoValues &&
		g.Why != OnlyMarkers
	if c.Declared || isFinal {
		return c
	}
	c.Type, c.Precision, c.Scale, c.Format = g.Type, g.Precision, g.Scale, g.Format
	return c
}

// Guess returns the type that stores every value exactly.
func (e *Evidence) Guess() Guess {
	switch {
	case e.Known.Type != "":
		return Guess{
			Type: e.Known.Type, Precision: e.Known.Precision, Scale: e.Known.Scale, Format: e.Known.Format,
			Why: AllFit, Nulls: e.Nulls + e.Empty,
		}
	case e.isJSON():
		return e.guessJSON()
	}
	return e.guessText()
}

func (e *Evidence) isJSON() bool { return e.Kinds != [6]int64{} }

func (e *Evidence) guessText() Guess {
	switch {
	case e.Values == 0 && e.Markers+e.Nulls > 0:
		return Guess{Type: dataset.String, Why: OnlyMarkers, Nulls: e.Nulls}
	case e.Values == 0:
		return Guess{Type: dataset.String, Why: NoValues}
	}
	g := e.guessTyped()
	g.Nulls = e.Nulls
	if g.Type == "" {
		g.Type = dataset.String
	} else {
		g.Nulls += e.Markers + e.Empty
	}
	return g
}

func (e *Evidence) guessJSON() Guess {
	kind, several := cell.JSONNull, false
	for k, n := range e.Kinds {
		if cell.JSONKind(k) != cell.JSONNull && n > 0 {
			several = several || kind != cell.JSONNull
			kind = cell.JSONKind(k)
		}
	}
	g := Guess{Type: dataset.Any, Why: AllFit}
	switch {
	case several:
		g.Why = Mixed
	case kind == cell.JSONNull:
		g.Why = NoValues
	case kind == cell.JSONBoolean:
		g.Type = dataset.Boolean
	case kind == cell.JSONObject:
		g.Type = dataset.Object
	case kind == cell.JSONArray:
		g.Type = dataset.Array
	default:
		if g = e.guessTyped(); g.Type == "" {
			g.Type = dataset.Any
			if kind == cell.JSONString {
				g.Type = dataset.String
			}
		}
	}
	g.Nulls = e.Nulls
	return g
}

// guessTyped returns the first candidate that accepts every text. If none
// does, the type is empty and the reason is set.
func (e *Evidence) guessTyped() Guess {
	if e.Dead&booleanBit == 0 {
		return Guess{Type: dataset.Boolean, Why: AllFit}
	}
	failed := Guess{}
	for i := range cell.NumberFormats {
		if e.Dead&(plainBit<<i) != 0 {
			continue
		}
		g := e.guessNumber(i)
		if g.Type != "" {
			return g
		}
		if g.Why != "" {
			failed = g
		}
		break
	}
	for i := firstDate; i < len(candidates); i++ {
		if e.Dead&(1<<i) == 0 {
			return e.guessDate(i)
		}
	}
	if failed.Why == "" {
		failed.Why, failed.Witness = Text, e.Failed
		if e.Failed != nil {
			failed.Why = e.Failed.Why
		}
	}
	return failed
}

// guessNumber returns the type of the numbers of a format. It is empty for
// numbers that no type accepts, and, with a reason, for numbers that can be
// parsed in two ways.
func (e *Evidence) guessNumber(format int) Guess {
	numbers := e.numbersOf(format)
	kind := numbers.kind()
	if kind.Type == "" {
		return Guess{}
	}
	if e.Exponent != nil && !numbers.Backed {
		return Guess{Why: ExponentAmbiguous, Witness: e.Exponent}
	}
	for j := format + 1; j < formats && format > 0; j++ {
		if e.Dead&(plainBit<<j) == 0 && e.Differ&pairBit(format, j) != 0 {
			return Guess{Why: SeparatorAmbiguous, Witness: e.Separator}
		}
	}
	return Guess{
		Type: kind.Type, Precision: kind.Precision, Scale: kind.Scale, Format: candidates[1+format].format,
		Why: AllFit,
	}
}

// guessDate returns the type of a format of dates. Where day and month may
// change places the column is a string: half of the dates would be wrong.
func (e *Evidence) guessDate(i int) Guess {
	if mirror, ok := mirrors[candidates[i].format]; ok {
		for j := i + 1; j < len(candidates); j++ {
			if candidates[j].format == mirror && e.Dead&(1<<j) == 0 {
				return Guess{Why: DateAmbiguous, Witness: e.First}
			}
		}
	}
	return Guess{Type: candidates[i].typ, Format: candidates[i].format, Why: AllFit}
}

// viable reports whether a candidate accepts all texts, even if it is one of
// two that differ.
func (e *Evidence) viable() bool {
	if e.Dead&(dateBits|booleanBit) != dateBits|booleanBit {
		return true
	}
	for i := range cell.NumberFormats {
		if e.Dead&(plainBit<<i) == 0 && e.numbersOf(i).kind().Type != "" {
			return true
		}
	}
	return false
}

// whyFailed explains a text after which no candidate is left. before is
// e.Dead before the text.
func (e *Evidence) whyFailed(text []byte, before uint64) Why {
	switch {
	case before&numberBits != numberBits && e.Dead&numberBits != numberBits:
		return DigitsOver38 // a number like those before, with which the digits are too many
	case e.Kinds[cell.JSONNumber] > 0 && e.Kinds[cell.JSONString] > 0:
		return Mixed
	}
	var alone Evidence
	if e.isJSON() {
		alone.Dead = numberBits | booleanBit
	}
	alone.narrowNumbers(text, true)
	alone.narrowOthers(text)
	switch {
	case alone.viable():
		return Mixed
	case alone.Dead&numberBits != numberBits:
		return DigitsOver38
	case alone.Dead&(numberBits|booleanBit) == numberBits|booleanBit && e.isJSON():
		return whyNoDate(text)
	}
	return whyNothing(text)
}

// whyNothing explains a text that can't be parsed as any other type.
func whyNothing(text []byte) Why {
	for i := range cell.NumberFormats {
		plain, ok := cell.NumberFormats[i].AppendPlain(nil, text)
		if !ok {
			continue
		}
		if _, ok = dataset.ScanNumeral(plain); !ok {
			continue
		}
		if cell.HasPlus(plain) {
			return PlusSign
		}
		return LeadingZero
	}
	return whyNoDate(text)
}

func whyNoDate(text []byte) Why {
	for _, layout := range layouts {
		if layout == nil {
			continue
		}
		if _, exact, ok := layout.ParseExact(text); ok && !exact {
			return Submicrosecond
		}
	}
	return Text
}
