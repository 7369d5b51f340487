package dataset

import "time"

// SchemaChange is how a load changes the schema of its dataset.
type SchemaChange struct {
	DatasetID string
	Before    Schema // nothing is changed when the dataset has another by now
	After     Schema
	Evidence  []byte // what the values of all loads have shown; see infer.Evidence
	Drift     []Drift
	At        time.Time
}

// suggests reports whether a declared index is the one that this guess suggests:
// the same parts, of which no two rows have the same values.
func (i *Index) suggests(declared *Index) bool {
	return i.Guessed && i.Distinct && declared.Unique && i.HasParts(declared)
}

// HasParts reports whether two indexes have the same parts.
func (i *Index) HasParts(other *Index) bool {
	return i.Key == other.Key && i.Subkey == other.Subkey && i.Date == other.Date
}

// FitIndex removes the parts of a guessed index whose columns have, or have got,
// a type that an index can't have.
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

// Relax removes from a guessed schema what only a declared one may ask for: no
// guess makes a column required or drops a row.
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
