package dataset

import "slices"

// Names maps the columns of a schema to those of files.
type Names struct {
	Renamed map[string]string // former names of columns, which files may use, to current ones
	Places  []int             // of each column in files without names; nil: as they are listed
}

// Rename replaces former names in a file's columns with the current ones, unless the
// file also has a column with the current name.
func (n Names) Rename(columns []string) {
	for i, name := range columns {
		if now, ok := n.Renamed[name]; ok && !slices.Contains(columns, now) {
			columns[i] = now
		}
	}
}

// Names returns the mapping from the columns to those of files.
func (s *Schema) Names() Names {
	n := Names{Renamed: s.Renamed}
	if len(s.Dropped) > 0 {
		n.Places = s.FilePlaces()
	}
	return n
}

// CurrentName returns the current name of a column, given that or a former name.
func (s *Schema) CurrentName(name string) string {
	if _, _, known := s.Column(name); known {
		return name
	}
	if now, ok := s.Renamed[name]; ok {
		return now
	}
	return name
}

// IsDropped reports whether a column with a name was removed.
func (s *Schema) IsDropped(name string) bool {
	return slices.ContainsFunc(s.Dropped, func(d Dropped) bool { return d.Name == name })
}

// NamesBeside is like Names for files that lack the columns for which lacks
// returns true.
func (s *Schema) NamesBeside(lacks func(column string) bool) Names {
	n := s.Names()
	if !slices.ContainsFunc(s.Columns, func(c Column) bool { return lacks(c.Name) }) {
		return n
	}
	n.Places = s.places(lacks)
	return n
}

// FilePlaces returns the place of each column in files without names, which still
// have the columns that were dropped.
func (s *Schema) FilePlaces() []int { return s.places(func(string) bool { return false }) }

// places returns the places of columns, -1 for those that files lack.
func (s *Schema) places(lacks func(column string) bool) []int {
	places := make([]int, len(s.Columns))
	at := 0
	for i := range places {
		if lacks(s.Columns[i].Name) {
			places[i] = -1
			continue
		}
		for slices.ContainsFunc(s.Dropped, func(d Dropped) bool { return d.Place == at }) {
			at++
		}
		places[i] = at
		at++
	}
	return places
}
