package xlsx

import (
	"slices"
	"strconv"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// layout finds where the table begins, and its columns.
func (f *File) layout(rows []row) error {
	f.Skipped = f.preamble(rows)
	for len(rows) > 0 && rows[0].number <= int64(f.Skipped) {
		rows = rows[1:]
	}
	if !slices.ContainsFunc(rows, func(r row) bool { return r.filled() > 0 }) {
		return problem.New(problem.Invalid, "The sheet %q has no cells with values.", f.Sheet).
			WithHint("Set sheet in the source's format to another sheet.").WithReason("wrong_format")
	}
	for len(rows) > 1 && rows[0].filled() == 0 {
		rows = rows[1:]
	}
	f.Skipped = int(rows[0].number) - 1
	first := rows[0]
	if f.Header = isHeader(&first, rows[1:]); f.options.Header != nil {
		f.Header = *f.options.Header
	}
	width, filled := 0, map[int]bool{}
	for i := range rows {
		width = max(width, len(rows[i].cells))
		for place := range rows[i].cells {
			filled[place] = filled[place] || rows[i].cells[place].kind != cell.JSONNull
		}
	}
	var header []string
	for place := range width {
		if !filled[place] {
			continue
		}
		name := "column_" + strconv.Itoa(place+1)
		if f.Header {
			if v := first.at(place); v.kind != cell.JSONNull {
				name = string(v.text)
			}
		}
		header = append(header, name)
		f.cells = append(f.cells, place)
	}
	f.kept = f.cells
	f.Columns = infer.Names(header)
	return nil
}

// preamble returns the number of rows to skip: the declared number, else the
// leading rows of one cell, such as a title, before a table of several columns.
func (f *File) preamble(rows []row) int {
	if f.options.SkipLines != nil {
		return *f.options.SkipLines
	}
	several := 0
	for i := range rows {
		if len(rows[i].cells) > 1 {
			several++
		}
	}
	if several*2 <= len(rows) {
		return 0
	}
	for i := range rows {
		if rows[i].filled() > 1 {
			return int(rows[i].number) - 1
		}
	}
	return 0
}

// isHeader reports whether a row has names: only texts, or texts and increasing
// years. A row must follow it.
func isHeader(first *row, below []row) bool {
	texts := 0
	var before int
	for _, v := range first.cells {
		year, _ := strconv.Atoi(string(v.text))
		switch {
		case v.kind == cell.JSONNull:
		case v.word:
			texts++
		case v.kind == cell.JSONNumber && year >= 1900 && year <= 2100 && (before == 0 || year == before+1):
			before = year
		default:
			return false
		}
	}
	return texts > 0 && (len(below) > 0 || before == 0)
}
