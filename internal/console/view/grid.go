package view

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/windlass-io/windlass/internal/dataset"
)

// Grid shows rows as a table that scrolls in its own box.
type Grid struct {
	Label   string // of the region
	Columns []GridColumn
	Rows    []GridRow
}

// GridColumn is a column of a grid.
type GridColumn struct {
	Name, Type string
	Part       string // of the index; empty: none
	Sorted     string // a value of aria-sort; empty: not sorted by it
	SortPath   string // sorts by it, or reverses the order; empty: not sortable
}

// GridRow is a row of a grid.
type GridRow struct {
	Number  int64
	Path    string // shows all of the row; empty: no such page
	Current bool
	Cells   []Cell
}

// Cell is a value of a row.
type Cell struct {
	Text string
	Kind string // null, empty, number, or empty for text
	Raw  string // the full text to copy, if Text is shortened
	Cut  bool
	// Right is true in a column of numbers.
	Right bool
}

// The limits of a cell.
const (
	maxCell = 200  // characters that are shown
	maxRaw  = 4096 // bytes that can be copied
)

// CellOf returns the cell of a JSON value. Its numbers must be decoded as
// json.Number.
func CellOf(value any, kind dataset.Type) Cell {
	switch v := value.(type) {
	case nil:
		return Cell{Text: "null", Kind: "null", Right: isNumeric(kind)}
	case string:
		return textCell(v, kind)
	case json.Number:
		return Cell{Text: v.String(), Kind: "number"}
	case bool:
		if v {
			return Cell{Text: "true"}
		}
		return Cell{Text: "false"}
	default:
		return textCell(jsonText(v), "")
	}
}

func textCell(text string, kind dataset.Type) Cell {
	if text == "" {
		return Cell{Text: `""`, Kind: "empty"}
	}
	c := Cell{Text: text}
	if isNumeric(kind) {
		c.Kind = "number"
	}
	if utf8.RuneCountInString(text) > maxCell {
		c.Text, c.Cut = string([]rune(text)[:maxCell])+"…", true
		c.Raw = strings.ToValidUTF8(text[:min(len(text), maxRaw)], "")
	}
	return c
}

// Copied returns the text for copying the cell.
func (c Cell) Copied() string {
	switch {
	case c.Kind == "null" || c.Kind == "empty":
		return ""
	case c.Cut:
		return c.Raw
	default:
		return c.Text
	}
}

// jsonText returns a value as JSON without HTML escapes.
func jsonText(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value) != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// Numeric reports whether the column's values are aligned as numbers.
func (c GridColumn) Numeric() bool {
	kind, _, _ := strings.Cut(c.Type, "(")
	return isNumeric(dataset.Type(kind))
}

func isNumeric(kind dataset.Type) bool {
	return kind == dataset.Integer || kind == dataset.Decimal || kind == dataset.Number
}
