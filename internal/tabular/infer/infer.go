// Package infer guesses a schema from rows: the types of the columns, and which
// of them form the index. [Evidence] has what is known from the values of one
// column; a [Sampler] collects it for a table, and explains each guess.
package infer

import (
	"hash/maphash"

	"github.com/windlass-io/windlass/internal/dataset"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// Rows is the number of sampled rows of an object.
const Rows = 1000

// Sampler collects the evidence of a sample. Pass it the values of a row, then
// call [Sampler.EndRow]. One Sampler may see the samples of several objects. It
// stores no values. Use it from one goroutine.
type Sampler struct {
	columns []*column
	names   map[string]int
	rows    int
	seed    maphash.Seed

	settings cell.Settings
}

// column is the sample of one column.
type column struct {
	name     string
	evidence Evidence
	hashes   []uint64
}

// New returns an empty sampler.
func New() *Sampler {
	return &Sampler{names: map[string]int{}, seed: maphash.MakeSeed()}
}

// Use sets how the files of the sample are written.
func (s *Sampler) Use(settings cell.Settings) { s.settings = settings }

// Column returns the number of the column with this name. It adds a new one.
func (s *Sampler) Column(name string) int {
	if i, ok := s.names[name]; ok {
		return i
	}
	s.names[name] = len(s.columns)
	s.columns = append(s.columns, &column{name: name})
	return len(s.columns) - 1
}

// Columns returns the number of columns so far.
func (s *Sampler) Columns() int { return len(s.columns) }

// Forget removes the columns after the first n, those of an object without rows.
func (s *Sampler) Forget(n int) {
	for _, c := range s.columns[n:] {
		delete(s.names, c.name)
	}
	s.columns = s.columns[:n]
}

// Known adds a column whose type the file itself declares.
func (s *Sampler) Known(c dataset.Column) int {
	i := s.Column(c.Name)
	c.Name = ""
	s.columns[i].evidence.Known = c
	return i
}

// Text adds a field of a text file to the row.
func (s *Sampler) Text(i int, text []byte) {
	c := s.columns[i]
	before := c.evidence.Values
	c.evidence.TextOf(&s.settings, text, int64(s.rows)+1)
	if c.evidence.Values > before || len(text) > 0 {
		s.hash(c, text)
	}
}

// JSON adds a member of a JSON record to the row: its kind, its text, and for
// a string its content.
func (s *Sampler) JSON(i int, kind cell.JSONKind, raw, text []byte) {
	c := s.columns[i]
	c.evidence.JSON(kind, raw, text, int64(s.rows)+1)
	if kind != cell.JSONNull {
		s.hash(c, raw)
	}
}

// Word adds a text of a typed file to the row; see [Evidence.Word].
func (s *Sampler) Word(i int, text []byte) {
	s.columns[i].evidence.Word(text, int64(s.rows)+1)
	s.hash(s.columns[i], text)
}

// Value adds a value of a known column to the row, as bytes that differ for
// different values. Nil is null.
func (s *Sampler) Value(i int, value []byte) {
	c := s.columns[i]
	if value == nil {
		c.evidence.Nulls++
		return
	}
	c.evidence.Values++
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

// Rows returns the number of rows so far.
func (s *Sampler) Rows() int { return s.rows }

// In names the object of the rows since the last call, for the evidence.
func (s *Sampler) In(object string) {
	for _, c := range s.columns {
		c.evidence.In(object)
	}
}

// Evidence returns the evidence of a column, or nil if the sample doesn't
// have the column.
func (s *Sampler) Evidence(name string) *Evidence {
	if i, ok := s.names[name]; ok {
		return &s.columns[i].evidence
	}
	return nil
}

// Schema returns the guess. It fails if the names aren't valid for columns;
// see [CheckNames].
func (s *Sampler) Schema() (dataset.Schema, error) {
	if err := CheckNames(s.Names()); err != nil {
		return dataset.Schema{}, err
	}
	var schema dataset.Schema
	for _, c := range s.columns {
		guess := c.evidence.Guess()
		schema.Columns = append(schema.Columns, guess.Column(c.name))
	}
	schema.Index = s.index(schema.Columns)
	return schema, nil
}

// Column returns a column of this name with the guessed type.
func (g Guess) Column(name string) dataset.Column {
	return dataset.Column{
		Name: name, Type: g.Type, Precision: g.Precision, Scale: g.Scale, Format: g.Format,
		AllowNull: true,
	}
}

// Names returns the columns' names in the order of appearance.
func (s *Sampler) Names() []string {
	names := make([]string, len(s.columns))
	for i, c := range s.columns {
		names[i] = c.name
	}
	return names
}
