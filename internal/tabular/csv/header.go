package csv

import (
	"strconv"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// name finds whether the first record has the columns' names. named means that
// a comment does, and that all records are rows.
func (f *finding) name(s *sniffer, records []record, named bool) {
	if s.Trailing != nil {
		f.Trailing = *s.Trailing
	}
	if named {
		f.Header, f.reasons.Header = true, AllText
	} else if len(records) > 0 {
		f.Header, f.reasons.Header = f.vote(s, records)
	} else {
		f.Header, f.reasons.Header = true, NoRows
	}
	if s.Header != nil {
		f.Header = *s.Header
	}
}

// vote counts a vote for each column by its values below the first record: for a
// header if a typed column wouldn't accept its first field, and against if it
// would. Strings, empty names and years that count up don't vote.
func (f *finding) vote(s *sniffer, records []record) (bool, Why) {
	first := records[0].values
	if n := len(first); f.Trailing && n > 1 && len(first[n-1]) == 0 {
		first = first[:n-1]
	}
	years := yearsOf(first)
	below := columnsBelow(s, records, len(first))
	if below == nil {
		return !anyTyped(s, first, make([]bool, len(first)), true), NoRows
	}
	pro, contra := 0, 0
	for i, e := range below {
		if g := e.Guess(); g.Type == dataset.String || years[i] || len(first[i]) == 0 {
			continue
		}
		e.TextOf(&s.Settings, first[i], 1)
		if g := e.Guess(); g.Type == dataset.String {
			pro++
		} else {
			contra++
		}
	}
	switch {
	case pro+contra > 0 && pro >= contra:
		return true, TypedBelow
	case pro+contra > 0, anyTyped(s, first, years, false):
		return false, FirstRowTyped
	case hasTrue(years):
		return true, Years
	}
	return true, AllText
}

// columnsBelow returns the evidence of the values below the first record, or
// nil if there are none.
func columnsBelow(s *sniffer, records []record, width int) []*infer.Evidence {
	var below []*infer.Evidence
	for i := 1; i < len(records); i++ {
		values := records[i].values
		if n := len(values); n == width+1 && len(values[n-1]) == 0 {
			values = values[:width]
		}
		if records[i].broken || len(values) != width {
			continue
		}
		if below == nil {
			below = make([]*infer.Evidence, width)
			for j := range below {
				below[j] = &infer.Evidence{}
			}
		}
		for j, value := range values {
			below[j].TextOf(&s.Settings, value, int64(i)+1)
		}
	}
	return below
}

// anyTyped reports whether a field of the first record has a type. With strict,
// an empty field and a null marker count as typed, too.
func anyTyped(s *sniffer, first [][]byte, except []bool, strict bool) bool {
	for i, field := range first {
		if except[i] {
			continue
		}
		e := infer.Evidence{}
		e.TextOf(&s.Settings, field, 1)
		g := e.Guess()
		if g.Type != dataset.String || strict && g.Why != infer.AllFit && e.Values == 0 {
			return true
		}
	}
	return false
}

// yearsOf finds the fields that are years of a row of years that count up.
func yearsOf(first [][]byte) []bool {
	years := make([]bool, len(first))
	for i := 1; i < len(first); i++ {
		if before, year := yearOf(first[i-1]), yearOf(first[i]); before > 0 && year == before+1 {
			years[i-1], years[i] = true, true
		}
	}
	return years
}

// yearOf returns field as a year from 1900 to 2100, else 0.
func yearOf(field []byte) int {
	if len(field) != 4 || cell.IsCode(field) {
		return 0
	}
	n, err := strconv.Atoi(string(field))
	if err != nil || n < 1900 || n > 2100 {
		return 0
	}
	return n
}

func hasTrue(list []bool) bool {
	for _, b := range list {
		if b {
			return true
		}
	}
	return false
}
