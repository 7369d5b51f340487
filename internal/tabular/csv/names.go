package csv

import (
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// SetNames sets the table's names of columns, or their places if it has no
// names. A former name counts if the table doesn't have the new one.
func (t *Table) SetNames(names dataset.Names) {
	t.places = names.Places
	if !t.HasNames() {
		return
	}
	names.Rename(t.Columns)
}

// HasNames reports whether fields are matched to columns by name: the table has a
// header, or its columns were named by place.
func (t *Table) HasNames() bool { return t.Dialect.Header || t.named }

// placeOf returns the column of a field in a table without names, or -1 if the
// column was dropped.
func (t *Table) placeOf(field int) int {
	if t.places == nil {
		return field
	}
	return slices.Index(t.places, field)
}
