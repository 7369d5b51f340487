package infer

import (
	"bytes"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Evidence has everything that is known from the values of one column. It only grows, and
// [Evidence.Guess] depends only on it: the order of values, rows and objects
// doesn't change the type. The zero value is ready to use. It can be stored
// as JSON and continued by a later load.
type Evidence struct {
	Values  int64            `json:"values"`            // that are neither empty, null nor a marker
	Empty   int64            `json:"empty,omitempty"`   // empty fields
	Nulls   int64            `json:"nulls,omitempty"`   // nulls of JSON and of typed files, and \N
	Markers int64            `json:"markers,omitempty"` // other null markers
	Kinds   [6]int64         `json:"kinds,omitzero"`    // of JSON values, by cell.JSONKind
	Dead    uint64           `json:"dead,omitempty"`    // bit i: a text was not of candidates[i]
	Numbers [formats]numbers `json:"numbers,omitzero"`
	Whole   numbers          `json:"whole,omitzero"`   // texts that all formats parse alike: digits
	Pointed numbers          `json:"pointed,omitzero"` // and that all formats with a point do: digits and a point
	// Differ has a bit for each pair of number formats that parse a text as
	// different numbers.
	Differ uint64 `json:"differ,omitempty"`

	First     *Witness `json:"first,omitempty"`     // the first text
	Failed    *Witness `json:"failed,omitempty"`    // the first text that left no candidate
	Exponent  *Witness `json:"exponent,omitempty"`  // the first like 12E3
	Separator *Witness `json:"separator,omitempty"` // the first that formats read differently

	// Known is the type that a typed file declares for the column.
	Known dataset.Column `json:"known,omitzero"`

	line int64 // of the value that is being added
}

// Witness is a text that decided the guess, and its place.
type Witness struct {
	Text   string `json:"text"`
	Why    Why    `json:"why,omitempty"`
	Object string `json:"object,omitempty"`
	Line   int64  `json:"line,omitempty"`
}

// numbers is the evidence from the numbers of one format.
type numbers struct {
	Fractional bool `json:"f,omitempty"` // not all are whole
	Wide       bool `json:"w,omitempty"` // a whole one is beyond int64
	Inexact    bool `json:"i,omitempty"` // one isn't a double whose shortest text has its value
	Backed     bool `json:"b,omitempty"` // one has a point or a signed exponent
	Before     int  `json:"p,omitempty"` // most digits before the point
	After      int  `json:"s,omitempty"` // most digits after it
}

// maxWitness limits the bytes of a text in a witness.
const maxWitness = 200

func (e *Evidence) witness(text []byte, why Why) *Witness {
	if len(text) > maxWitness {
		end := maxWitness
		for end > maxWitness-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return &Witness{Text: string(bytes.ToValidUTF8(text, []byte("\uFFFD"))), Why: why, Line: e.line}
}

// Text adds a field of delimited text. line is the number of its line.
func (e *Evidence) Text(text []byte, line int64) { e.TextOf(&cell.Settings{}, text, line) }

// TextOf is like [Evidence.Text] for a file with these settings.
func (e *Evidence) TextOf(s *cell.Settings, text []byte, line int64) {
	e.line = line
	text = bytes.TrimSpace(text)
	switch {
	case len(text) == 0 && !s.IsNullMarker(text):
		e.Empty++
	case s.IsNullMarker(text):
		e.Nulls++
	case s.IsMarker(text):
		e.Markers++
	default:
		e.Dead |= otherNumbers(s.Number)
		e.add(text, false, e.Dead)
	}
}

// JSON adds a value of JSON: its kind, its text, and for a string its content.
// line is the number of its record.
func (e *Evidence) JSON(kind cell.JSONKind, raw, text []byte, line int64) {
	e.line = line
	e.Kinds[kind]++
	dead := e.Dead
	switch kind {
	case cell.JSONNull:
		e.Nulls++
	case cell.JSONNumber:
		e.Dead |= ^plainBit
		e.add(raw, true, dead)
	case cell.JSONString:
		e.Dead |= numberBits | booleanBit
		e.add(bytes.TrimSpace(text), true, dead)
	default:
		e.Values++
	}
}

// Word adds a text of a typed file, which stays text whatever it looks like. line is
// the number of its row.
func (e *Evidence) Word(text []byte, line int64) {
	e.line = line
	e.Kinds[cell.JSONString]++
	e.Values++
	e.Dead |= allDead
	if e.First == nil {
		e.First = e.witness(text, "")
	}
	if e.Failed == nil {
		e.Failed = e.witness(text, Text)
	}
}

// add removes the candidates that don't accept the text. dead is e.Dead before
// the value.
func (e *Evidence) add(text []byte, json bool, dead uint64) {
	e.Values++
	if e.Failed != nil && e.Dead&allDead == allDead {
		return
	}
	if e.First == nil {
		e.First = e.witness(text, "")
	} else if e.Dead == dead && e.isSettledNumber(text) {
		return
	}
	before := e.Dead
	grew := e.narrowNumbers(text, json)
	e.narrowOthers(text)
	if e.Dead == dead && !grew {
		return // as viable as before
	}
	switch {
	case e.viable():
		e.Failed = nil
	case e.Failed == nil:
		e.Failed = e.witness(text, e.whyFailed(text, before))
	}
}

// narrowOthers removes booleans and the date formats that don't accept the
// text.
func (e *Evidence) narrowOthers(text []byte) {
	if e.Dead&booleanBit == 0 && !isBoolean(text) {
		e.Dead |= booleanBit
	}
	if e.Dead&dateBits == dateBits {
		return
	}
	if !mayBeDate(text) {
		e.Dead |= dateBits
		return
	}
	for i := firstDate; i < len(candidates); i++ {
		if bit := uint64(1) << i; e.Dead&bit == 0 && !isMoment(i, text) {
			e.Dead |= bit
		}
	}
}

// mayBeDate reports whether a text has the length of a date or date-time, and
// a character that no number has there.
func mayBeDate(text []byte) bool {
	if len(text) < 8 || len(text) > 60 {
		return false
	}
	for _, c := range text {
		if c == '-' || c == '/' || c == '.' || c == ' ' {
			return true
		}
	}
	return false
}

func isBoolean(text []byte) bool {
	if c := text[0] | 0x20; c != 't' && c != 'f' {
		return false
	}
	return bytes.EqualFold(text, []byte("true")) || bytes.EqualFold(text, []byte("false"))
}

func isMoment(i int, text []byte) bool {
	_, exact, ok := layouts[i].ParseExact(text)
	return ok && exact
}

// narrowNumbers removes the number formats that don't accept the text, and
// counts the digits for the others. It reports whether the counts may have
// changed.
func (e *Evidence) narrowNumbers(text []byte, json bool) bool {
	if e.Dead&numberBits == numberBits {
		return false
	}
	if c := text[0]; c-'0' > 9 && c != '-' && c != '.' && c != ',' {
		e.Dead |= numberBits
		return false
	}
	if plain, grew := e.narrowPlain(text); plain {
		return grew
	}
	var readings [formats]reading
	for i := range cell.NumberFormats {
		if e.Dead&(plainBit<<i) != 0 {
			continue
		}
		if !readings[i].read(&cell.NumberFormats[i], text) {
			e.Dead |= plainBit << i
			continue
		}
		e.Numbers[i].add(readings[i].plain, readings[i].numeral)
		if n := readings[i].numeral; !json && n.HasExponent && !n.Point && !n.SignedExponent && e.Exponent == nil {
			e.Exponent = e.witness(text, ExponentAmbiguous)
		}
	}
	e.compare(text, &readings)
	return true
}

// narrowPlain handles the numbers that all remaining formats parse alike. It
// returns false for others. grew reports whether the counts changed.
func (e *Evidence) narrowPlain(text []byte) (plain, grew bool) {
	n, ok := dataset.ScanNumeral(text)
	switch {
	case !ok || n.HasExponent || cell.IsCode(text):
		return false, false
	case !n.Point:
		if n.Negative && len(n.Whole) == 1 && n.Whole[0] == '0' {
			return false, false
		}
		before := e.Whole
		e.Whole.add(text, n)
		return true, e.Whole != before
	case e.Dead&pointGroupBit == 0:
		return false, false // 1.234 may be 1234
	}
	e.Dead |= commaBits
	before := e.Pointed
	e.Pointed.add(text, n)
	return true, e.Pointed != before
}

// numbersOf returns the evidence from the numbers of a format.
func (e *Evidence) numbersOf(format int) numbers {
	n := e.Numbers[format]
	n.merge(&e.Whole)
	if commaBits&(plainBit<<format) == 0 {
		n.merge(&e.Pointed)
	}
	return n
}

// compare records which of the formats that accept the text parse it as
// different numbers.
func (e *Evidence) compare(text []byte, readings *[formats]reading) {
	for i := range readings {
		for j := i + 1; j < formats; j++ {
			if e.Dead&(plainBit<<i|plainBit<<j) != 0 || bytes.Equal(readings[i].plain, readings[j].plain) {
				continue
			}
			e.Differ |= pairBit(i, j)
			if i > 0 && e.Separator == nil {
				e.Separator = e.witness(text, SeparatorAmbiguous)
			}
		}
	}
}

func pairBit(i, j int) uint64 { return 1 << (i*formats + j) }

// reading is a text read in one number format.
type reading struct {
	buffer  [48]byte
	plain   []byte
	numeral dataset.Numeral
}

func (r *reading) read(f *cell.NumberFormat, text []byte) bool {
	plain, ok := f.AppendPlain(r.buffer[:0], text)
	if !ok || cell.IsCode(plain) {
		return false
	}
	r.plain = plain
	r.numeral, ok = dataset.ScanNumeral(plain)
	return ok
}

// add counts the digits of a plain number.
func (n *numbers) add(plain []byte, numeral dataset.Numeral) {
	before, after := numeral.Digits()
	n.Before, n.After = max(n.Before, before), max(n.After, after)
	n.Backed = n.Backed || numeral.Point || numeral.SignedExponent
	negativeZero := numeral.Negative && before == 0 && !numeral.Point
	if whole := !numeral.Point && !numeral.HasExponent && !negativeZero; !whole {
		n.Fractional = true
	} else if before >= 19 {
		_, fits := cell.ParseInteger(plain)
		n.Wide = n.Wide || !fits
	}
	n.Inexact = n.Inexact || !cell.IsExactDouble(plain, numeral)
}

// kind returns the type that accepts the numbers, or an empty one if none does.
func (n numbers) kind() dataset.Column {
	switch {
	case !n.Fractional && !n.Wide:
		return dataset.Column{Type: dataset.Integer}
	case n.Fractional && !n.Inexact:
		return dataset.Column{Type: dataset.Number}
	case n.Before+n.After <= dataset.MaxPrecision:
		return dataset.Column{Type: dataset.Decimal, Precision: max(1, n.Before+n.After), Scale: n.After}
	}
	return dataset.Column{}
}

// Merge adds the evidence of later values of the same column.
func (e *Evidence) Merge(later *Evidence) {
	e.mergeKnown(&later)
	if later.Values+later.Empty+later.Nulls+later.Markers == 0 {
		if e.Known.Type == "" {
			e.Known = later.Known
		}
		return
	}
	e.Values += later.Values
	e.Empty += later.Empty
	e.Nulls += later.Nulls
	e.Markers += later.Markers
	for i := range e.Kinds {
		e.Kinds[i] += later.Kinds[i]
	}
	if e.Known.Type == "" {
		e.Known = later.Known
	}
	if later.Values == 0 {
		return
	}
	before := e.Dead
	e.Dead |= later.Dead
	e.Differ |= later.Differ
	for i := range e.Numbers {
		e.Numbers[i].merge(&later.Numbers[i])
	}
	e.Whole.merge(&later.Whole)
	e.Pointed.merge(&later.Pointed)
	e.First = firstOf(e.First, later.First)
	e.Exponent = firstOf(e.Exponent, later.Exponent)
	e.Separator = firstOf(e.Separator, later.Separator)
	e.mergeFailed(later, before)
}

// mergeFailed finds the text that left no candidate. If each part has
// candidates and both together have none, it is the first text of the later
// part.
func (e *Evidence) mergeFailed(later *Evidence, before uint64) {
	switch {
	case e.viable():
		e.Failed = nil
	case e.Failed != nil:
	case later.Failed != nil:
		e.Failed = later.Failed
	case later.First != nil:
		failed := *later.First
		failed.Why = e.whyFailed([]byte(failed.Text), before)
		e.Failed = &failed
	}
}

func firstOf(a, b *Witness) *Witness {
	if a != nil {
		return a
	}
	return b
}

func (n *numbers) merge(later *numbers) {
	n.Fractional = n.Fractional || later.Fractional
	n.Wide = n.Wide || later.Wide
	n.Inexact = n.Inexact || later.Inexact
	n.Backed = n.Backed || later.Backed
	n.Before, n.After = max(n.Before, later.Before), max(n.After, later.After)
}

// Repeat counts the evidence n times.
func (e *Evidence) Repeat(n int64) {
	e.Values, e.Empty, e.Nulls, e.Markers = e.Values*n, e.Empty*n, e.Nulls*n, e.Markers*n
}

// In names the object of all witnesses that do not name one.
func (e *Evidence) In(object string) {
	for _, w := range []*Witness{e.First, e.Failed, e.Exponent, e.Separator} {
		if w != nil && w.Object == "" {
			w.Object = object
		}
	}
}
