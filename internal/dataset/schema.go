package dataset

import "time"

// SchemaChange is a load's change to the schema of its dataset.
type SchemaChange struct {
	DatasetID string
	Before    Schema // the change fails if the dataset has another schema by now
	After     Schema
	Evidence  []byte // evidence from the values of all loads; see infer.Evidence
	Drift     []Drift
	At        time.Time
}

// suggests reports whether a declared index is the one that this guess suggests:
// it has the same parts, and no two rows have equal values in them.
func (i *Index) suggests(declared *Index) bool {
	return i.Guessed && i.Distinct && declared.Unique && i.HasParts(declared)
}

// HasParts reports whether two indexes have the same parts.
func (i *Index) HasParts(other *Index) bool {
	return i.Key == other.Key && i.Subkey == other.Subkey && i.Date == other.Date
}

// HasColumn reports whether a column is a part of the index.
func (i *Index) HasColumn(name string) bool {
	return name != "" && (i.Key == name || i.Subkey == name || i.Date == name)
}

// FitIndex removes the parts of a guessed index whose columns have a type that
// an index can't have.
func (s *Schema) FitIndex() {
	isDate := func(t Type) bool { return t == Date || t == DateTime }
	isKey := func(t Type) bool { return t == String || t == Integer || t == Decimal || isDate(t) }
	fits := func(name string, fits func(Type) bool) bool {
		c, _, ok := s.Column(name)
		return ok && fits(c.Type)
	}
	if !fits(s.Index.Date, isDate) {
		s.Index.Date = ""
	}
	if !fits(s.Index.Key, isKey) {
		s.Index.Key, s.Index.Subkey = "", ""
	}
	if !fits(s.Index.Subkey, isKey) {
		s.Index.Subkey = ""
	}
}

// Relax removes from a guessed schema what only a declared one may require, so
// that a guess never makes a column required and never drops a row.
func (s *Schema) Relax() {
	if !s.Index.Guessed {
		return
	}
	s.Index.Unique = false
	for i := range s.Columns {
		if c := &s.Columns[i]; !c.Declared {
			c.Required, c.AllowNull = false, true
		}
	}
}
