package dataset

import "slices"

// Names are where the columns of a schema are in files.
type Names struct {
	Renamed map[string]string // former names of columns, by which files may name them
	Places  []int             // of each column in files without names; nil: as they are listed
}

// Names returns where the columns are in files.
func (s *Schema) Names() Names {
	n := Names{Renamed: s.Renamed}
	if len(s.Dropped) > 0 {
		n.Places = s.FilePlaces()
	}
	return n
}

// FilePlaces returns the place of each column in files without names, which still
// have the columns that were dropped.
func (s *Schema) FilePlaces() []int {
	places := make([]int, len(s.Columns))
	at := 0
	for i := range places {
		for slices.ContainsFunc(s.Dropped, func(d Dropped) bool { return d.Place == at }) {
			at++
		}
		places[i] = at
		at++
	}
	return places
}
