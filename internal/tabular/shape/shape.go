// Package shape maps the columns of objects to columns of a dataset, and defines
// the columns that are added: the origin of each row, and values from the keys of
// the objects.
//
//	object's columns → Mapping (select, rename) → dataset's columns
//	key, ETag, times, partitions → Added ────────┘
package shape

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
	"github.com/windlass-io/windlass/internal/tabular/infer"
)

// The limits of the lists.
const (
	MaxColumns    = 2000
	maxFromBytes  = 1024
	maxPartitions = 100
)

// Columns defines the columns of rows.
type Columns struct {
	Columns    []Column   `json:"columns,omitempty"`
	Rest       Rest       `json:"rest"` // the columns of objects that Columns doesn't list
	Metadata   []Metadata `json:"metadata,omitempty"`
	Partitions Partitions `json:"partitions"`
}

// Column selects a column of objects, names it, and declares its type.
type Column struct {
	From string `json:"from"` // a name, a member of JSON, or a JSONPath to one value
	Name string `json:"name,omitempty"`
	// Type declares the column; empty: it is guessed.
	Type      dataset.Type `json:"type,omitempty"`
	Precision int          `json:"precision,omitempty"`
	Scale     int          `json:"scale,omitempty"`
	Format    string       `json:"format,omitempty"`
}

// Rest defines what happens to columns that aren't listed.
type Rest string

// The ways to treat them.
const (
	Keep Rest = "keep"
	Drop Rest = "drop"
)

// Metadata adds a column with the origin of a row.
type Metadata struct {
	Name Field  `json:"name"`
	As   string `json:"as,omitempty"` // the column's name; empty: Name
}

// Field names the content of a metadata column.
type Field string

// The fields.
const (
	ObjectKey    Field = "object_key"
	RowNumber    Field = "row_number" // in the object, from 1
	LastModified Field = "last_modified"
	LoadTime     Field = "load_time"
	ETag         Field = "etag"
)

// Fields returns all fields of metadata.
func Fields() []Field { return []Field{ObjectKey, RowNumber, LastModified, LoadTime, ETag} }

// Default returns the columns of a new feed: those of the objects, and their
// partitions.
func Default() Columns { return Columns{Rest: Keep, Partitions: Partitions{Mode: Auto}} }

// Column returns the name of the metadata's column.
func (m *Metadata) Column() string { return cmp.Or(m.As, string(m.Name)) }

// IsPath reports whether the column is found by a JSONPath.
func (c *Column) IsPath() bool {
	return strings.HasPrefix(c.From, "$.") || strings.HasPrefix(c.From, "$[")
}

// Target returns the name of the dataset's column.
func (c *Column) Target() string { return cmp.Or(c.Name, c.From) }

// Declared returns the dataset's column that a type declares.
func (c *Column) Declared() dataset.Column {
	return dataset.Column{
		Name: c.Target(), Type: c.Type, Precision: c.Precision, Scale: c.Scale, Format: c.Format, AllowNull: true,
		Declared: true,
	}
}

// Listed returns the listed column with a name of the dataset.
func (c *Columns) Listed(target string) (Column, bool) {
	for i := range c.Columns {
		if c.Columns[i].Target() == target {
			return c.Columns[i], true
		}
	}
	return Column{}, false
}

// ListedIn is like Listed for a column of a schema, which may have been renamed
// since. The result has the current name.
func (c *Columns) ListedIn(schema *dataset.Schema, name string) (Column, bool) {
	for i := range c.Columns {
		if schema.CurrentName(c.Columns[i].Target()) == name {
			listed := c.Columns[i]
			listed.Name = name
			return listed, true
		}
	}
	return Column{}, false
}

// Declares reports whether the columns set the type of a column of the dataset.
func (c *Columns) Declares(name string) bool {
	listed, ok := c.Listed(name)
	return ok && listed.Type != "" ||
		slices.ContainsFunc(c.Metadata, func(m Metadata) bool { return m.Column() == name })
}

// Check validates the columns and returns the findings.
func (c *Columns) Check() []problem.Finding {
	var findings []problem.Finding
	add := func(path, format string, args ...any) {
		findings = append(findings, problem.Finding{Path: path, Message: fmt.Sprintf(format, args...)})
	}
	if len(c.Columns) > MaxColumns {
		add("columns", "has more than %d columns", MaxColumns)
		return findings
	}
	from, names := map[string]int{}, map[string]string{}
	name := func(path, name string) {
		if first, twice := names[strings.ToLower(name)]; twice {
			add(path, "has the name of %s, %q", first, name)
		} else if err := infer.CheckNames([]string{name}); err != nil || name != infer.Name(name, 0) {
			add(path, "%q is no name of a column: it is too long, or has control characters or blanks at its ends", name)
		}
		names[strings.ToLower(name)] = path
	}
	for i := range c.Columns {
		column, path := &c.Columns[i], fmt.Sprintf("columns[%d]", i)
		if column.From == "" || len(column.From) > maxFromBytes {
			add(path+".from", "must have 1 to %d bytes", maxFromBytes)
			continue
		}
		if first, twice := from[column.From]; twice {
			add(path+".from", "is that of columns[%d], too", first)
		}
		from[column.From] = i
		if column.IsPath() {
			if _, err := ParsePath(column.From); err != nil {
				add(path+".from", "%s", err)
			}
			if column.Name == "" {
				add(path+".name", "is missing: a JSONPath has no name of its own")
				continue
			}
		}
		name(path+".name", column.Target())
		if fault := column.typeFault(); fault != "" {
			add(path+".type", "%s", fault)
		}
	}
	switch {
	case c.Rest != Keep && c.Rest != Drop:
		add("rest", "must be keep or drop")
	case c.Rest == Drop && len(c.Columns) == 0:
		add("rest", "drop needs columns: no column would be loaded")
	}
	for i := range c.Metadata {
		path := fmt.Sprintf("metadata[%d]", i)
		if !slices.Contains(Fields(), c.Metadata[i].Name) {
			add(path+".name", "must be object_key, row_number, last_modified, load_time or etag")
			continue
		}
		name(path, c.Metadata[i].Column())
	}
	if len(c.Partitions.Names) > maxPartitions {
		add("partitions", "has more than %d names", maxPartitions)
		return findings
	}
	for i, partition := range c.Partitions.Names {
		name(fmt.Sprintf("partitions[%d]", i), partition)
	}
	return findings
}

// typeFault returns what is wrong with the type of a column.
func (c *Column) typeFault() string {
	if c.Type == "" {
		if c.Precision != 0 || c.Scale != 0 || c.Format != "" {
			return "is missing: a precision, a scale and a format need one"
		}
		return ""
	}
	schema := dataset.Schema{Columns: []dataset.Column{c.Declared()}}
	if err := dataset.CheckSchema(&schema); err != nil {
		found := problem.From(err)
		if len(found.Findings) > 0 {
			return found.Findings[0].Message
		}
		return found.Message
	}
	if _, err := cell.Compile(c.Declared(), false); err != nil {
		return err.Error()
	}
	return ""
}
