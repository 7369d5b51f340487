package shape

import (
	"github.com/windlass-io/windlass/internal/problem"
)

// Mapping selects and renames the columns of an object. Nil changes nothing. It is
// safe for concurrent use.
type Mapping struct {
	targets map[string]string // by the object's name
	drop    bool
	// Paths has the columns with a JSONPath.
	Paths []PathColumn
}

// PathColumn is a column that is found by a JSONPath.
type PathColumn struct {
	Path Path
	Name string
}

// Mapping returns how the columns of objects are selected and renamed.
func (c *Columns) Mapping() *Mapping {
	if len(c.Columns) == 0 {
		return nil
	}
	m := &Mapping{targets: map[string]string{}, drop: c.Rest == Drop}
	for i := range c.Columns {
		column := &c.Columns[i]
		if column.IsPath() {
			if path, err := ParsePath(column.From); err == nil {
				m.Paths = append(m.Paths, PathColumn{path, column.Target()})
			}
		}
		m.targets[column.From] = column.Target()
	}
	return m
}

// Name returns the name of an object's column in the dataset. It returns false for
// one that isn't loaded.
func (m *Mapping) Name(of string) (string, bool) {
	if m == nil {
		return of, true
	}
	if target, ok := m.targets[of]; ok {
		return target, true
	}
	return of, !m.drop
}

// Names returns the names of an object's columns in the dataset, empty for those that
// aren't loaded. If two have the same name, the error is a problem.
func (m *Mapping) Names(of []string) ([]string, error) {
	if m == nil {
		return of, nil
	}
	names, first := make([]string, len(of)), map[string]string{}
	for i, from := range of {
		name, ok := m.Name(from)
		if !ok {
			continue
		}
		if before, twice := first[name]; twice {
			return nil, problem.New(problem.Invalid, "The columns %q and %q of the file both become %q.", before, from,
				name).WithHint("Choose another name in the columns of the feed, or drop the rest.")
		}
		names[i], first[name] = name, from
	}
	return names, nil
}

// Sources returns the names by which an object may name a column of the dataset.
func (m *Mapping) Sources(column string) []string {
	if m == nil {
		return []string{column}
	}
	var sources []string
	for from, target := range m.targets {
		if target == column {
			sources = append(sources, from)
		}
	}
	if _, mapped := m.targets[column]; !mapped && !m.drop {
		sources = append(sources, column)
	}
	return sources
}
