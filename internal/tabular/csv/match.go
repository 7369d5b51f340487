package csv

import (
	"slices"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/tabular/cell"
)

// matching maps fields to columns.
type matching struct {
	columns []cell.Column
	fields  []int // for each field the column's number, or -1
	absent  []int // columns without a field
}

// match finds the column of each field.
func (t *Table) match(columns []cell.Column) (*matching, error) {
	m := &matching{columns: columns}
	for i, name := range t.Columns {
		to := t.placeOf(i)
		if t.HasNames() {
			to = slices.IndexFunc(columns, func(c cell.Column) bool { return c.Name == name && name != "" })
		}
		if to >= len(columns) {
			to = -1
		}
		m.fields = append(m.fields, to)
	}
	var missing []string
	for i, c := range columns {
		if slices.Contains(m.fields, i) {
			continue
		}
		m.absent = append(m.absent, i)
		if c.Needs() {
			missing = append(missing, c.Name)
		}
	}
	if missing == nil && len(m.absent) < len(columns) {
		return m, nil
	}
	if missing == nil {
		return nil, problem.New(problem.Invalid, "None of the file's columns (%s) is in the dataset.", cell.List(t.Columns)).
			WithHint("Load it into another dataset, or add a first line with the column names.")
	}
	return nil, problem.New(problem.Invalid, "Required columns are missing: %s. The file has %s.",
		cell.List(missing), cell.List(t.Columns)).
		WithHint("Add the columns to the file, or make them optional in the dataset's schema.")
}

// Ignored returns the columns of the file that have no column of the same name
// among these.
func (t *Table) Ignored(columns []cell.Column) []string {
	m, err := t.match(columns)
	if err != nil {
		return nil
	}
	var names []string
	for i, to := range m.fields {
		if to < 0 && t.Columns[i] != "" {
			names = append(names, t.Columns[i])
		}
	}
	return names
}

// Absent returns which of these columns the file doesn't have.
func (t *Table) Absent(columns []cell.Column) []string {
	m, err := t.match(columns)
	if err != nil {
		return nil
	}
	var names []string
	for _, i := range m.absent {
		names = append(names, columns[i].Name)
	}
	return names
}

// Lacks reports whether a column has no field, unless its fields come from files without
// names.
func (t *Table) Lacks(column string) bool {
	return !t.HasNames() || !slices.Contains(t.Columns, column)
}
