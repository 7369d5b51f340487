// Package alter changes the schema of a dataset that has rows.
//
//	operations → Plan → Report (a dry run) → the rows under the new schema
//
// All operations of a change apply or none. Readers see the rows and the schema
// before the change, or those after it. A row whose value doesn't convert moves
// to the rejected rows of the change, which are kept as a load of kind "change".
package alter

import (
	"github.com/windlass-io/windlass/internal/dataset"
)

// MaxOperations limits the operations of a change.
const MaxOperations = 1000

// MaxSamples limits the samples of each operation in a report.
const MaxSamples = 20

// Op is a kind of operation.
type Op string

// The operations.
const (
	Add    Op = "add"
	Drop   Op = "drop"
	Rename Op = "rename"
	Set    Op = "set"
	Index  Op = "index"
)

// Operation is one step of a change. Op determines which other members it has.
type Operation struct {
	Op     Op     `json:"op" enum:"add,drop,rename,set,index"`
	Column *Draft `json:"column,omitempty" doc:"For add: the new column."`
	Name   string `json:"name,omitempty" maxLength:"255" doc:"For drop, rename and set: the column."`
	To     string `json:"to,omitempty" maxLength:"255" doc:"For rename: the new name."`
	Settings
	Key    string `json:"key,omitempty" maxLength:"255" doc:"For index."`
	Subkey string `json:"subkey,omitempty" maxLength:"255" doc:"For index."`
	Date   string `json:"date,omitempty" maxLength:"255" doc:"For index."`
	Unique bool   `json:"unique,omitempty" doc:"For index: rows with equal index values are duplicates."`
	Keep   string `json:"keep,omitempty" enum:"first,last" doc:"For index: which of several rows with equal index values to keep; required if there are such rows."`
}

// Settings has the settings that the operation set changes. A nil field
// doesn't change.
type Settings struct {
	Type        *dataset.Type `json:"type,omitempty" enum:"string,integer,decimal,number,boolean,date,date-time,object,array,any"`
	Precision   *int          `json:"precision,omitempty" minimum:"1" maximum:"38"`
	Scale       *int          `json:"scale,omitempty" minimum:"0" maximum:"38"`
	Format      *string       `json:"format,omitempty" maxLength:"100"`
	Required    *bool         `json:"required,omitempty"`
	AllowNull   *bool         `json:"allow_null,omitempty"`
	Description *string       `json:"description,omitempty" maxLength:"1000"`
	Declared    *bool         `json:"declared,omitempty" doc:"Whether the type is fixed; false makes it a guess, which later loads may widen."`
}

// Draft is a new column.
type Draft struct {
	Name        string       `json:"name" maxLength:"255"`
	Type        dataset.Type `json:"type" enum:"string,integer,decimal,number,boolean,date,date-time,object,array,any"`
	Precision   int          `json:"precision,omitempty"`
	Scale       int          `json:"scale,omitempty"`
	Format      string       `json:"format,omitempty" maxLength:"100"`
	Required    bool         `json:"required,omitempty"`
	AllowNull   *bool        `json:"allow_null,omitempty" doc:"Default true."`
	Description string       `json:"description,omitempty" maxLength:"1000"`
	Default     *string      `json:"default,omitempty" maxLength:"65536" doc:"The value for existing rows, as a text file writes it. Without it, they get null."`
}

// Apply defines what happens to existing rows.
type Apply string

// The ways to apply a change.
const (
	Leave   Apply = "leave"   // they stay: each value must be valid under the new schema
	Convert Apply = "convert" // they are converted in place
)

// Report is the effect of a change on the rows.
type Report struct {
	Version    int64     `json:"version" doc:"Version of the schema: after the change, or the current one for a dry run."`
	Rows       int64     `json:"rows" doc:"Number of rows before the change."`
	Rejected   int64     `json:"rejected" doc:"Rows that move to the rejected rows of the change."`
	Operations []Outcome `json:"operations"`
	Duplicates int64     `json:"duplicates" doc:"Rows that are dropped because another row has the same unique index."`
	Change     string    `json:"change,omitempty" doc:"The change; absent for a dry run."`
	Load       string    `json:"load,omitempty" doc:"The load of kind change that has the rejected rows."`
}

// Outcome is the effect of one operation.
type Outcome struct {
	Op          Op       `json:"op"`
	Name        string   `json:"name,omitempty"`
	ApplyNeeded Apply    `json:"apply_needed" enum:"leave,convert"`
	Converts    int64    `json:"converts" doc:"Values that are converted."`
	Rejects     int64    `json:"rejects" doc:"Rows that the operation rejects."`
	Rounds      int64    `json:"rounds" doc:"Values that lose digits or a time of day."`
	Samples     []Sample `json:"samples"`

	ranked [3][]Sample // rejected, rounded, other
}

// Sample is a value that an operation changes or rejects.
type Sample struct {
	Key    string  `json:"key" doc:"Key of the row; empty if the index has no key."`
	From   *string `json:"from" doc:"The old value; null for a null."`
	To     *string `json:"to" doc:"The new value; null for a rejected value."`
	Reason string  `json:"reason,omitempty"`
}

// loses reports whether the change loses data and so needs consent.
func (r *Report) loses() bool {
	lost := r.Rejected > 0
	for i := range r.Operations {
		lost = lost || r.Operations[i].Rounds > 0
	}
	return lost
}

// needed returns the least invasive way to apply the change.
func (r *Report) needed() Apply {
	for i := range r.Operations {
		if r.Operations[i].ApplyNeeded == Convert {
			return Convert
		}
	}
	return Leave
}
