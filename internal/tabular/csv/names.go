package csv

import (
	"slices"

	"github.com/windlass-io/windlass/internal/dataset"
)

// SetNames sets how the table names columns, or where they are when it has no
// names. A former name counts when the table doesn't have the new one.
func (t *Table) SetNames(names dataset.Names) {
	t.places = names.Places
	if !t.HasNames() {
		return
	}
	names.Rename(t.Columns)
}

// HasNames reports whether fields go to columns by name: the table has a header, or
// its columns were named by their places.
func (t *Table) HasNames() bool { return t.Dialect.Header || t.named }

// placeOf returns the column of a field of a table without names; -1 when it has
// none any more.
func (t *Table) placeOf(field int) int {
	if t.places == nil {
		return field
	}
	return slices.Index(t.places, field)
}
