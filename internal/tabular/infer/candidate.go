package infer

import (
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// candidate is a reading that all texts of a column may have.
type candidate struct {
	typ    dataset.Type // Number stands for integer, number and decimal
	format string
}

const formats = len(cell.NumberFormats)

// candidates is in order of preference: the first that accepts every text is
// the guess.
var candidates = append(numberCandidates(), []candidate{
	{dataset.Date, ""},
	{dataset.Date, "YYYY/M/D"},
	{dataset.Date, "MMM D[,] YYYY"},
	{dataset.Date, "MMMM D[,] YYYY"},
	{dataset.Date, "D MMM YYYY"},
	{dataset.Date, "D-MMM-YYYY"},
	{dataset.Date, "D.M.YYYY"},
	{dataset.Date, "M/D/YYYY"},
	{dataset.Date, "D/M/YYYY"},
	{dataset.Date, "M-D-YYYY"},
	{dataset.Date, "D-M-YYYY"},
	{dataset.DateTime, ""},
	{dataset.DateTime, "YYYY/M/D h:mm[:ss[.SSS]]"},
	{dataset.DateTime, "ddd, D MMM YYYY hh:mm:ss Z"},
	{dataset.DateTime, "DD/MMM/YYYY:hh:mm:ss Z"},
	{dataset.DateTime, "D.M.YYYY h:mm[:ss]"},
	{dataset.DateTime, "M/D/YYYY h:mm[:ss][ A]"},
	{dataset.DateTime, "D/M/YYYY h:mm[:ss][ A]"},
}...)

// mirrors has the pairs of formats that differ only in which of two numbers
// is the month.
var mirrors = map[string]string{
	"M/D/YYYY":               "D/M/YYYY",
	"M-D-YYYY":               "D-M-YYYY",
	"M/D/YYYY h:mm[:ss][ A]": "D/M/YYYY h:mm[:ss][ A]",
}

// numberCandidates returns booleans and one candidate for each number format.
func numberCandidates() []candidate {
	list := []candidate{{dataset.Boolean, ""}}
	for i, f := range cell.NumberFormats {
		if i == 0 {
			f.Example = ""
		}
		list = append(list, candidate{dataset.Number, f.Example})
	}
	return list
}

// Bits of candidates in Evidence.Dead.
const (
	booleanBit = uint64(1)
	plainBit   = uint64(2) // of the first number format
	firstDate  = 1 + formats
	numberBits = (uint64(1)<<formats - 1) << 1
)

var (
	allDead  = uint64(1)<<len(candidates) - 1
	dateBits = allDead &^ (numberBits | booleanBit)
)

// commaBits has the number formats with a decimal comma, and pointGroupBit
// the one with a point between groups.
var commaBits, pointGroupBit = func() (comma, group uint64) {
	for i, f := range cell.NumberFormats {
		if strings.HasSuffix(f.Example, ",5") {
			comma |= plainBit << i
		}
		if strings.HasPrefix(f.Example, "1.") {
			group |= plainBit << i
		}
	}
	return comma, group
}()

// otherNumbers returns the bits of all number formats but one; nil is every
// format.
func otherNumbers(f *cell.NumberFormat) uint64 {
	if f == nil {
		return 0
	}
	for i := range cell.NumberFormats {
		if cell.NumberFormats[i].Example == f.Example {
			return numberBits &^ (plainBit << i)
		}
	}
	return 0
}

// layouts has the compiled formats of candidates; nil for numbers.
var layouts = func() []*cell.Layout {
	list := make([]*cell.Layout, len(candidates))
	for i, c := range candidates {
		if c.typ == dataset.Date || c.typ == dataset.DateTime {
			layout, err := cell.ParseLayout(c.typ, c.format)
			if err != nil {
				panic(err) // a constant above is wrong
			}
			list[i] = layout
		}
	}
	return list
}()
