package infer

import (
	"bytes"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// candidate is a type that a column of texts may have.
type candidate struct {
	typ    dataset.Type
	format string
}

// candidates are in order of preference: of those that take every text of the
// sample, the first is the guess.
var candidates = [...]candidate{
	{dataset.Boolean, ""},
	{dataset.Integer, ""},
	{dataset.Number, ""},
	{dataset.Date, ""},
	{dataset.Date, "YYYY/M/D"},
	{dataset.Date, "MMM D[,] YYYY"},
	{dataset.Date, "MMMM D[,] YYYY"},
	{dataset.Date, "D MMM YYYY"},
	{dataset.Date, "D-MMM-YYYY"},
	{dataset.Date, "D.M.YYYY"},
	{dataset.Date, monthFirst},
	{dataset.Date, dayFirst},
	{dataset.DateTime, ""},
	{dataset.DateTime, "YYYY/M/D h:mm[:ss[.SSS]]"},
	{dataset.DateTime, "MMM D[,] YYYY h:mm[:ss][ A]"},
	{dataset.DateTime, "ddd, D MMM YYYY hh:mm:ss Z"},
	{dataset.DateTime, "DD/MMM/YYYY:hh:mm:ss Z"},
	{dataset.DateTime, "D.M.YYYY h:mm[:ss]"},
	{dataset.DateTime, monthFirst + clock},
	{dataset.DateTime, dayFirst + clock},
}

const (
	monthFirst = "M/D/YYYY"
	dayFirst   = "D/M/YYYY"
	clock      = " h:mm[:ss][ A]"
)

const (
	allCandidates  uint32 = 1<<len(candidates) - 1
	dateCandidates uint32 = allCandidates &^ 0b111
)

// layouts are the compiled formats of candidates; nil for the numbers.
var layouts = func() (l [len(candidates)]*cell.Layout) {
	for i, c := range candidates {
		if c.typ == dataset.Date || c.typ == dataset.DateTime {
			layout, err := cell.ParseLayout(c.typ, c.format)
			if err != nil {
				panic(err) // a constant above is wrong
			}
			l[i] = layout
		}
	}
	return l
}()

// narrow strikes out what the text is not.
func (c *column) narrow(text []byte, allowed uint32) {
	c.candidates &= allowed
	text = bytes.TrimSpace(text)
	for i := range candidates {
		if bit := uint32(1) << i; c.candidates&bit != 0 && !fits(i, text) {
			c.candidates &^= bit
		}
	}
}

func fits(i int, text []byte) bool {
	switch candidates[i].typ {
	case dataset.Boolean:
		return bytes.EqualFold(text, []byte("true")) || bytes.EqualFold(text, []byte("false"))
	case dataset.Integer:
		_, ok := cell.ParseInteger(text)
		return ok && !coded(text)
	case dataset.Number:
		_, ok := cell.ParseNumber(text)
		return ok && !coded(text)
	default:
		_, ok := layouts[i].Parse(text)
		return ok
	}
}

// coded says whether a number is more likely a code, of which a digit would be
// lost: "00501", "+4930123", or whole numbers of more than 64 bits.
func coded(text []byte) bool {
	if text[0] == '+' {
		return true
	}
	digits := bytes.TrimPrefix(text, []byte("-"))
	if len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return true
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			return false
		}
	}
	_, ok := cell.ParseInteger(text)
	return !ok
}

// survivor is the first candidate that is left. Where days and months cannot
// be told apart the column stays a string: half of the dates would be wrong
// and nobody would see it.
func (c *column) survivor() (dataset.Type, string) {
	left := c.candidates
	for i := range candidates {
		if left&(1<<i) == 0 {
			continue
		}
		for j := i + 1; j < len(candidates); j++ {
			if left&(1<<j) != 0 && mirrored(candidates[i], candidates[j]) {
				return dataset.String, ""
			}
		}
		return candidates[i].typ, candidates[i].format
	}
	return dataset.String, ""
}

func mirrored(a, b candidate) bool {
	return a.format == monthFirst && b.format == dayFirst || a.format == monthFirst+clock && b.format == dayFirst+clock
}
