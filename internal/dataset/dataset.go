// Package dataset defines datasets: their columns and types, their unique
// index, and the batches that carry their rows.
package dataset

import (
	"fmt"
	"time"
)

// Dataset is a named, typed table of a workspace.
type Dataset struct {
	ID          string // "ds_…"; never changes, and names the table in the engine
	Workspace   string // workspace ID
	Name        string // letters, digits and underscores; unique in the workspace, ignoring case
	Title       string
	Description string
	Schema      Schema
	Version     int64 // of the schema; increases with every change, also by loads
	CreatedAt   time.Time
	UpdatedAt   time.Time
	RemovedAt   time.Time // zero unless removed
	// View is set for views, whose ID is "view_…" and whose rows are the result of
	// a statement. It is nil for datasets with their own rows.
	View *View
}

// Kind returns "view" for a view, else "dataset".
func (d *Dataset) Kind() string {
	if d.View != nil {
		return "view"
	}
	return "dataset"
}

// Schema has the columns, in file order, and the index.
type Schema struct {
	Columns []Column `json:"columns"`
	Index   Index    `json:"index"`
	// Renamed maps the former names of columns, which files may still use, to
	// the current ones.
	Renamed map[string]string `json:"renamed,omitempty"`
	// Dropped are columns that were removed. Files may have them; they are ignored.
	Dropped []Dropped `json:"dropped,omitempty"`
	// Layout increases with every change of the schema by a person. Rows are
	// read with the schema of the layout that they were written with.
	Layout int64 `json:"layout,omitempty"`
}

// Dropped is a column that was removed.
type Dropped struct {
	Name string `json:"name,omitempty"` // empty if another column has the name now
	// Place is the column's place in files without names, from 0; -1 for none.
	Place int `json:"place"`
}

// Column is one column.
type Column struct {
	Name        string `json:"name"` // as the file spells it: any text without control characters, at most 255 bytes
	Type        Type   `json:"type"`
	Precision   int    `json:"precision,omitempty"` // of a Decimal: its digits, 1 to MaxPrecision
	Scale       int    `json:"scale,omitempty"`     // of a Decimal: its number of fractional digits
	Format      string `json:"format,omitempty"`    // for Date and DateTime: the format in the source; see package tabular
	Required    bool   `json:"required"`            // a row without it is rejected
	AllowNull   bool   `json:"allow_null"`          // a null is kept, not rejected
	Description string `json:"description,omitempty"`
	// Declared means that a person set the type. It never widens: a value that
	// does not fit is rejected.
	Declared bool `json:"declared,omitempty"`
}

// Type is a column's type.
type Type string

// The types. They follow the platform's own types, but distinguish date-time
// from date.
const (
	String   Type = "string"
	Integer  Type = "integer"   // 64 bits, signed
	Decimal  Type = "decimal"   // Column.Precision digits, Column.Scale of them fractional
	Number   Type = "number"    // IEEE 754 double
	Boolean  Type = "boolean"   // true, false; in text also 1 and 0
	Date     Type = "date"      // a day, no zone
	DateTime Type = "date-time" // a moment, UTC, microseconds
	Object   Type = "object"    // JSON text
	Array    Type = "array"     // JSON text
	Any      Type = "any"       // JSON text of any type
)

// TypeName returns the column's type in readable form, such as
// "decimal(19,2)".
func (c Column) TypeName() string {
	if c.Type == Decimal {
		return fmt.Sprintf("decimal(%d,%d)", c.Precision, c.Scale)
	}
	return string(c.Type)
}

// Index names the columns that identify a row. A name is empty if the index
// doesn't have this part.
type Index struct {
	Key    string `json:"key,omitempty"`
	Subkey string `json:"subkey,omitempty"`
	Date   string `json:"date,omitempty"`
	// Unique means that rows with equal parts are duplicates, of which a load
	// keeps one. Otherwise every row is kept, as with any guessed index.
	Unique bool `json:"unique"`
	// Guessed means that the index was inferred: it is used for lookups and
	// order, and never drops a row.
	Guessed bool `json:"guessed"`
	// Distinct means that no two rows so far have the same parts. It is only
	// set for guessed indexes, and suggests declaring the index.
	Distinct bool   `json:"distinct,omitempty"`
	Reason   string `json:"reason,omitempty"` // why it was guessed, one sentence
}

// Column returns the column with this exact name, and its place.
func (s *Schema) Column(name string) (Column, int, bool) {
	for i, c := range s.Columns {
		if c.Name == name {
			return c, i, true
		}
	}
	return Column{}, -1, false
}
