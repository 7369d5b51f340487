// Package dataset says what a dataset is: its columns and their types, its
// unique index, and the batches in which its rows travel.
package dataset

import (
	"strings"
	"time"
)

// Dataset is a named, typed table of a workspace.
type Dataset struct {
	ID          string // "ds_…"; never changes, and names the table in the engine
	Workspace   string // workspace ID
	Name        string // letters, digits and underscores; unique in the workspace whatever the case
	Title       string
	Description string
	Schema      Schema
	CreatedAt   time.Time
	UpdatedAt   time.Time
	RemovedAt   time.Time // zero unless removed
}

// Schema is the columns in file order and the index over them.
type Schema struct {
	Columns []Column `json:"columns"`
	Index   Index    `json:"index"`
}

// Column is one column.
type Column struct {
	Name        string `json:"name"` // as the file spells it: any text without control characters, at most 255 bytes
	Type        Type   `json:"type"`
	Format      string `json:"format,omitempty"` // for Date and DateTime: how the source writes it; see tabular
	Required    bool   `json:"required"`         // a row without it is rejected
	AllowNull   bool   `json:"allow_null"`       // a null is kept, not rejected
	Description string `json:"description,omitempty"`
}

// Type is a column's type.
type Type string

// The types, after the platform's own (with date-time told apart from date).
const (
	String   Type = "string"
	Integer  Type = "integer"   // 64 bits, signed
	Number   Type = "number"    // IEEE 754 double
	Boolean  Type = "boolean"   // true, false; in text also 1 and 0
	Date     Type = "date"      // a day, no zone
	DateTime Type = "date-time" // a moment, UTC, microseconds
	Object   Type = "object"    // JSON text
	Array    Type = "array"     // JSON text
	Any      Type = "any"       // JSON text of any type
)

// Index names the columns by which rows are looked up and told apart. Each
// name is empty when the index has no such part.
type Index struct {
	Key    string `json:"key,omitempty"`
	Subkey string `json:"subkey,omitempty"`
	Date   string `json:"date,omitempty"`
	// Unique says that two rows with equal parts are duplicates, of which a
	// load keeps one. Where it is false every row is kept.
	Unique bool `json:"unique"`
	// Guessed says that nobody chose the index: it was inferred. The first
	// load of a guessed index finds out whether it is unique; no row is
	// dropped for a guess.
	Guessed bool   `json:"guessed"`
	Reason  string `json:"reason,omitempty"` // why it was guessed so, one sentence
}

// Column finds a column by its exact name.
func (s *Schema) Column(name string) (Column, int, bool) {
	for i, c := range s.Columns {
		if c.Name == name {
			return c, i, true
		}
	}
	return Column{}, -1, false
}

// SameName says whether two dataset names are the same name: case does not
// count.
func SameName(a, b string) bool { return strings.EqualFold(a, b) }
