package infer

import "github.com/windlass-io/windlass/internal/dataset"

// Stored has the evidence from the committed values of a dataset.
type Stored struct {
	Columns   []dataset.Column
	Committed bool                 // there are rows
	Evidence  map[string]*Evidence // by column; those without have [EvidenceOf] their type
}

// has reports whether the dataset has a column.
func (s *Stored) has(name string) bool {
	for i := range s.Columns {
		if s.Columns[i].Name == name {
			return true
		}
	}
	return false
}

// Of returns the evidence from a column's committed values.
func (s *Stored) Of(c dataset.Column) Evidence {
	if e := s.Evidence[c.Name]; e != nil {
		return *e
	}
	if s.Committed && s.has(c.Name) {
		return EvidenceOf(c)
	}
	return Evidence{}
}

// Final returns those of the columns that are guessed strings with rows, which never
// widen.
func (s *Stored) Final(columns []dataset.Column) []string {
	var names []string
	for _, c := range columns {
		e := s.Of(c)
		if g := e.Guess(); s.Committed && !c.Declared && c.Type == dataset.String && g.Final() {
			names = append(names, c.Name)
		}
	}
	return names
}

// WithoutValues returns the stored strings whose texts are all empty or null markers.
func (s *Stored) WithoutValues() []string {
	var names []string
	for _, c := range s.Columns {
		e := s.Of(c)
		if g := e.Guess(); c.Type == dataset.String && !g.Final() {
			names = append(names, c.Name)
		}
	}
	return names
}

// Widen returns a column with the type that takes all its values: the committed ones
// and new ones, which all has together.
func (s *Stored) Widen(c dataset.Column, all *Evidence) dataset.Column {
	isStored := s.has(c.Name)
	before := s.Of(c)
	g := before.Guess()
	wide := all.Widen(c, s.Committed && isStored && g.Final())
	if c.Type == dataset.String && wide.Type != c.Type && s.Committed && isStored {
		switch wide.Type {
		case dataset.Object, dataset.Array, dataset.Any: // empty texts are stored, and they aren't JSON
			return c
		default:
		}
	}
	return wide
}
