// Package infer guesses a schema from a sample of rows: the columns' types,
// and which of them make the index. It says why it guessed so.
//
// Columns of the index become required and not null; all others are neither.
package infer

import (
	"bytes"
	"hash/maphash"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Rows is how many rows a sample has, unless there are no more.
const Rows = 1000

// Sampler gathers what a sample shows. Hand it each row's values, then
// [Sampler.EndRow]; ask for [Sampler.Schema] at the end. It is used by one
// goroutine and keeps no value.
type Sampler struct {
	columns []*column
	names   map[string]int
	rows    int
	seed    maphash.Seed
}

// column is what was seen of one column.
type column struct {
	name       string
	known      dataset.Type // told by the file itself; empty when it is to be found out
	text       bool         // values came from a text file
	values     int          // that were not null, nor empty
	empty      int          // texts that were empty
	nulls      int
	kinds      [6]int // of JSON values
	fractional int    // JSON numbers that are no 64-bit integer
	candidates uint32 // bit i: every text so far is one of candidates[i]
	hashes     []uint64
}

// New makes an empty sampler.
func New() *Sampler {
	return &Sampler{names: map[string]int{}, seed: maphash.MakeSeed()}
}

// Column is the number of the column with this name; it is added when it is
// new.
func (s *Sampler) Column(name string) int {
	if i, ok := s.names[name]; ok {
		return i
	}
	s.names[name] = len(s.columns)
	s.columns = append(s.columns, &column{name: name, candidates: 1<<len(candidates) - 1})
	return len(s.columns) - 1
}

// Columns counts the columns seen so far.
func (s *Sampler) Columns() int { return len(s.columns) }

// Known adds a column whose type the file itself tells.
func (s *Sampler) Known(name string, t dataset.Type) int {
	i := s.Column(name)
	s.columns[i].known = t
	return i
}

// Text adds a field of a text file to the row.
func (s *Sampler) Text(i int, text []byte) {
	c := s.columns[i]
	c.text = true
	if len(bytes.TrimSpace(text)) == 0 {
		c.empty++
		return
	}
	c.values++
	c.narrow(text, allCandidates)
	s.hash(c, text)
}

// JSON adds a member of a JSON record to the row: its kind, its text, and for
// a string what it says.
func (s *Sampler) JSON(i int, kind cell.JSONKind, raw, text []byte) {
	c := s.columns[i]
	if kind == cell.JSONNull {
		c.nulls++
		return
	}
	c.values++
	c.kinds[kind]++
	switch kind {
	case cell.JSONNumber:
		if _, whole := cell.ParseInteger(raw); !whole {
			c.fractional++
		}
	case cell.JSONString:
		c.narrow(text, dateCandidates)
	default:
	}
	s.hash(c, raw)
}

// Value adds a value of a column that is known to the row; any bytes that
// tell values apart will do. Nil is null.
func (s *Sampler) Value(i int, value []byte) {
	c := s.columns[i]
	if value == nil {
		c.nulls++
		return
	}
	c.values++
	s.hash(c, value)
}

func (s *Sampler) hash(c *column, value []byte) {
	for len(c.hashes) < s.rows {
		c.hashes = append(c.hashes, 0)
	}
	c.hashes = append(c.hashes, maphash.Bytes(s.seed, value)|1)
}

// EndRow ends the row.
func (s *Sampler) EndRow() { s.rows++ }

// Rows counts the rows so far.
func (s *Sampler) Rows() int { return s.rows }

// Schema gives the guess. It fails when the names cannot be those of columns;
// see [CheckNames].
func (s *Sampler) Schema() (dataset.Schema, error) {
	if err := CheckNames(s.Names()); err != nil {
		return dataset.Schema{}, err
	}
	var schema dataset.Schema
	for _, c := range s.columns {
		t, format := c.guess()
		schema.Columns = append(schema.Columns, dataset.Column{Name: c.name, Type: t, Format: format, AllowNull: true})
	}
	schema.Index = s.index(schema.Columns)
	for i := range schema.Columns {
		c := &schema.Columns[i]
		if c.Name == schema.Index.Key || c.Name == schema.Index.Subkey || c.Name == schema.Index.Date {
			c.Required, c.AllowNull = true, false
		}
	}
	return schema, nil
}

// guess is the type of the column, and its format where it is a date.
func (c *column) guess() (dataset.Type, string) {
	switch {
	case c.known != "":
		return c.known, ""
	case c.text:
		return c.guessText()
	default:
		return c.guessJSON()
	}
}

func (c *column) guessText() (dataset.Type, string) {
	if c.values == 0 {
		return dataset.String, ""
	}
	return c.survivor()
}

func (c *column) guessJSON() (dataset.Type, string) {
	kind, several := cell.JSONNull, false
	for k, n := range c.kinds {
		if n > 0 {
			several = several || kind != cell.JSONNull
			kind = cell.JSONKind(k)
		}
	}
	if several {
		return dataset.Any, ""
	}
	switch kind {
	case cell.JSONBoolean:
		return dataset.Boolean, ""
	case cell.JSONNumber:
		if c.fractional > 0 {
			return dataset.Number, ""
		}
		return dataset.Integer, ""
	case cell.JSONString:
		return c.survivor()
	case cell.JSONObject:
		return dataset.Object, ""
	case cell.JSONArray:
		return dataset.Array, ""
	default:
		return dataset.Any, "" // nothing but nulls: whatever comes is kept
	}
}

// Names are the columns' names in the order in which they came.
func (s *Sampler) Names() []string {
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.name
	}
	return names
}
